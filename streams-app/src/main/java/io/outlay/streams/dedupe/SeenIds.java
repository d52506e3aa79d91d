package io.outlay.streams.dedupe;

import io.outlay.usage.EventKey;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The ids seen within a horizon, each with the offset at which it was first seen: an
 * open-addressing table of primitives, about 50 bytes an id, and sorted runs on disk, 30 bytes an
 * id, for those that came earlier than the table has room for. Time is the broker's append time and
 * only grows. Not safe for concurrent use.
 *
 * <p>Bounded by the ids of one horizon plus one {@link #BUCKETS}th of it: whoever forgets calls
 * {@link #expire}.
 */
public final class SeenIds implements AutoCloseable {
  /** Number of steps in which a horizon is forgotten. */
  public static final int BUCKETS = 24;

  /** Memory that an id of the table takes at most: 28 bytes in each of two slots. */
  public static final int BYTES_PER_ID = 56;

  private static final int INITIAL_CAPACITY = 1 << 12;
  private static final int EMPTY = -1;

  private static final int DIGITS = 16;

  private final long bucketMillis;
  private final int maxInMemory;
  private final @Nullable IdRuns runs;
  private long[] keys = new long[2 * INITIAL_CAPACITY];
  private long[] offsets = new long[INITIAL_CAPACITY];
  private int[] buckets = emptyBuckets(INITIAL_CAPACITY);
  private int size;

  /** What is known of an id. */
  public enum Sighting {
    /** Never seen within the horizon; remembered now. */
    FIRST,
    /** The very record that was seen first, read again. */
    REPLAY,
    /** Seen before at another offset. */
    DUPLICATE
  }

  /**
   * Holds all ids in memory.
   *
   * @param horizonMillis for how long an id is remembered at least, ≥ 1
   */
  public SeenIds(long horizonMillis) {
    this(horizonMillis, Integer.MAX_VALUE, (IdRuns) null);
  }

  /**
   * Holds the latest ids in memory and the others on disk.
   *
   * @param horizonMillis for how long an id is remembered at least, ≥ 1
   * @param maxInMemory most ids of the table, ≥ 1
   * @param directory for files of its own
   * @throws java.io.UncheckedIOException if the directory cannot be used
   */
  public SeenIds(long horizonMillis, int maxInMemory, Path directory) {
    this(horizonMillis, maxInMemory, new IdRuns(directory));
  }

  private SeenIds(long horizonMillis, int maxInMemory, @Nullable IdRuns runs) {
    if (horizonMillis < 1) {
      throw new IllegalArgumentException("horizon must be >= 1 ms, was " + horizonMillis);
    }
    if (maxInMemory < 1) {
      throw new IllegalArgumentException("ids in memory must be >= 1, was " + maxInMemory);
    }
    this.bucketMillis = Math.max(1, horizonMillis / BUCKETS);
    this.maxInMemory = maxInMemory;
    this.runs = runs;
  }

  /** Number of ids held; those on disk that are too old may still be counted. */
  public long size() {
    return size + (runs == null ? 0 : runs.size());
  }

  /** Removes its files. */
  @Override
  public void close() {
    if (runs != null) {
      runs.close();
    }
  }

  /**
   * Looks an id up and remembers it if it is new.
   *
   * @param offset of the record that carries it
   * @param timeMillis append time of that record
   */
  public Sighting see(EventKey key, long offset, long timeMillis) {
    return see(key.high(), key.low(), offset, timeMillis);
  }

  /** As {@link #see(EventKey, long, long)}, without an object for the key. */
  public Sighting see(long high, long low, long offset, long timeMillis) {
    int slot = slot(high, low);
    if (buckets[slot] != EMPTY) {
      return offsets[slot] == offset ? Sighting.REPLAY : Sighting.DUPLICATE;
    }
    if (runs != null) {
      long first = runs.offset(high, low);
      if (first != IdRun.ABSENT) {
        return first == offset ? Sighting.REPLAY : Sighting.DUPLICATE;
      }
    }
    put(slot, high, low, offset, timeMillis);
    return Sighting.FIRST;
  }

  /** Takes an id that was new when it was stored, without looking for it once more. */
  void restore(long high, long low, long offset, long timeMillis) {
    int slot = slot(high, low);
    if (buckets[slot] == EMPTY) {
      put(slot, high, low, offset, timeMillis);
    }
  }

  private void put(int slot, long high, long low, long offset, long timeMillis) {
    keys[2 * slot] = high;
    keys[2 * slot + 1] = low;
    offsets[slot] = offset;
    buckets[slot] = bucket(timeMillis);
    if (++size >= maxInMemory && runs != null) {
      spill(runs);
    } else if (size > offsets.length * 5L / 8) {
      rebuild(offsets.length * 2, Integer.MIN_VALUE);
    }
  }

  /**
   * Forgets ids first seen before a time; those within a {@link #BUCKETS}th of the horizon after it
   * may stay.
   */
  public void expire(long beforeMillis) {
    int keepFrom = bucket(beforeMillis);
    if (runs != null) {
      runs.expire(keepFrom);
    }
    int kept = 0;
    for (int bucket : buckets) {
      if (bucket != EMPTY && bucket >= keepFrom) {
        kept++;
      }
    }
    if (kept < size) {
      int capacity = INITIAL_CAPACITY;
      while (kept > capacity / 2) {
        capacity *= 2;
      }
      rebuild(capacity, keepFrom);
    }
  }

  /** Moves the table to disk. Ids are hashes, so that their first bits sort them nearly. */
  private void spill(IdRuns to) {
    int[] starts = new int[(1 << DIGITS) + 1];
    for (int slot = 0; slot < buckets.length; slot++) {
      if (buckets[slot] != EMPTY) {
        starts[digit(slot) + 1]++;
      }
    }
    for (int digit = 0; digit < 1 << DIGITS; digit++) {
      starts[digit + 1] += starts[digit];
    }
    int[] order = new int[size];
    int[] next = starts.clone();
    for (int slot = 0; slot < buckets.length; slot++) {
      if (buckets[slot] != EMPTY) {
        int first = starts[digit(slot)];
        int at = next[digit(slot)]++;
        for (; at > first && isBefore(slot, order[at - 1]); at--) {
          order[at] = order[at - 1];
        }
        order[at] = slot;
      }
    }
    IdRun.Writer run = to.write(size);
    for (int slot : order) {
      run.add(keys[2 * slot], keys[2 * slot + 1], offsets[slot], buckets[slot]);
    }
    to.add(run.finish());
    Arrays.fill(buckets, EMPTY);
    size = 0;
  }

  private int digit(int slot) {
    return (int) (keys[2 * slot] >>> (Long.SIZE - DIGITS));
  }

  private boolean isBefore(int slot, int other) {
    return IdRun.compare(keys[2 * slot], keys[2 * slot + 1], keys[2 * other], keys[2 * other + 1])
        < 0;
  }

  private int bucket(long timeMillis) {
    return (int) Math.min(Integer.MAX_VALUE, Math.max(0, timeMillis / bucketMillis));
  }

  /**
   * The slot that holds a key, or the empty one where it belongs. The ids are hashes themselves.
   */
  private int slot(long high, long low) {
    int mask = offsets.length - 1;
    int slot = (int) (low ^ (low >>> 32)) & mask;
    while (buckets[slot] != EMPTY && (keys[2 * slot] != high || keys[2 * slot + 1] != low)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void rebuild(int capacity, int keepFrom) {
    long[] oldKeys = keys;
    long[] oldOffsets = offsets;
    int[] oldBuckets = buckets;
    keys = new long[2 * capacity];
    offsets = new long[capacity];
    buckets = emptyBuckets(capacity);
    size = 0;
    for (int i = 0; i < oldBuckets.length; i++) {
      if (oldBuckets[i] != EMPTY && oldBuckets[i] >= keepFrom) {
        int slot = slot(oldKeys[2 * i], oldKeys[2 * i + 1]);
        keys[2 * slot] = oldKeys[2 * i];
        keys[2 * slot + 1] = oldKeys[2 * i + 1];
        offsets[slot] = oldOffsets[i];
        buckets[slot] = oldBuckets[i];
        size++;
      }
    }
  }

  private static int[] emptyBuckets(int capacity) {
    int[] buckets = new int[capacity];
    Arrays.fill(buckets, EMPTY);
    return buckets;
  }
}
