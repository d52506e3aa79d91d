package io.outlay.streams.replay;

/**
 * Places of records in one topic: exact, without an object for each. Takes 16 to 32 bytes a place,
 * half as much again while it grows. For one thread.
 */
final class OriginSet {
  private static final int OFFSET_BITS = 48;
  private static final int SMALLEST = 1 << 10;

  /** Open addressing, at most half full; 0 is free. */
  private long[] table = new long[SMALLEST];

  private int size;

  /**
   * A place as a number, never 0.
   *
   * @param partition below 32,768, far beyond what a broker carries
   * @param offset below 2<sup>48</sup>
   */
  static long place(int partition, long offset) {
    if (partition < 0 || partition > Short.MAX_VALUE) {
      throw new IllegalArgumentException("partition must be below 32768, was " + partition);
    }
    if (offset < 0 || offset >= (1L << OFFSET_BITS) - 1) {
      throw new IllegalArgumentException("offset must be below 2^48 - 1, was " + offset);
    }
    return ((long) partition << OFFSET_BITS | offset) + 1;
  }

  /** Which of a number of equal shares a place belongs to. */
  static int share(long place, int shares) {
    return (int) Long.remainderUnsigned(mix(place) >>> 32, shares);
  }

  /** Adds a place; false if it was there. */
  boolean add(long place) {
    int slot = slot(table, place);
    if (table[slot] == place) {
      return false;
    }
    table[slot] = place;
    if (++size > table.length / 2) {
      grow();
    }
    return true;
  }

  int size() {
    return size;
  }

  private void grow() {
    long[] larger = new long[table.length * 2];
    for (long place : table) {
      if (place != 0) {
        larger[slot(larger, place)] = place;
      }
    }
    table = larger;
  }

  /** Where it is, or where it would be put. */
  private static int slot(long[] table, long place) {
    int mask = table.length - 1;
    int slot = (int) mix(place) & mask;
    while (table[slot] != 0 && table[slot] != place) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  /** Every bit of the place reaches every bit of the result: offsets are anything but random. */
  private static long mix(long place) {
    long mixed = (place ^ place >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }
}
