package io.outlay.detector.spend;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * An exact quotient, so that "exactly 120 %" is exactly that whatever the baseline is divided by.
 *
 * @param denominator ≥ 1
 */
public record Fraction(BigInteger numerator, BigInteger denominator) {
  /** Nothing. */
  public static final Fraction ZERO = new Fraction(BigInteger.ZERO, BigInteger.ONE);

  public Fraction {
    if (denominator.signum() <= 0) {
      throw new IllegalArgumentException("denominator must be >= 1, was " + denominator);
    }
  }

  /** Compares {@code amount} with this times {@code multiple}. */
  public int compareTimes(BigDecimal multiple, BigDecimal amount) {
    return amount
        .multiply(new BigDecimal(denominator))
        .compareTo(multiple.multiply(new BigDecimal(numerator)));
  }

  /** The value, rounded half even at so many places. */
  public BigDecimal round(int places) {
    return new BigDecimal(numerator)
        .divide(new BigDecimal(denominator), places, RoundingMode.HALF_EVEN);
  }

  /** The value to 34 digits. */
  public BigDecimal approximate() {
    return new BigDecimal(numerator).divide(new BigDecimal(denominator), MathContext.DECIMAL128);
  }

  /** Whether it is nothing. */
  public boolean isZero() {
    return numerator.signum() == 0;
  }
}
