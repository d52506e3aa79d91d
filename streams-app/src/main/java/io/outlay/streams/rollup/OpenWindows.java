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

  /** Sums of windows that start before this are forgotten. */
  public long forgottenBefore(long nowMicros) {
    return nowMicros - micros(retention.plus(FORGOTTEN));
  }

  private static long micros(Duration duration) {
    return duration.toMillis() * 1_000;
  }
}
