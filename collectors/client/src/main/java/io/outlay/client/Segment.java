package io.outlay.client;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of the spool. A header of 24 bytes: the magic number {@code OUTLAYS1}, up to where all
 * is settled (eight bytes) and the CRC-32C of that (four bytes), four bytes of nothing. Then
 * records: marker, length and CRC-32C of the payload (four bytes each, big endian), then the
 * payload: the id's length in two bytes, the id, the event's JSON.
 *
 * <p>Files are read and written through {@link RandomAccessFile}, never a channel: an interrupted
 * thread would close a channel under everybody.
 *
 * <p>Guarded by the spool, except for reading and the header, which are the sender's.
 */
final class Segment {
  static final int HEADER = 24;
  static final int RECORD_HEADER = 12;

  private static final long MAGIC = 0x4f55544c41595331L;
  private static final int MARKER = 0x9d4f4c52;
  private static final int MAX_PAYLOAD = 32 << 20;
  private static final String SUFFIX = ".spool";

  private final long number;
  private final Path path;

  /** Writes records, under the spool's lock; null once the segment is sealed. */
  private @Nullable RandomAccessFile appender;

  /** Reads records and writes the header, on the sender's thread. */
  private @Nullable RandomAccessFile reader;

  /** Parts that are settled before something older is: start to end. */
  private final TreeMap<Long, Long> settled = new TreeMap<>();

  /** Records up to here are whole. */
  private long committed;

  /** All before here is settled. */
  private long consumed;

  /** All before here was handed out. */
  private long readTo;

  /** Events that are not settled. */
  private long remaining;

  /** Events that were not handed out. */
  private long unread;

  private Segment(long number, Path path, long consumed, long committed) {
    this.number = number;
    this.path = path;
    this.consumed = consumed;
    this.readTo = consumed;
    this.committed = committed;
  }

  /**
   * What was found between two places of a segment.
   *
   * @param payloads of whole records, in order
   * @param end where reading goes on
   * @param gaps how many times something unreadable was skipped
   */
  record Found(List<byte[]> payloads, long end, int gaps) {}

  static Segment create(Path directory, long number) throws IOException {
    Path path = path(directory, number);
    Segment segment = new Segment(number, path, HEADER, HEADER);
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    segment.appender = file;
    try {
      file.write(header(HEADER));
    } catch (IOException e) {
      segment.delete();
      throw e;
    }
    return segment;
  }

