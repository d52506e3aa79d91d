package io.outlay.detector.spend;

import java.util.EnumSet;
import java.util.Set;

/**
 * What of the past must be kept beside the spend and the requests of each hour.
 *
 * @param days whole days before the latest, ≥ 0
 * @param byHour signals by hour for those days
 * @param minutes minutes before the latest whose spend is kept by minute; 0 for none
 * @param byMinute signals by minute for those minutes
 */
public record Needs(int days, Set<Signal> byHour, int minutes, Set<Signal> byMinute) {
  /** Nothing else. */
  public static final Needs NONE = new Needs(0, Set.of(), 0, Set.of());

  public Needs {
    if (days < 0 || minutes < 0) {
      throw new IllegalArgumentException("must be >= 0, was " + days + " days, " + minutes);
    }
    byHour = Set.copyOf(byHour);
    byMinute = Set.copyOf(byMinute);
  }

  /** Whatever either needs. */
  public Needs and(Needs other) {
    return new Needs(
        Math.max(days, other.days),
        union(byHour, other.byHour),
        Math.max(minutes, other.minutes),
        union(byMinute, other.byMinute));
  }

  private static Set<Signal> union(Set<Signal> some, Set<Signal> others) {
    Set<Signal> all = EnumSet.noneOf(Signal.class);
    all.addAll(some);
    all.addAll(others);
    return all;
  }
}
