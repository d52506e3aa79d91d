package io.outlay.money;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * An exact, non-negative factor on a rate, such as a half, 1.1 or 1.0853 USD for a euro, kept as a
 * reduced fraction so that products of factors stay exact and mostly small. Immutable.
 */
public final class Factor {
  /** Changes nothing. */
  public static final Factor ONE = new Factor(1, 1, null, null);

  private static final long MILLION = 1_000_000;

  private final long numerator;
  private final long denominator;
  private final @Nullable BigInteger bigNumerator;
  private final @Nullable BigInteger bigDenominator;

  private Factor(
      long numerator,
      long denominator,
      @Nullable BigInteger bigNumerator,
      @Nullable BigInteger bigDenominator) {
    this.numerator = numerator;
    this.denominator = denominator;
    this.bigNumerator = bigNumerator;
    this.bigDenominator = bigDenominator;
  }

  /**
   * {@code numerator / denominator}.
   *
   * @throws IllegalArgumentException if the numerator is negative or the denominator not positive
   */
  public static Factor of(long numerator, long denominator) {
    if (numerator < 0 || denominator < 1) {
      throw new IllegalArgumentException(
          "a factor wants a numerator >= 0 and a denominator >= 1, was "
              + numerator
              + " / "
              + denominator);
    }
    if (numerator == denominator) {
      return ONE;
    }
    long gcd = gcd(numerator, denominator);
    return new Factor(numerator / gcd, denominator / gcd, null, null);
  }

  /** A factor in millionths: 500,000 is a half. */
  public static Factor ofMillionths(long millionths) {
    return of(millionths, MILLION);
  }

  /** The product. */
  public Factor times(Factor other) {
    if (isOne()) {
      return other;
    }
    if (other.isOne()) {
      return this;
    }
    if (isSmall() && other.isSmall()) {
      // Reduced crosswise before multiplying, the product is reduced and as small as it can be.
      long a = gcd(numerator, other.denominator);
      long b = gcd(other.numerator, denominator);
      long leftNumerator = numerator / a;
      long rightNumerator = other.numerator / b;
      long leftDenominator = denominator / b;
      long rightDenominator = other.denominator / a;
      if (Math.multiplyHigh(leftNumerator, rightNumerator) == 0
          && leftNumerator * rightNumerator >= 0
          && Math.multiplyHigh(leftDenominator, rightDenominator) == 0
          && leftDenominator * rightDenominator > 0) {
        return of(leftNumerator * rightNumerator, leftDenominator * rightDenominator);
      }
    }
    return new Factor(
        0,
        0,
        exactNumerator().multiply(other.exactNumerator()),
        exactDenominator().multiply(other.exactDenominator()));
  }

  /** Whether it changes nothing. */
  public boolean isOne() {
    return numerator == 1 && denominator == 1;
  }

  /** Whether {@link #numerator} and {@link #denominator} hold it. */
  boolean isSmall() {
    return bigNumerator == null;
  }

  long numerator() {
    return numerator;
  }

  long denominator() {
    return denominator;
  }

  /** Whatever its size. */
  public BigInteger exactNumerator() {
    return bigNumerator == null ? BigInteger.valueOf(numerator) : bigNumerator;
  }

  /** Whatever its size, 1 or more. */
  public BigInteger exactDenominator() {
    return bigDenominator == null ? BigInteger.valueOf(denominator) : bigDenominator;
  }

  private static long gcd(long a, long b) {
    long x = a;
    long y = b;
    while (y != 0) {
      long rest = x % y;
      x = y;
      y = rest;
    }
    return Math.max(x, 1);
  }

  /** As a fraction: {@code 1/2}. */
  @Override
  public String toString() {
    return exactNumerator() + "/" + exactDenominator();
  }
}
