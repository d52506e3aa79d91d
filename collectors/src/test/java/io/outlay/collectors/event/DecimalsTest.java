package io.outlay.collectors.event;

import io.outlay.collectors.event.Decimals.Surplus;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class DecimalsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, 0",
    "0.000, 0",
    "1, 1000000",
    "1.5, 1500000",
    "-2.25, -2250000",
    "1e3, 1000000000",
    "12E-1, 1200000",
    "1e-6, 1",
    "0.0000005, 0",
    "0.0000015, 2",
    "0.00000050000000000000000001, 1",
    "0.0000025, 2",
    "1e-999999999999999, 0",
    "0e999999999999, 0",
    "9223372036854.775807, 9223372036854775807",
    "007, 7000000"
  })
  void givenNumber_whenScaledBySix_thenRoundedHalfEven(String text, long expected) {
    assertThat(scaled(text, 6, Surplus.ROUND)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-", ".", ".5", "5.", "1e", "1e+", "1x", "+1", "1.2.3", "NaN", " 1", "1e1.5"})
  void givenNoNumber_thenMalformed(String text) {
    assertThat(scaled(text, 6, Surplus.ROUND)).isEqualTo(Decimals.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"9223372036854.775808", "1e14", "-1e99999999999", "9223372036854.7758079"})
  void givenMoreThanALong_thenTooLarge(String text) {
    assertThat(scaled(text, 6, Surplus.ROUND)).isEqualTo(Decimals.TOO_LARGE);
  }

  @Test
  void givenSurplusDigits_whenNoneMayBeLost_thenInexactUnlessZeros() {
    assertThat(scaled("1.0", 0, Surplus.REFUSE)).isEqualTo(1);
    assertThat(scaled("1.0001", 0, Surplus.REFUSE)).isEqualTo(Decimals.INEXACT);
    assertThat(scaled("1e-1", 0, Surplus.REFUSE)).isEqualTo(Decimals.INEXACT);
    assertThat(scaled("1e-2", 0, Surplus.REFUSE)).isEqualTo(Decimals.INEXACT);
    assertThat(scaled("120e-1", 0, Surplus.REFUSE)).isEqualTo(12);
  }

  @Test
  void givenAnyNumber_thenAgreesWithBigDecimal() {
    Random random = new Random(7);
    for (int i = 0; i < 100_000; i++) {
      int length = 1 + random.nextInt(22);
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
      for (int d = 0; d < length; d++) {
        text.append(random.nextInt(3) == 0 ? 5 : random.nextInt(3) == 0 ? 0 : random.nextInt(10));
        if (d == length / 2 && d + 1 < length && random.nextBoolean()) {
          text.append('.');
        }
      }
      if (random.nextBoolean()) {
        text.append('e').append(random.nextInt(30) - 15);
      }
      int scale = random.nextInt(13);
      BigDecimal exact = new BigDecimal(text.toString());
      BigDecimal rounded = exact.setScale(scale, RoundingMode.HALF_EVEN);
      long expected =
          rounded.unscaledValue().bitLength() > 63
                  || rounded.unscaledValue().longValue() <= Decimals.INEXACT
              ? Decimals.TOO_LARGE
              : rounded.unscaledValue().longValue();
      assertThat(scaled(text.toString(), scale, Surplus.ROUND))
          .as("%s scale %d", text, scale)
          .isEqualTo(expected);
      if (expected != Decimals.TOO_LARGE) {
        assertThat(scaled(text.toString(), scale, Surplus.REFUSE))
            .as("%s scale %d", text, scale)
            .isEqualTo(exact.compareTo(rounded) == 0 ? expected : Decimals.INEXACT);
      }
    }
  }

  private static long scaled(String text, int scale, Surplus surplus) {
    char[] chars = ("##" + text + "#").toCharArray();
    return Decimals.scaled(chars, 2, text.length(), scale, surplus);
  }
}
