package io.outlay.streams.dedupe;

import java.nio.ByteBuffer;

/**
 * Ids that were first seen between two commits, as one value: a version byte, the append time of
 * the newest (8 bytes), then per id 16 bytes and its offset (8 bytes), all big endian. One write a
 * commit instead of one per event.
 */
public final class IdBlock {
  private static final byte VERSION = 1;
  private static final int HEADER = 1 + Long.BYTES;
  private static final int ENTRY = 3 * Long.BYTES;
  private static final int INITIAL_ENTRIES = 256;

  /** 720,001 bytes: Kafka takes no record of more than 1 MiB. */
  static final int MOST_IDS = 30_000;

  private ByteBuffer pending = ByteBuffer.allocate(HEADER + INITIAL_ENTRIES * ENTRY);
  private long firstOffset = -1;
  private long newestMillis;

  /** An empty block. */
  public IdBlock() {
    pending.position(HEADER);
  }

  /**
   * Takes an id.
   *
   * @throws IllegalStateException if the block is full
   */
  public void add(long high, long low, long offset, long timeMillis) {
    if (isFull()) {
      throw new IllegalStateException("a block holds " + MOST_IDS + " ids");
    }
    if (pending.remaining() < ENTRY) {
      ByteBuffer larger = ByteBuffer.allocate(pending.capacity() * 2);
      larger.put(pending.flip());
      pending = larger;
    }
    if (firstOffset < 0) {
      firstOffset = offset;
    }
    newestMillis = Math.max(newestMillis, timeMillis);
    pending.putLong(high).putLong(low).putLong(offset);
  }

  /** Whether the block has to be drained before another id is taken. */
  public boolean isFull() {
    return pending.position() >= HEADER + MOST_IDS * ENTRY;
  }

  /** Whether no id was taken. */
  public boolean isEmpty() {
    return firstOffset < 0;
  }

  /** Key of the block: append time of the newest id, then offset of the first; sorts by time. */
  public byte[] key() {
    return key(newestMillis, firstOffset);
  }

  /** A key that sorts before all blocks of a time. */
  public static byte[] key(long millis, long offset) {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(millis).putLong(offset).array();
  }

  /** The block as a value; the block is empty afterwards. */
  public byte[] drain() {
    pending.put(0, VERSION).putLong(1, newestMillis);
    byte[] value = new byte[pending.position()];
    System.arraycopy(pending.array(), 0, value, 0, value.length);
    pending.clear().position(HEADER);
    firstOffset = -1;
    newestMillis = 0;
    return value;
  }

  /**
   * Puts the ids of a stored block into a table.
   *
   * @throws IllegalArgumentException if the value is no block of a known version
   */
  public static void restore(byte[] value, SeenIds into) {
    ByteBuffer block = ByteBuffer.wrap(value);
    if (value.length < HEADER || block.get() != VERSION || (value.length - HEADER) % ENTRY != 0) {
      throw new IllegalArgumentException("not a block of ids: " + value.length + " bytes");
    }
    long millis = block.getLong();
    while (block.hasRemaining()) {
      into.restore(block.getLong(), block.getLong(), block.getLong(), millis);
    }
  }
}
