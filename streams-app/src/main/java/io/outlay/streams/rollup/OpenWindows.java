package io.outlay.streams.rollup;

import java.time.Duration;

/**
 * Which windows can still change by events, and for how long their sums are kept. Later a window
 * changes only when its facts are rated again; whoever does that sums it up anew from the facts.
 * Between the two bounds lies a day, so that what was still open when somebody looked is not
 * forgotten before it was changed. Times are microseconds since 1970-01-01T00:00:00Z.
 */
public final class OpenWindows {
  /** The longest day, with a clock that goes back, and an hour for clocks that differ. */
  private static final Duration CLOSES = Duration.ofHours(26);

  private static final Duration FORGOTTEN = CLOSES.plusHours(25);

  /** Budgets of a quarter are made of days: 92 of them, and some more for a start after its end. */
  private static final Duration DAYS_KEPT = Duration.ofDays(100);

  private final Duration retention;

  /**
   * @param retention how late an event may be
   */
  public OpenWindows(Duration retention) {
    this.retention = retention;
  }

  /** No event can change a day that starts before this. */
  public long closedBefore(long nowMicros) {
    return nowMicros - micros(retention.plus(CLOSES));
  }

  /** Sums of windows, other than whole days, that start before this are forgotten. */
  public long forgottenBefore(long nowMicros) {
    return nowMicros - micros(retention.plus(FORGOTTEN));
  }

  /**
   * Sums of whole days that start before this are forgotten; they are few, and kept for at least
   * 100 days.
   */
  public long daysForgottenBefore(long nowMicros) {
    return Math.min(forgottenBefore(nowMicros), nowMicros - micros(DAYS_KEPT));
  }

  private static long micros(Duration duration) {
    return duration.toMillis() * 1_000;
  }
}
