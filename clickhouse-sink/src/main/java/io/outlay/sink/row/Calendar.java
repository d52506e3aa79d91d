package io.outlay.sink.row;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;

/**
 * Calendar days in the configured time zone and months in UTC of moments in microseconds since
 * 1970. Moments come mostly from the same day and month, whose bounds are remembered. For one
 * thread.
 */
final class Calendar {
  private static final long MICROS_PER_SECOND = TimeUnit.SECONDS.toMicros(1);

  private final ZoneId zone;
  private long dayStart = Long.MAX_VALUE;
  private long dayEnd = Long.MIN_VALUE;
  private int day;
  private long monthStart = Long.MAX_VALUE;
  private long monthEnd = Long.MIN_VALUE;
  private String month = "";

  Calendar(ZoneId zone) {
    this.zone = zone;
  }

  /** Days since 1970-01-01 of the day in the time zone. */
  int day(long micros) {
    if (micros < dayStart || micros >= dayEnd) {
      LocalDate date = at(micros, zone);
      dayStart = micros(date, zone);
      dayEnd = micros(date.plusDays(1), zone);
      day = (int) date.toEpochDay();
    }
    return day;
  }

  /** The table partition {@code toYYYYMM} of the moment: six digits. */
  String month(long micros) {
    if (micros < monthStart || micros >= monthEnd) {
      LocalDate first = at(micros, ZoneOffset.UTC).withDayOfMonth(1);
      monthStart = micros(first, ZoneOffset.UTC);
      monthEnd = micros(first.plusMonths(1), ZoneOffset.UTC);
      month = Integer.toString(first.getYear() * 100 + first.getMonthValue());
    }
    return month;
  }

  private static LocalDate at(long micros, ZoneId zone) {
    return Instant.ofEpochSecond(Math.floorDiv(micros, MICROS_PER_SECOND))
        .atZone(zone)
        .toLocalDate();
  }

  private static long micros(LocalDate date, ZoneId zone) {
    return date.atStartOfDay(zone).toEpochSecond() * MICROS_PER_SECOND;
  }
}
