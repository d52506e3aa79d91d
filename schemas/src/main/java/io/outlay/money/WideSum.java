package io.outlay.money;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * A running sum of {@code long} amounts in 128 bits: cannot overflow for any number of events that
 * fits a {@code long}. Mutable, for one thread.
 */
public final class WideSum {
  private long high;
  private long low;

  /** Adds an amount, of either sign. */
  public void add(long amount) {
    long sum = low + amount;
    high += (amount >> 63) + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
    low = sum;
  }

  /** The sum as a whole number. */
  public BigInteger toBigInteger() {
    return BigInteger.valueOf(high)
        .shiftLeft(64)
        .add(BigInteger.valueOf(low >>> 1).shiftLeft(1).add(BigInteger.valueOf(low & 1)));
  }

  /** The sum of pico-USD as USD, twelve places kept. */
  public BigDecimal toUsd() {
    return new BigDecimal(toBigInteger(), Money.SCALE);
  }
}
