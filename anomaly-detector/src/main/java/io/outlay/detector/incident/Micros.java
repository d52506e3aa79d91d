package io.outlay.detector.incident;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times as the topics write them: microseconds since 1970-01-01T00:00:00Z. */
public final class Micros {
  private Micros() {}

  /** Microseconds of a time, rounded down. */
  public static long of(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  /** The time of some microseconds. */
  public static Instant toInstant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
