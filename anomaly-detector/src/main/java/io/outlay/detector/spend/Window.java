package io.outlay.detector.spend;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/**
 * A stretch of time that is judged as one, such as a calendar day: 23 to 25 hours long where clocks
 * change.
 *
 * @param zone whose calendar it belongs to
 * @param start inclusive
 * @param end exclusive
 */
public record Window(ZoneId zone, Instant start, Instant end) {
  /**
   * @throws IllegalArgumentException if it is empty
   */
  public Window {
    if (!start.isBefore(end)) {
      throw new IllegalArgumentException("a window ends after it starts: " + start + ", " + end);
    }
  }

  /** The day of a date. */
  public static Window ofDay(LocalDate date, ZoneId zone) {
    return new Window(
        zone, date.atStartOfDay(zone).toInstant(), date.plusDays(1).atStartOfDay(zone).toInstant());
  }

  /** The day that a time lies in. */
  public static Window dayOf(Instant time, ZoneId zone) {
    return ofDay(time.atZone(zone).toLocalDate(), zone);
  }

  /** Local date of its start. */
  public LocalDate date() {
    return start.atZone(zone).toLocalDate();
  }

  /** The day before that of its start. */
  public Window dayBefore() {
    return ofDay(date().minusDays(1), zone);
  }
}
