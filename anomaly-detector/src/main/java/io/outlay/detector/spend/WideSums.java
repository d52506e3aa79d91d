package io.outlay.detector.spend;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * Sums of pico-USD in 128 bits each, side by side in two arrays: as exact as the books, at 16 bytes
 * a sum. For one thread.
 */
public final class WideSums {
  private static final int MAX_BITS = 127;
  private static final BigInteger PICO_PER_MICRO = BigInteger.valueOf(1_000_000);

  private long[] high;
  private long[] low;

  /** So many sums, each zero. */
  public WideSums(int size) {
    high = new long[size];
    low = new long[size];
  }

  int size() {
    return high.length;
  }

  void growTo(int size) {
    high = Arrays.copyOf(high, size);
    low = Arrays.copyOf(low, size);
  }

  /** A sum. */
  public BigInteger get(int i) {
    if (high[i] == low[i] >> (Long.SIZE - 1)) {
      return BigInteger.valueOf(low[i]);
    }
    BigInteger lowBits =
        BigInteger.valueOf(low[i] >>> 1).shiftLeft(1).add(BigInteger.valueOf(low[i] & 1));
    return BigInteger.valueOf(high[i]).shiftLeft(64).add(lowBits);
  }

  /**
   * Replaces a sum.
   *
   * @throws ArithmeticException if it has more than 127 bits; the books keep 38 digits
   */
  public void set(int i, BigInteger value) {
    if (value.bitLength() > MAX_BITS) {
      throw new ArithmeticException("sum must fit 128 bits, was " + value);
    }
    high[i] =
        value.bitLength() < Long.SIZE
            ? value.longValue() >> (Long.SIZE - 1)
            : value.shiftRight(Long.SIZE).longValue();
    low[i] = value.longValue();
  }

  void add(int i, BigInteger amount) {
    if (amount.bitLength() < Long.SIZE) {
      long sum = low[i] + amount.longValue();
      long carry = Long.compareUnsigned(sum, low[i]) < 0 ? 1 : 0;
      high[i] = Math.addExact(high[i], carry + (amount.signum() < 0 ? -1 : 0));
      low[i] = sum;
    } else {
      set(i, get(i).add(amount));
    }
  }

  /** Adds a sum of this to one of another, without objects between. */
  void addTo(int i, WideSums target, int j) {
    long sum = target.low[j] + low[i];
    target.high[j] += high[i] + (Long.compareUnsigned(sum, low[i]) < 0 ? 1 : 0);
    target.low[j] = sum;
  }

  /** A sum of pico in micro, rounded down, at most {@link Long#MAX_VALUE}. */
  long micros(int i) {
    if (high[i] == 0 && low[i] >= 0) {
      return low[i] / PICO_PER_MICRO.longValue();
    }
    BigInteger micros = get(i).divide(PICO_PER_MICRO);
    return micros.bitLength() >= Long.SIZE ? Long.MAX_VALUE : micros.longValue();
  }

  void clear(int i) {
    high[i] = 0;
    low[i] = 0;
  }
}
