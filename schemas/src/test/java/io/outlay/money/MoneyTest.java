package io.outlay.money;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MoneyTest {
  private static final BigDecimal MAX = BigDecimal.valueOf(Money.MAX_PICO);

  @Property(tries = 5_000)
  void aChargeIsTheExactProductRoundedHalfEvenOnce(
      @ForAll("amounts") long quantity, @ForAll("amounts") long rate, @ForAll("units") long per) {
    BigDecimal expected =
        BigDecimal.valueOf(quantity)
            .multiply(BigDecimal.valueOf(rate))
            .divide(BigDecimal.valueOf(per), 0, RoundingMode.HALF_EVEN);

    if (expected.compareTo(MAX) > 0) {
      assertThatThrownBy(() -> Money.charge(quantity, rate, per))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining(expected.movePointLeft(Money.SCALE).toPlainString());
    } else {
      assertThat(Money.charge(quantity, rate, per)).isEqualTo(expected.longValueExact());
    }
  }

  @Property(tries = 2_000)
  void theWidePathChargesWhatTheNarrowOneCharges(
      @ForAll("amounts") long quantity, @ForAll("amounts") long rate, @ForAll("units") long per) {
    BigInteger wideQuantity = BigInteger.valueOf(quantity);
    BigInteger widePer = BigInteger.valueOf(per);
    long narrow;
    try {
      narrow = Money.charge(quantity, rate, per);
    } catch (ArithmeticException e) {
      assertThatThrownBy(() -> Money.charge(wideQuantity, rate, widePer))
          .isInstanceOf(ArithmeticException.class)
          .hasMessage(e.getMessage());
      return;
    }

    assertThat(Money.charge(wideQuantity, rate, widePer)).isEqualTo(narrow);
  }

  @Property(tries = 5_000)
  void aFactorIsAppliedBeforeTheOnlyRounding(
      @ForAll("amounts") long quantity,
      @ForAll("amounts") long rate,
      @ForAll("units") long per,
      @ForAll("factors") Factor factor) {
    BigDecimal expected =
        BigDecimal.valueOf(quantity)
            .multiply(BigDecimal.valueOf(rate))
            .multiply(new BigDecimal(factor.exactNumerator()))
            .divide(
                BigDecimal.valueOf(per).multiply(new BigDecimal(factor.exactDenominator())),
                0,
                RoundingMode.HALF_EVEN);

    if (expected.compareTo(MAX) > 0) {
      assertThatThrownBy(() -> Money.charge(quantity, rate, per, factor))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining(expected.movePointLeft(Money.SCALE).toPlainString());
    } else {
      assertThat(Money.charge(quantity, rate, per, factor)).isEqualTo(expected.longValueExact());
    }
  }

  @Property
  void anAmountOfEitherSignIsScaledAlike(
      @ForAll @LongRange(max = Money.MAX_PICO / 1_000) long pico,
      @ForAll @LongRange(min = 1, max = 1_000_000_000) long millionths) {
    Factor factor = Factor.ofMillionths(millionths);
    BigDecimal expected =
        BigDecimal.valueOf(pico)
            .multiply(BigDecimal.valueOf(millionths, 6))
            .setScale(0, RoundingMode.HALF_EVEN);

    assertThat(Money.scale(pico, factor)).isEqualTo(expected.longValueExact());
    assertThat(Money.scale(-pico, factor)).isEqualTo(-expected.longValueExact());
  }

  @Property
  void aTieGoesToTheEvenNeighbour(
      @ForAll @LongRange(max = 1_000_000_000) long below,
      @ForAll @LongRange(min = 1, max = 1_000_000_000) long half) {
    long even = below + (below & 1);

    assertThat(Money.charge(below * 2 * half + half, 1, 2 * half)).isEqualTo(even);
  }

  @ParameterizedTest
  @CsvSource({
    // product fits a long
    "999999999999999999, 1, 1, 999999999999999999",
    "1999999999999999997, 1, 2, 999999999999999998",
    "1999999999999999998, 1, 2, 999999999999999999",
    // product has its 64th bit set
    "4611686018427387904, 2, 1048576, 8796093022208",
    "9223372036854775807, 2, 100, 184467440737095516",
    // product needs more than 64 bits
    "999999999999999999, 999999999999999999, 999999999999999999, 999999999999999999",
    "9223372036854775807, 9223372036854775807, 9223372036854775807, -1",
    // one more than fits, by a whole and by a rounded half
    "1000000000000000000, 1, 1, -1",
    "1999999999999999999, 1, 2, -1",
    "5000000000000000000, 1, 5, -1",
    // nothing
    "0, 9223372036854775807, 1, 0",
    "9223372036854775807, 0, 1, 0",
  })
  void theLargestAmountIsTheLastThatFits(long quantity, long rate, long per, long expected) {
    if (expected < 0) {
      assertThatThrownBy(() -> Money.charge(quantity, rate, per))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageStartingWith("amount must be below 1000000 USD either way, was ");
    } else {
      assertThat(Money.charge(quantity, rate, per)).isEqualTo(expected);
    }
  }

  @Test
  void aMillionTokensCostTheirRate() {
    long twoAndAHalfUsd = 2_500_000_000_000L;

    assertThat(Money.charge(1_000_000, twoAndAHalfUsd, 1_000_000)).isEqualTo(twoAndAHalfUsd);
    assertThat(Money.charge(1, twoAndAHalfUsd, 1_000_000)).isEqualTo(2_500_000);
  }

  @Test
  void byteSecondsBeyondALongAreCharged() {
    BigInteger monthOfAnExabyte =
        BigInteger.valueOf(1_000_000_000_000_000_000L)
            .multiply(BigInteger.valueOf(30L * 24 * 3600));
    BigInteger gbMonth =
        BigInteger.valueOf(1_000_000_000).multiply(BigInteger.valueOf(30L * 24 * 3600));

    assertThat(Money.charge(monthOfAnExabyte, 990_000_000, gbMonth))
        .isEqualTo(990_000_000_000_000_000L);
  }

  @ParameterizedTest
  @CsvSource({"-1, 1, 1", "1, -1, 1", "1, 1, 0", "1, 1, -1"})
  void operandsThatMakeNoSenseAreRefusedByBothPaths(long quantity, long rate, long per) {
    assertThatThrownBy(() -> Money.charge(quantity, rate, per))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(quantity + ", " + rate + ", " + per);
    assertThatThrownBy(
            () -> Money.charge(BigInteger.valueOf(quantity), rate, BigInteger.valueOf(per)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(quantity + ", " + rate + ", " + per);
  }

  @Property
  void aSumIsExactOrRefused(@ForAll long a, @ForAll long b) {
    BigInteger exact = BigInteger.valueOf(a).add(BigInteger.valueOf(b));

    if (exact.abs().compareTo(BigInteger.valueOf(Money.MAX_PICO)) > 0) {
      assertThatThrownBy(() -> Money.add(a, b)).isInstanceOf(ArithmeticException.class);
    } else {
      assertThat(Money.add(a, b)).isEqualTo(exact.longValueExact());
    }
  }

  @Test
  void aSumStopsAtTheLargestAmountEitherWay() {
    assertThat(Money.add(Money.MAX_PICO - 1, 1)).isEqualTo(Money.MAX_PICO);
    assertThat(Money.add(1 - Money.MAX_PICO, -1)).isEqualTo(-Money.MAX_PICO);
    assertThatThrownBy(() -> Money.add(Money.MAX_PICO, 1))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("1000000.000000000000 USD");
    assertThatThrownBy(() -> Money.add(-Money.MAX_PICO, -1))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("-1000000.000000000000 USD");
  }

  @Property
  void usdAndPicoTurnIntoEachOther(
      @ForAll @LongRange(min = -Money.MAX_PICO, max = Money.MAX_PICO) long pico) {
    BigDecimal usd = Money.toUsd(pico);

    assertThat(usd.scale()).isEqualTo(12);
    assertThat(usd).isEqualByComparingTo(new BigDecimal(BigInteger.valueOf(pico), 12));
    assertThat(Money.ofUsd(usd)).isEqualTo(pico);
  }

  @ParameterizedTest
  @CsvSource({
    "2.50, 2500000000000",
    "1e3, 1000000000000000",
    "0.000000000001, 1",
    "0.1000000000000000, 100000000000",
    "0e100000000, 0",
    "0e-100000000, 0",
    "-0.000000000001, -1",
    "999999.999999999999, 999999999999999999",
  })
  void usdAreReadExactly(BigDecimal usd, long pico) {
    assertThat(Money.ofUsd(usd)).isEqualTo(pico);
  }

  @ParameterizedTest
  @CsvSource({
    "0.0000000000001",
    "1.0000000000001",
    "1000000",
    "-1000000",
    "9223372.036854775808",
    "1e100000000",
    "1e-100000000",
    "1e2147483647",
    "1e-2147483647",
  })
  @Timeout(5)
  void usdThatDoNotFitAreRefused(BigDecimal usd) {
    assertThatThrownBy(() -> Money.ofUsd(usd)).isInstanceOf(ArithmeticException.class);
  }

  @Provide
  Arbitrary<Long> amounts() {
    return Arbitraries.oneOf(
        Arbitraries.longs().between(0, Long.MAX_VALUE),
        Arbitraries.longs().between(0, 3_000_000_000L),
        Arbitraries.longs().between(Money.MAX_PICO - 5, Money.MAX_PICO + 5));
  }

  /** Products of one to four, small and large. */
  @Provide
  Arbitrary<Factor> factors() {
    Arbitrary<Factor> small =
        Arbitraries.of(1L, 500_000L, 750_000L, 850_000L, 1_085_300L, 1_100_000L, 0L)
            .map(Factor::ofMillionths);
    Arbitrary<Factor> any = Arbitraries.longs().between(1, 1_000_000_000).map(Factor::ofMillionths);
    Arbitrary<Factor> vast =
        Arbitraries.longs().between(0, Long.MAX_VALUE).map(n -> Factor.of(n, Money.PICO_PER_USD));
    return Arbitraries.oneOf(small, any, vast)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .map(list -> list.stream().reduce(Factor.ONE, Factor::times));
  }

  @Provide
  Arbitrary<Long> units() {
    return Arbitraries.oneOf(
        Arbitraries.longs().between(1, Long.MAX_VALUE),
        Arbitraries.longs().between(1, 10),
        Arbitraries.of(1_000L, 1_000_000L, 1_000_000_000L, 3_600_000_000L));
  }
}
