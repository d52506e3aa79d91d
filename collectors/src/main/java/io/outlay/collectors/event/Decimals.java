package io.outlay.collectors.event;

/**
 * Reads decimal numbers into scaled longs without objects in between and without floating point.
 * The grammar is that of JSON, leading zeros allowed: {@code -12.50}, {@code 1e3}.
 */
final class Decimals {
  /** Not a number of that grammar. */
  static final long MALFORMED = Long.MIN_VALUE;

  /** Beyond the range of a {@code long}, either way. */
  static final long TOO_LARGE = Long.MIN_VALUE + 1;

  /** Has more digits than are kept, where none may be lost. */
  static final long INEXACT = Long.MIN_VALUE + 2;

  /** Far more places than a scaled long has, far fewer than would wrap an int. */
  private static final int MAX_EXPONENT = 1_000_000_000;

  private Decimals() {}

  /** What becomes of digits beyond the scale. */
  enum Surplus {
    /** Rounded half even. */
    ROUND,
    /** The number is {@link #INEXACT} unless they are zeros. */
    REFUSE
  }

  /**
   * The number times 10<sup>scale</sup>, or {@link #MALFORMED}, {@link #TOO_LARGE} or {@link
   * #INEXACT}.
   */
  static long scaled(char[] text, int offset, int length, int scale, Surplus surplus) {
    int end = offset + length;
    int at = offset;
    boolean negative = at < end && text[at] == '-';
    if (negative) {
      at++;
    }
    // First the shape: where the digits are, how many stand before the point, which is the first
    // that counts.
    int digitsFrom = at;
    int integerDigits = 0;
    int digits = 0;
    int leadingZeros = 0;
    boolean pointSeen = false;
    for (; at < end; at++) {
      char c = text[at];
      if (c >= '0' && c <= '9') {
        if (c == '0' && leadingZeros == digits) {
          leadingZeros++;
        }
        digits++;
        if (!pointSeen) {
          integerDigits++;
        }
      } else if (c == '.' && !pointSeen && integerDigits > 0) {
        pointSeen = true;
      } else {
        break;
      }
    }
    if (integerDigits == 0 || (pointSeen && digits == integerDigits)) {
      return MALFORMED;
    }
    long exponent = 0;
    int digitsTo = at;
    if (at < end) {
      exponent = exponent(text, at, end);
      if (exponent == MALFORMED) {
        return MALFORMED;
      }
    }
    if (leadingZeros == digits) {
      return 0;
    }
    long kept = integerDigits - leadingZeros + exponent + scale;
    if (kept > 19) {
      return TOO_LARGE;
    }
    return digits(text, digitsFrom, digitsTo, leadingZeros, kept, negative, surplus);
  }

  /** The value of the first {@code kept} digits that count, padded with zeros, then rounded. */
  private static long digits(
      char[] text, int from, int to, int skip, long kept, boolean negative, Surplus surplus) {
    long value = 0;
    long place = -skip;
    int firstLost = 0;
    boolean moreLost = false;
    for (int i = from; i < to; i++) {
      if (text[i] == '.') {
        continue;
      }
      int digit = text[i] - '0';
      if (place >= 0) {
        if (place < kept) {
          if (value > (Long.MAX_VALUE - digit) / 10) {
            return TOO_LARGE;
          }
          value = value * 10 + digit;
        } else if (place == kept) {
          firstLost = digit;
        } else {
          moreLost |= digit != 0;
        }
      }
      place++;
    }
    for (; place < kept; place++) {
      if (value > Long.MAX_VALUE / 10) {
        return TOO_LARGE;
      }
      value *= 10;
    }
    if (kept < 0) {
      // Below a tenth of the last place: nothing is left to round up from.
      firstLost = 0;
      moreLost = true;
    }
    if (firstLost != 0 || moreLost) {
      if (surplus == Surplus.REFUSE) {
        return INEXACT;
      }
      if (firstLost > 5 || (firstLost == 5 && (moreLost || (value & 1) == 1))) {
        if (value == Long.MAX_VALUE) {
          return TOO_LARGE;
        }
        value++;
      }
    }
    return negative ? -value : value;
  }

  /** The exponent, cut to ±{@link #MAX_EXPONENT}, or {@link #MALFORMED}. */
  private static long exponent(char[] text, int from, int end) {
    int at = from;
    if (text[at] != 'e' && text[at] != 'E') {
      return MALFORMED;
    }
    at++;
    boolean negative = at < end && text[at] == '-';
    if (at < end && (text[at] == '-' || text[at] == '+')) {
      at++;
    }
    if (at == end) {
      return MALFORMED;
    }
    long value = 0;
    for (; at < end; at++) {
      char c = text[at];
      if (c < '0' || c > '9') {
        return MALFORMED;
      }
      value = Math.min(value * 10 + (c - '0'), MAX_EXPONENT);
    }
    return negative ? -value : value;
  }
}
