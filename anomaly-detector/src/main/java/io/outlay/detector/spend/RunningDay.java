package io.outlay.detector.spend;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * A day as far as it has gone. Remembers the comparison with earlier days, which is the same for
 * every scope. For one thread.
 */
public final class RunningDay {
  private final Window window;
  private final Instant asOf;
  private final Map<Integer, SamePart> samePart = new HashMap<>();

  /**
   * @param asOf how far it has gone, from the start to the end of the day
   */
  public RunningDay(Window window, Instant asOf) {
    if (asOf.isBefore(window.start()) || asOf.isAfter(window.end())) {
      throw new IllegalArgumentException("asOf must lie within " + window + ", was " + asOf);
    }
    this.window = window;
    this.asOf = asOf;
  }

  /** Which day. */
  public Window window() {
    return window;
  }

  /** How far it has gone. */
  public Instant asOf() {
    return asOf;
  }

  /** The same part of so many days before it. */
  public SamePart samePart(int days) {
    return samePart.computeIfAbsent(days, count -> new SamePart(window, asOf, count));
  }
}
