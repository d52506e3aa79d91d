package io.outlay.money;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * Money of one event: a {@code long} of pico-USD (10<sup>-12</sup> USD), less than 10<sup>18</sup>
 * either way, so that it fits ClickHouse's {@code Decimal(18,12)}.
 *
 * <p>One rounding rule holds everywhere: half even at pico-USD, once per line of a bill. Whatever
 * does not fit is an {@link ArithmeticException}, never a wrapped number.
 */
public final class Money {
  /** Decimal places kept. */
  public static final int SCALE = 12;

  /** Pico-USD in one USD. */
  public static final long PICO_PER_USD = 1_000_000_000_000L;

  /** Largest amount of one event, in pico-USD: 999,999.999999999999 USD. */
  public static final long MAX_PICO = 999_999_999_999_999_999L;

  private Money() {}

  /**
   * {@code quantity × ratePico / per}, rounded half even once.
   *
   * @param quantity units used, ≥ 0
   * @param ratePico pico-USD for {@code per} units, ≥ 0
   * @param per units the rate is for, ≥ 1
   * @throws ArithmeticException if the result exceeds {@link #MAX_PICO}
   */
  public static long charge(long quantity, long ratePico, long per) {
    if (quantity < 0 || ratePico < 0 || per < 1) {
      throw senseless(quantity, ratePico, per);
    }
    long low = quantity * ratePico;
    if (low < 0 || Math.multiplyHigh(quantity, ratePico) != 0) {
      return charge(BigInteger.valueOf(quantity), ratePico, BigInteger.valueOf(per));
    }
    long quotient = low / per;
    long remainder = low - quotient * per;
    long gap = per - remainder;
    if (remainder > gap || (remainder == gap && (quotient & 1) == 1)) {
      quotient++;
    }
    return checked(quotient);
  }

  /**
   * {@code quantity × ratePico × factor / per}, rounded half even once.
   *
   * @param factor product of all that changes the rate, such as tier, region, exchange rate and
   *     discount
   * @throws ArithmeticException if the result exceeds {@link #MAX_PICO}
   */
  public static long charge(long quantity, long ratePico, long per, Factor factor) {
    if (factor.isOne()) {
      return charge(quantity, ratePico, per);
    }
    if (quantity < 0 || ratePico < 0 || per < 1) {
      throw senseless(quantity, ratePico, per);
    }
    if (factor.isSmall()) {
      long low = quantity * ratePico;
      boolean fits = low >= 0 && Math.multiplyHigh(quantity, ratePico) == 0;
      long scaled = low * factor.numerator();
      long scaledPer = per * factor.denominator();
      if (fits
          && scaled >= 0
          && Math.multiplyHigh(low, factor.numerator()) == 0
          && scaledPer > 0
          && Math.multiplyHigh(per, factor.denominator()) == 0) {
        return charge(1, scaled, scaledPer);
      }
    }
    return charge(BigInteger.valueOf(quantity), ratePico, BigInteger.valueOf(per), factor);
  }

  /**
   * As {@link #charge(long, long, long, Factor)} for quantities beyond a {@code long}, such as
   * byte-seconds.
   */
  public static long charge(BigInteger quantity, long ratePico, BigInteger per, Factor factor) {
    return charge(
        quantity.multiply(factor.exactNumerator()),
        ratePico,
        per.multiply(factor.exactDenominator()));
  }

  /**
   * {@code pico × factor}, rounded half even once, for amounts of either sign.
   *
   * @throws ArithmeticException if the result leaves ±{@link #MAX_PICO}
   */
  public static long scale(long pico, Factor factor) {
    long scaled = charge(Math.absExact(pico), 1, 1, factor);
    return pico < 0 ? -scaled : scaled;
  }

  /**
   * As {@link #charge(long, long, long)} for quantities beyond a {@code long}, such as
   * byte-seconds.
   */
  public static long charge(BigInteger quantity, long ratePico, BigInteger per) {
    if (quantity.signum() < 0 || ratePico < 0 || per.signum() < 1) {
      throw senseless(quantity, ratePico, per);
    }
    BigInteger exact =
        new BigDecimal(quantity.multiply(BigInteger.valueOf(ratePico)))
            .divide(new BigDecimal(per), 0, RoundingMode.HALF_EVEN)
            .toBigInteger();
    if (exact.bitLength() > 63) {
      throw outOfRange(exact);
    }
    return checked(exact.longValue());
  }

  /**
   * The sum.
   *
   * @throws ArithmeticException if it leaves ±{@link #MAX_PICO}
   */
  public static long add(long aPico, long bPico) {
    return checked(Math.addExact(aPico, bPico));
  }

  /** Pico-USD as USD, all twelve places kept. */
  public static BigDecimal toUsd(long pico) {
    return BigDecimal.valueOf(pico, SCALE);
  }

  /**
   * USD as pico-USD.
   *
   * @throws ArithmeticException if more than twelve places are used or the range is left
   */
  public static long ofUsd(BigDecimal usd) {
    // Not movePointRight: it would write out every zero of 1e100000000 before the range is checked.
    return checked(usd.scaleByPowerOfTen(SCALE).longValueExact());
  }

  private static long checked(long pico) {
    if (pico > MAX_PICO || pico < -MAX_PICO) {
      throw outOfRange(BigInteger.valueOf(pico));
    }
    return pico;
  }

  private static IllegalArgumentException senseless(Object quantity, long ratePico, Object per) {
    return new IllegalArgumentException(
        "charge("
            + quantity
            + ", "
            + ratePico
            + ", "
            + per
            + ") wants a quantity and a rate >= 0, per >= 1");
  }

  private static ArithmeticException outOfRange(BigInteger pico) {
    return new ArithmeticException(
        "amount must be below 1000000 USD either way, was " + new BigDecimal(pico, SCALE) + " USD");
  }
}
