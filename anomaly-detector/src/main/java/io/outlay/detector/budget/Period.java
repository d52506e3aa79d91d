package io.outlay.detector.budget;

import io.outlay.detector.spend.Window;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;

/** Calendar periods. They start at midnight of their zone, weeks on Mondays. */
public enum Period {
  DAY,
  WEEK,
  MONTH,
  QUARTER;

  /**
   * The period that the configuration names.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Period of(String key) {
    for (Period period : values()) {
      if (period.key().equals(key)) {
        return period;
      }
    }
    throw new IllegalArgumentException("must be day, week, month or quarter, was " + key);
  }

  /** Its name in the configuration. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The period that a time lies in. */
  public Window at(Instant time, ZoneId zone) {
    LocalDate date = time.atZone(zone).toLocalDate();
    LocalDate first =
        switch (this) {
          case DAY -> date;
          case WEEK -> date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
          case MONTH -> date.withDayOfMonth(1);
          case QUARTER -> date.with(IsoFields.DAY_OF_QUARTER, 1);
        };
    LocalDate next =
        switch (this) {
          case DAY -> first.plusDays(1);
          case WEEK -> first.plusWeeks(1);
          case MONTH -> first.plusMonths(1);
          case QUARTER -> first.plusMonths(3);
        };
    return new Window(
        zone, first.atStartOfDay(zone).toInstant(), next.atStartOfDay(zone).toInstant());
  }
}
