package io.outlay.collectors.pull;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The stretch of time that one reading stands for. Slots are aligned to their length, counted from
 * 1970, so that every collector at every time cuts time at the same places: reading twice within a
 * slot says the same thing twice.
 *
 * @param startMicros microseconds since 1970; a multiple of the length
 * @param lengthMicros ≥ 1
 */
record Slot(long startMicros, long lengthMicros) {
  /**
   * @throws IllegalArgumentException naming what is out of bounds
   */
  Slot {
    if (lengthMicros < 1) {
      throw new IllegalArgumentException("a slot must last >= 1 µs, was " + lengthMicros);
    }
    if (Math.floorMod(startMicros, lengthMicros) != 0) {
      throw new IllegalArgumentException(
          "a slot of " + lengthMicros + " µs must be aligned to that, was at " + startMicros);
    }
  }

  /** The slot of a moment. */
  static Slot at(Instant moment, Duration interval) {
    long length = interval.toNanos() / 1_000;
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, moment);
    return new Slot(Math.floorDiv(micros, length) * length, length);
  }

  /** The slot after this one. */
  Slot next() {
    return new Slot(startMicros + lengthMicros, lengthMicros);
  }

  /** How many slots lie between 1970 and this one. */
  long index() {
    return startMicros / lengthMicros;
  }

  /** First microsecond that does not belong to it. */
  long endMicros() {
    return startMicros + lengthMicros;
  }

  Instant start() {
    return Instant.EPOCH.plus(startMicros, ChronoUnit.MICROS);
  }

  Instant end() {
    return Instant.EPOCH.plus(endMicros(), ChronoUnit.MICROS);
  }
}