  /**
   * A file that an earlier process left.
   *
   * @throws IOException if it cannot be read, or a later version of this class wrote it
   */
  static Segment open(Path path) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    long length;
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      length = file.length();
      if (length >= HEADER) {
        file.readFully(header.array());
      }
    }
    long magic = header.getLong(0);
    if (magic >>> Byte.SIZE == MAGIC >>> Byte.SIZE && magic != MAGIC) {
      throw new IOException("the format is version '" + (char) (magic & 0xff) + "', known is '1'");
    }
    long position = header.getLong(8);
    // A header cut or damaged by a crash: all of the file is sent again, which is harmless.
    boolean valid =
        magic == MAGIC
            && header.getInt(16) == crcOf(position)
            && position >= HEADER
            && position <= length;
    return new Segment(number(path), path, valid ? position : HEADER, Math.max(length, HEADER));
  }

  /** The number of a segment's file, -1 if the file is something else. */
  static long number(Path path) {
    String name = path.getFileName().toString();
    if (!name.matches("[0-9]{16}\\" + SUFFIX)) {
      return -1;
    }
    return Long.parseLong(name.substring(0, 16));
  }

  static Path path(Path directory, long number) {
    return directory.resolve(String.format(Locale.ROOT, "%016d", number) + SUFFIX);
  }

  /** The bytes of a record. */
  static byte[] record(byte[] id, byte[] json) {
    int length = 2 + id.length + json.length;
    ByteBuffer record = ByteBuffer.allocate(RECORD_HEADER + length);
    record.putInt(MARKER).putInt(length).putInt(0);
    record.putShort((short) id.length).put(id).put(json);
    record.putInt(8, crc(record.array(), RECORD_HEADER, length));
    return record.array();
  }

  static Entry entry(byte[] payload, SpoolRange origin, long nowNanos) {
    int idLength = Short.toUnsignedInt(ByteBuffer.wrap(payload).getShort());
    byte[] json = new byte[payload.length - 2 - idLength];
    System.arraycopy(payload, 2 + idLength, json, 0, json.length);
    return new Entry(
        new String(payload, 2, idLength, StandardCharsets.UTF_8), json, origin, 0, nowNanos);
  }

  // ---- writing ------------------------------------------------------------------------------

  /** Appends a record; after a failure the records end where they ended before. */
  void append(byte[] record) throws IOException {
    RandomAccessFile file = appender;
    if (file == null) {
      throw new IOException("segment " + path + " is sealed");
    }
    try {
      file.seek(committed);
      file.write(record);
    } catch (IOException e) {
      try {
        file.setLength(committed);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
    committed += record.length;
    remaining++;
    unread++;
  }

  /** Flushes what was appended to the device. */
  void sync() throws IOException {
    RandomAccessFile file = appender;
    if (file != null) {
      file.getFD().sync();
    }
  }

  /** Nothing more will be appended. */
  void seal() throws IOException {
    RandomAccessFile file = appender;
    appender = null;
    if (file != null) {
      file.close();
    }
  }

  // ---- reading ------------------------------------------------------------------------------

  /**
   * Whole records from the first unread one on: at least one, if there is any, and no more than
   * asked for. What is unreadable is skipped.
   */
  Found read(long from, long to, int maxEvents, long maxBytes) throws IOException {
    long size = Math.min(to - from, maxBytes + (64 << 10));
    while (true) {
      Found found = scan(from, size, from + size == to, maxEvents, maxBytes);
      if (!found.payloads().isEmpty() || found.end() > from || from + size == to) {
        return found;
      }
      size = Math.min(to - from, size * 4);
    }
  }

  private Found scan(long from, long size, boolean toTheEnd, int maxEvents, long maxBytes)
      throws IOException {
    byte[] bytes = new byte[Math.toIntExact(size)];
    RandomAccessFile file = reader();
    file.seek(from);
    file.readFully(bytes);
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    List<byte[]> payloads = new ArrayList<>();
    long payloadBytes = 2;
    int gaps = 0;
    int at = 0;
    int goodUntil = 0;
    while (at + RECORD_HEADER <= bytes.length && payloads.size() < maxEvents) {
      int length = buffer.getInt(at + 4);
      boolean plausible = buffer.getInt(at) == MARKER && length >= 2 && length <= MAX_PAYLOAD;
      if (plausible && at + RECORD_HEADER + length > bytes.length && !toTheEnd) {
        return new Found(payloads, from + goodUntil, gaps);
      }
      if (plausible
          && at + RECORD_HEADER + length <= bytes.length
          && crc(bytes, at + RECORD_HEADER, length) == buffer.getInt(at + 8)
          && 2 + Short.toUnsignedInt(buffer.getShort(at + RECORD_HEADER)) <= length) {
        payloadBytes += length;
        if (!payloads.isEmpty() && payloadBytes > maxBytes) {
          return new Found(payloads, from + goodUntil, gaps);
        }
        byte[] payload = new byte[length];
        System.arraycopy(bytes, at + RECORD_HEADER, payload, 0, length);
        payloads.add(payload);
        gaps += at == goodUntil ? 0 : 1;
        at += RECORD_HEADER + length;
        goodUntil = at;
      } else {
        at++;
      }
    }
    if (payloads.size() >= maxEvents) {
      return new Found(payloads, from + goodUntil, gaps);
    }
    // Nothing more to find here: skip the rest, but not the start of a record that is cut only by
    // the end of this read.
    int end = toTheEnd ? bytes.length : payloads.isEmpty() ? at : goodUntil;
    return new Found(payloads, from + end, gaps + (toTheEnd && end > goodUntil ? 1 : 0));
  }

  // ---- header -------------------------------------------------------------------------------

  /** Persists up to where all is settled. */
  void writeHeader() throws IOException {
    RandomAccessFile file = reader();
    file.seek(0);
    file.write(header(consumed));
  }

  private RandomAccessFile reader() throws IOException {
    RandomAccessFile file = reader;
    if (file == null) {
      file = new RandomAccessFile(path.toFile(), "rw");
      reader = file;
    }
    return file;
  }

  private static byte[] header(long consumed) {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    return header.putLong(MAGIC).putLong(consumed).putInt(crcOf(consumed)).array();
  }

  void closeReader() throws IOException {
    RandomAccessFile file = reader;
    reader = null;
    if (file != null) {
      file.close();
    }
  }

  void close() throws IOException {
    seal();
    closeReader();
  }

  void delete() throws IOException {
    close();
    Files.deleteIfExists(path);
  }

  // ---- state --------------------------------------------------------------------------------

  long number() {
    return number;
  }

  Path path() {
    return path;
  }

  long committed() {
    return committed;
  }

  long consumed() {
    return consumed;
  }

  long readTo() {
    return readTo;
  }

  long remaining() {
    return remaining;
  }

  long unread() {
    return unread;
  }

  /** Takes over what a scan of a file from an earlier process has found. */
  void recovered(long events) {
    remaining = events;
    unread = events;
  }

  void handedOut(long end, int events) {
    readTo = end;
    unread = end == committed ? 0 : unread - events;
  }

  /** Gives up what was not handed out, and says how many events that is. */
  long giveUpUnread() {
    long lost = unread;
    readTo = committed;
    remaining -= lost;
    unread = 0;
    return lost;
  }

  /** Marks a part as settled; true if that moved the place up to where all is. */
  boolean settle(SpoolRange range) {
    remaining -= range.events();
    settled.put(range.start(), range.end());
    boolean moved = false;
    for (Long end = settled.remove(consumed); end != null; end = settled.remove(consumed)) {
      consumed = end;
      moved = true;
    }
    return moved;
  }

  boolean allSettled() {
    return consumed == committed;
  }

  private static int crcOf(long position) {
    return crc(ByteBuffer.allocate(Long.BYTES).putLong(position).array(), 0, Long.BYTES);
  }

  private static int crc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }
}
