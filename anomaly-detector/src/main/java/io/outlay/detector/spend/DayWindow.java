package io.outlay.detector.spend;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/**
 * A calendar day of a time zone: 23 to 25 hours long where clocks change.
 *
 * @param start inclusive
 * @param end exclusive
 */
public record DayWindow(LocalDate date, ZoneId zone, Instant start, Instant end) {
  /** The day of a date. */
  public static DayWindow of(LocalDate date, ZoneId zone) {
    return new DayWindow(
        date,
        zone,
        date.atStartOfDay(zone).toInstant(),
        date.plusDays(1).atStartOfDay(zone).toInstant());
  }

  /** The day that a time lies in. */
  public static DayWindow containing(Instant time, ZoneId zone) {
    return of(time.atZone(zone).toLocalDate(), zone);
  }

  /** The day before. */
  public DayWindow previous() {
    return of(date.minusDays(1), zone);
  }
}
