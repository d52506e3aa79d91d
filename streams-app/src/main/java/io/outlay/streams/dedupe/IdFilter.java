package io.outlay.streams.dedupe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Says of an id that it is not among those put in, or that it may be: a Bloom filter that looks at
 * 32 bytes in a row only. With 16 bits an id, about one in a thousand that is not in it may be.
 *
 * <p>It lies in a file that is mapped into memory: what is asked often stays there, and the heap
 * does not grow with the ids. Throws {@link UncheckedIOException} where the file fails.
 */
final class IdFilter {
  private static final int BITS_PER_ID = 16;
  private static final int WORDS = 8;
  private static final int CHUNK = 1 << 16;
  private static final int[] SALTS = {
    0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31
  };

  private final Path file;
  private final IntBuffer words;
  private final int blocks;

  /**
   * @param file is made
   * @param ids how many will be put in, at most 2³⁰
   */
  IdFilter(Path file, int ids) {
    this.file = file;
    blocks = Math.max(1, (int) ((long) ids * BITS_PER_ID / (WORDS * Integer.SIZE)));
    long bytes = (long) blocks * WORDS * Integer.BYTES;
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      // Written out before it is mapped: that a disk is full is an error here, and a crash there.
      ByteBuffer zeros = ByteBuffer.allocate(CHUNK);
      for (long at = 0; at < bytes; ) {
        zeros.clear().limit((int) Math.min(CHUNK, bytes - at));
        at += channel.write(zeros, at);
      }
      words =
          channel.map(MapMode.READ_WRITE, 0, bytes).order(ByteOrder.nativeOrder()).asIntBuffer();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep ids in " + file, e);
    }
  }

  void put(long low) {
    int block = block(low);
    for (int i = 0; i < WORDS; i++) {
      words.put(block + i, words.get(block + i) | bit(low, i));
    }
  }

  boolean mayHold(long low) {
    int block = block(low);
    for (int i = 0; i < WORDS; i++) {
      if ((words.get(block + i) & bit(low, i)) == 0) {
        return false;
      }
    }
    return true;
  }

  /** Removes the file. */
  void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  /** Ids are hashes: one half of this one chooses the block, the other the bits. */
  private int block(long low) {
    return (int) (((low >>> 32) * blocks) >>> 32) * WORDS;
  }

  private static int bit(long low, int word) {
    return 1 << (((int) low * SALTS[word]) >>> 27);
  }
}
