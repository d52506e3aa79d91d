package io.outlay.detector.spend;

import java.util.Arrays;

/** The last minutes, in a ring: a minute takes the place of the one that it pushes out. */
final class Minutes {
  private final int[] minuteOf;
  private final Slots slots;
  private int newest = Integer.MIN_VALUE;

  /**
   * @param template what to keep
   */
  Minutes(Kept template) {
    this.minuteOf = new int[template.ring()];
    Arrays.fill(minuteOf, Integer.MIN_VALUE);
    this.slots = new Slots(minuteOf.length, template.byMinute());
  }

  /** Latest minute that has been written, since 1970. */
  int newest() {
    return newest;
  }

  /** Replaces a minute; returns what that adds to it. */
  Sums replace(int minute, Sums sums) {
    return slots.replace(slot(minute), sums);
  }

  /** Adds to a minute. */
  void add(int minute, Sums change) {
    slots.add(slot(minute), change);
  }

  Slots slots() {
    return slots;
  }

  /** Where a minute is; -1 if nothing is known of it. */
  int find(int minute) {
    int slot = Math.floorMod(minute, minuteOf.length);
    return minuteOf[slot] == minute ? slot : -1;
  }

  private int slot(int minute) {
    int slot = Math.floorMod(minute, minuteOf.length);
    if (minuteOf[slot] != minute) {
      slots.clear(slot);
      minuteOf[slot] = minute;
    }
    newest = Math.max(newest, minute);
    return slot;
  }
}
