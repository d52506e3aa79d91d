package io.outlay.detector.spend;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/**
 * Windows of one length, side by side: days, several days, hours or minutes, by the clock on the
 * wall. Windows of seven days start on Mondays, and those of other numbers of days are counted from
 * a Monday too, 1970-01-05.
 *
 * @param zone of the clock on the wall
 * @param length whole days, hours that divide a day, or minutes that divide an hour
 */
public record Windows(ZoneId zone, Duration length) {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final long FIRST_MONDAY = 4;

  /**
   * @throws IllegalArgumentException if the length is none of these
   */
  public Windows {
    boolean sound =
        isMultiple(length, DAY)
            || (isMultiple(length, HOUR) && isMultiple(DAY, length))
            || (isMultiple(length, Duration.ofMinutes(1)) && isMultiple(HOUR, length));
    if (!sound) {
      throw new IllegalArgumentException(
          "window must be whole days, hours that divide a day or minutes that divide an hour, was "
              + length);
    }
  }

  /** Days. */
  public static Windows days(ZoneId zone) {
    return new Windows(zone, DAY);
  }

  /** How many days a window has; 1 for a part of a day. */
  public int days() {
    return Math.max(1, Math.toIntExact(length.toDays()));
  }

  /** Whether a window has a day or more. */
  public boolean isOfDays() {
    return length.compareTo(DAY) >= 0;
  }

  /** Whether hours make up a window. */
  public boolean isOfHours() {
    return length.compareTo(HOUR) >= 0;
  }

  /**
   * The window that a time lies in. An hour that the clock runs through twice makes its window of
   * hours longer; windows of minutes are told apart.
   */
  public Window at(Instant time) {
    ZonedDateTime local = time.atZone(zone);
    LocalDate date = local.toLocalDate();
    if (isOfDays()) {
      long first =
          Math.floorDiv(date.toEpochDay() - FIRST_MONDAY, (long) days()) * days() + FIRST_MONDAY;
      LocalDate start = LocalDate.ofEpochDay(first);
      return between(start.atStartOfDay(zone), start.plusDays(days()).atStartOfDay(zone));
    }
    if (isOfHours()) {
      int hours = Math.toIntExact(length.toHours());
      int from = local.getHour() / hours * hours;
      return between(startOf(date, from), startOf(date, from + hours));
    }
    int minutes = Math.toIntExact(length.toMinutes());
    ZonedDateTime start =
        local
            .minusSeconds(local.getMinute() % minutes * 60L + local.getSecond())
            .minusNanos(local.getNano());
    return between(start, start.plus(length));
  }

  /** The window before another. */
  public Window before(Window window) {
    return at(window.start().minusMillis(1));
  }

  private Window between(ZonedDateTime start, ZonedDateTime end) {
    return new Window(zone, start.toInstant(), end.toInstant());
  }

  private ZonedDateTime startOf(LocalDate date, int hour) {
    int hoursOfADay = 24;
    return hour == 0 || hour == hoursOfADay
        ? date.plusDays(hour / hoursOfADay).atStartOfDay(zone)
        : date.atTime(hour, 0).atZone(zone);
  }

  private static boolean isMultiple(Duration whole, Duration part) {
    return !part.isZero()
        && !part.isNegative()
        && whole.compareTo(part) >= 0
        && whole.toNanos() % part.toNanos() == 0;
  }
}
