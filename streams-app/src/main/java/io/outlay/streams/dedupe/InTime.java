package io.outlay.streams.dedupe;

import java.time.Duration;

/**
 * Between which bounds around its arrival an event is counted, and how long its id is remembered
 * because of them. A copy that has the time of its original, as publishers who name the time send
 * it, is too late by the time its id is forgotten. Times are microseconds since
 * 1970-01-01T00:00:00Z.
 */
public final class InTime {
  /**
   * How far ahead of its arrival an event may lie: the day that collectors allow at most, and as
   * much between the clocks of machines.
   */
  public static final Duration MAX_FUTURE = Duration.ofDays(2);

  private final Duration retention;

  /**
   * @param retention how late an event may be
   */
  public InTime(Duration retention) {
    this.retention = retention;
  }

  /** Whether an event lies further ahead than any clock may. */
  public boolean isTooEarly(long eventMicros, long arrivalMicros) {
    return eventMicros > arrivalMicros + micros(MAX_FUTURE);
  }

  /** Whether an event is older than what is still counted. */
  public boolean isTooLate(long eventMicros, long arrivalMicros) {
    return eventMicros < arrivalMicros - micros(retention);
  }

  /**
   * For how long ids are held, from their arrival: a copy of an event from the future is in time
   * for so much longer.
   *
   * @param horizon for how long at least
   * @throws IllegalArgumentException if that is shorter than the retention
   */
  public Duration remembered(Duration horizon) {
    if (horizon.compareTo(retention) < 0) {
      throw new IllegalArgumentException(
          "the horizon must be >= the retention of " + retention + ", was " + horizon);
    }
    return horizon.plus(MAX_FUTURE);
  }

  private static long micros(Duration duration) {
    return duration.toMillis() * 1_000;
  }
}
