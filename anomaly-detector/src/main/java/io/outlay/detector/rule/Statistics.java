package io.outlay.detector.rule;

import java.math.BigInteger;
import java.util.Arrays;

/** Robust statistics on whole numbers: amounts in micro-USD, quotients in parts per million. */
final class Statistics {
  /** One, in parts per million. */
  static final long ONE = 1_000_000;

  private static final long MAD_TO_SIGMA_PPM = 1_482_600;
  private static final long NINE_TENTHS_TO_SIGMA_PPM = 607_957;

  private Statistics() {}

  /** The middle value, or half way between the middle two; the numbers are sorted by it. */
  static long median(long[] values) {
    Arrays.sort(values);
    long lower = values[(values.length - 1) / 2];
    long upper = values[values.length / 2];
    return lower + (upper - lower) / 2;
  }

  /** Median absolute deviation from a centre, scaled to a standard deviation of normal noise. */
  static long deviation(long[] values, long centre) {
    long[] distances = new long[values.length];
    Arrays.setAll(distances, i -> Math.abs(values[i] - centre));
    return times(median(distances), MAD_TO_SIGMA_PPM);
  }

  /**
   * The larger of {@link #deviation} and of what nine tenths of the distances say: of few numbers
   * the median distance alone is too often small by chance.
   */
  static long spread(long[] values, long centre) {
    long[] distances = new long[values.length];
    Arrays.setAll(distances, i -> Math.abs(values[i] - centre));
    long byMedian = times(median(distances), MAD_TO_SIGMA_PPM);
    // Sorted by the median. A distance that nine in ten stay below is 1.645 deviations.
    long nineTenths = distances[(distances.length - 1) * 9 / 10];
    return Math.max(byMedian, times(nineTenths, NINE_TENTHS_TO_SIGMA_PPM));
  }

  /** Parts per million of a quotient; as large as can be where the divisor is zero. */
  static long quotient(long dividend, long divisor) {
    if (divisor == 0) {
      return dividend == 0 ? ONE : Long.MAX_VALUE;
    }
    return scale(dividend, ONE, divisor);
  }

  /** An amount times parts per million. */
  static long times(long amount, long ppm) {
    return scale(amount, ppm, ONE);
  }

  private static long scale(long amount, long by, long divisor) {
    if (Math.multiplyHigh(amount, by) == 0 && amount * by >= 0) {
      return amount * by / divisor;
    }
    BigInteger result =
        BigInteger.valueOf(amount)
            .multiply(BigInteger.valueOf(by))
            .divide(BigInteger.valueOf(divisor));
    return result.bitLength() >= Long.SIZE ? Long.MAX_VALUE : result.longValue();
  }
}
