package io.outlay.streams.rollup;

import io.outlay.schema.RollupWindow;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;

/**
 * Starts of minutes, hours and days. Minutes are the same everywhere; hours and days are a zone's.
 */
public final class Windows {
  /** Microseconds of a minute. */
  public static final long MINUTE_MICROS = 60_000_000L;

  private final ZoneId zone;
  private long cachedMinute = Long.MIN_VALUE;
  private long cachedHour;
  private long cachedDay;

  /**
   * @param zone of hours and days
   */
  public Windows(ZoneId zone) {
    this.zone = zone;
  }

  /** Start of the minute of a time; microseconds since 1970-01-01T00:00:00Z, as all here. */
  public static long minute(long micros) {
    return Math.floorDiv(micros, MINUTE_MICROS) * MINUTE_MICROS;
  }

  /** Start of the window of a length that a minute lies in. */
  long start(RollupWindow window, long minute) {
    return switch (window) {
      case MINUTE -> minute;
      case HOUR -> hour(minute);
      case DAY -> day(minute);
    };
  }

  /** Start of the hour that a minute lies in. */
  public long hour(long minute) {
    align(minute);
    return cachedHour;
  }

  /** Start of the day that a minute lies in. */
  public long day(long minute) {
    align(minute);
    return cachedDay;
  }

  private void align(long minute) {
    if (minute != cachedMinute) {
      ZonedDateTime local = Instant.EPOCH.plus(minute, ChronoUnit.MICROS).atZone(zone);
      cachedHour = micros(local.truncatedTo(ChronoUnit.HOURS));
      cachedDay = micros(local.toLocalDate().atStartOfDay(zone));
      cachedMinute = minute;
    }
  }

  private static long micros(ZonedDateTime time) {
    return time.toEpochSecond() * 1_000_000L;
  }
}
