package io.outlay.collectors.event;

/**
 * Reads RFC 3339 times such as {@code 2026-11-21T02:00:00.123456789+01:00} without objects in
 * between. Digits beyond microseconds are cut. A leap second counts as the second after it.
 */
final class Rfc3339 {
  /** Not such a time. */
  static final long MALFORMED = Long.MIN_VALUE;

  private static final int MAX_FRACTION_DIGITS = 9;
  private static final int[] DAYS_OF_MONTH = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  private static final long MICROS = 1_000_000L;

  private Rfc3339() {}

  /** Microseconds since 1970-01-01T00:00:00Z, or {@link #MALFORMED}. */
  static long micros(char[] text, int offset, int length) {
    int end = offset + length;
    if (length < 20
        || text[offset + 4] != '-'
        || text[offset + 7] != '-'
        || (text[offset + 10] != 'T' && text[offset + 10] != 't')
        || text[offset + 13] != ':'
        || text[offset + 16] != ':') {
      return MALFORMED;
    }
    int year = number(text, offset, 4);
    int month = number(text, offset + 5, 2);
    int day = number(text, offset + 8, 2);
    int hour = number(text, offset + 11, 2);
    int minute = number(text, offset + 14, 2);
    int second = number(text, offset + 17, 2);
    boolean valid =
        year >= 0
            && month >= 1
            && month <= 12
            && day >= 1
            && day <= daysOfMonth(year, month)
            && hour >= 0
            && hour <= 23
            && minute >= 0
            && minute <= 59
            && second >= 0
            && second <= (minute == 59 ? 60 : 59);
    if (!valid) {
      return MALFORMED;
    }
    int at = offset + 19;
    long fraction = 0;
    if (text[at] == '.') {
      int from = ++at;
      long unit = MICROS / 10;
      while (at < end && text[at] >= '0' && text[at] <= '9') {
        fraction += (text[at] - '0') * unit;
        unit /= 10;
        at++;
      }
      if (at == from || at - from > MAX_FRACTION_DIGITS) {
        return MALFORMED;
      }
    }
    int offsetSeconds = offsetSeconds(text, at, end);
    if (offsetSeconds == Integer.MIN_VALUE) {
      return MALFORMED;
    }
    long seconds =
        epochDay(year, month, day) * 86_400L
            + hour * 3_600L
            + minute * 60L
            + second
            - offsetSeconds;
    return seconds * MICROS + fraction;
  }

  /** Seconds that local time is ahead of UTC, or {@link Integer#MIN_VALUE}. */
  private static int offsetSeconds(char[] text, int at, int end) {
    if (end - at == 1 && (text[at] == 'Z' || text[at] == 'z')) {
      return 0;
    }
    if (end - at != 6 || (text[at] != '+' && text[at] != '-') || text[at + 3] != ':') {
      return Integer.MIN_VALUE;
    }
    int hours = number(text, at + 1, 2);
    int minutes = number(text, at + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
      return Integer.MIN_VALUE;
    }
    int seconds = hours * 3_600 + minutes * 60;
    return text[at] == '-' ? -seconds : seconds;
  }

  /** The number that so many digits make, or -1. */
  private static int number(char[] text, int from, int digits) {
    int value = 0;
    for (int i = from; i < from + digits; i++) {
      if (text[i] < '0' || text[i] > '9') {
        return -1;
      }
      value = value * 10 + (text[i] - '0');
    }
    return value;
  }

  private static int daysOfMonth(int year, int month) {
    boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : DAYS_OF_MONTH[month - 1];
  }

  /**
   * Days since 1970-01-01 in the Gregorian calendar; years begin in March so that leaps come last.
   */
  private static long epochDay(int year, int month, int day) {
    long y = month <= 2 ? year - 1L : year;
    long era = Math.floorDiv(y, 400L);
    long yearOfEra = y - era * 400;
    long dayOfYear = (153L * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097 + dayOfEra - 719_468;
  }
}
