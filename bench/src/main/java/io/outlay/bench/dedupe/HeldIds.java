package io.outlay.bench.dedupe;

import io.outlay.streams.dedupe.SeenIds;
import io.outlay.streams.dedupe.SeenIds.Sighting;

/** Ids by number, spread as hashes are, and a table that holds the first of them. */
final class HeldIds {
  private static final long HORIZON_MILLIS = 86_400_000L;
  private static final long TIME_MILLIS = 1_795_226_400_000L;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private HeldIds() {}

  /** A table that holds the ids below a number, each seen first at the offset of its number. */
  static SeenIds of(long count) {
    SeenIds seen = new SeenIds(HORIZON_MILLIS);
    for (long number = 0; number < count; number++) {
      if (see(seen, number, number) != Sighting.FIRST) {
        throw new IllegalStateException("id " + number + " was held before");
      }
    }
    return seen;
  }

  /** Sees an id. */
  static Sighting see(SeenIds seen, long number, long offset) {
    return seen.see(mix(number), mix(number + GOLDEN), offset, TIME_MILLIS);
  }

  /** One to one, so that no two numbers share an id. */
  private static long mix(long number) {
    long mixed = number + GOLDEN;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
