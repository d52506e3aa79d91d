package io.outlay.streams.dedupe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Ids in a file, sorted, {@value #ENTRY} bytes each: id (16 bytes), the offset at which it was
 * first seen (8 bytes), the bucket of time (4 bytes). Beside it lies a filter, two bytes an id: the
 * file is read where the filter cannot say. The first half of an id, taken as unsigned, says
 * roughly where it stands, since ids are hashes. For one thread; throws {@link
 * UncheckedIOException} where a file fails.
 */
final class IdRun {
  static final int ENTRY = 28;
  static final long ABSENT = Long.MIN_VALUE;

  private static final String FILTER = ".filter";
  private static final int NEAR = 64;
  private static final int BUFFER_ENTRIES = 2_048;

  private final Path file;
  private final FileChannel channel;
  private final int size;
  private final IdFilter filter;
  private final int newestBucket;
  private final Entry probe = new Entry();

  private IdRun(Path file, FileChannel channel, int size, IdFilter filter, int newestBucket) {
    this.file = file;
    this.channel = channel;
    this.size = size;
    this.filter = filter;
    this.newestBucket = newestBucket;
  }

  /** One id as it is stored. */
  static final class Entry {
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(ENTRY);
    long high;
    long low;
    long offset;
    int bucket;

    private void take(ByteBuffer from) {
      high = from.getLong();
      low = from.getLong();
      offset = from.getLong();
      bucket = from.getInt();
    }

    /** Negative, zero or positive as this id comes before, is, or comes after another. */
    int compareTo(long otherHigh, long otherLow) {
      return compare(high, low, otherHigh, otherLow);
    }
  }

  /** Writes a run, id after id in their order. */
  static final class Writer {
    private final Path file;
    private final FileChannel channel;
    private final IdFilter filter;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_ENTRIES * ENTRY);
    private int size;
    private int newestBucket = Integer.MIN_VALUE;

    /**
     * @param ids at most how many
     */
    Writer(Path file, int ids) {
      this.file = file;
      this.filter = new IdFilter(file.resolveSibling(file.getFileName() + FILTER), ids);
      try {
        this.channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot keep ids in " + file, e);
      }
    }

    void add(long high, long low, long offset, int bucket) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      buffer.putLong(high).putLong(low).putLong(offset).putInt(bucket);
      filter.put(low);
      newestBucket = Math.max(newestBucket, bucket);
      size++;
    }

    IdRun finish() {
      flush();
      return new IdRun(file, channel, size, filter, newestBucket);
    }

    private void flush() {
      buffer.flip();
      try {
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot keep ids in " + file, e);
      }
      buffer.clear();
    }
  }

  /** Reads a run from its beginning. */
  final class Reader {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_ENTRIES * ENTRY).limit(0);
    private final Entry entry = new Entry();
    private int read;

    /** The next id, or null after the last. The entry is used again for the next one. */
    @Nullable Entry next() {
      if (read == size) {
        return null;
      }
      if (!buffer.hasRemaining()) {
        buffer.clear().limit(Math.min(buffer.capacity(), (size - read) * ENTRY));
        fill(buffer, read);
      }
      entry.take(buffer);
      read++;
      return entry;
    }
  }

  int size() {
    return size;
  }

  /** Bucket of the id that was seen last. */
  int newestBucket() {
    return newestBucket;
  }

  /** The entry of an id, or null if it is not here. The entry is used again for the next one. */
  @Nullable Entry find(long high, long low) {
    return filter.mayHold(low) && search(high, low) ? probe : null;
  }

  Reader reader() {
    return new Reader();
  }

  /** Removes the files; the run cannot be used any more. */
  void delete() {
    try {
      channel.close();
      Files.deleteIfExists(file);
      filter.delete();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + file, e);
    }
  }

  /** As of {@link java.util.Comparator}, for ids taken as unsigned. */
  static int compare(long high, long low, long otherHigh, long otherLow) {
    int byHigh = Long.compareUnsigned(high, otherHigh);
    return byHigh == 0 ? Long.compareUnsigned(low, otherLow) : byHigh;
  }

  /** Leaves the entry in {@link #probe} if it is there. */
  private boolean search(long high, long low) {
    int guess = (int) Math.min(size - 1L, Math.multiplyHigh(high >>> 1, 2L * size));
    int from = 0;
    int to = size;
    int step = NEAR;
    if (probe(guess, high, low) <= 0) {
      from = guess;
      while (from + step < size && probe(from + step, high, low) <= 0) {
        from += step;
        step *= 2;
      }
      to = Math.min(size, from + step);
    } else {
      to = guess;
      while (to - step > 0 && probe(to - step, high, low) > 0) {
        to -= step;
        step *= 2;
      }
      from = Math.max(0, to - step);
    }
    while (from < to) {
      int middle = (from + to) >>> 1;
      int order = probe(middle, high, low);
      if (order == 0) {
        return true;
      }
      if (order < 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return false;
  }

  private int probe(int entry, long high, long low) {
    probe.bytes.clear();
    fill(probe.bytes, entry);
    probe.take(probe.bytes);
    return probe.compareTo(high, low);
  }

  /** Fills a buffer from its beginning to its limit with what starts at an entry. */
  private void fill(ByteBuffer buffer, int entry) {
    long position = (long) entry * ENTRY;
    try {
      while (buffer.hasRemaining()) {
        int read = channel.read(buffer, position);
        if (read < 0) {
          throw new IOException("the file ends at " + position);
        }
        position += read;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read ids from " + file, e);
    }
    buffer.flip();
  }
}
