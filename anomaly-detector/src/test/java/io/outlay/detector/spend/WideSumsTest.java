package io.outlay.detector.spend;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class WideSumsTest {
  @Test
  void givenRandomAmountsWhenSummedThenEqualsBigInteger() {
    Random random = new Random(1);
    WideSums sums = new WideSums(2);
    BigInteger expected = BigInteger.ZERO;
    for (int i = 0; i < 10_000; i++) {
      BigInteger amount = new BigInteger(110, random);
      amount = random.nextBoolean() ? amount.negate() : amount;
      sums.set(1, amount);
      sums.addTo(1, sums, 0);
      expected = expected.add(amount);
      assertThat(sums.get(0)).isEqualTo(expected);
      assertThat(sums.get(1)).isEqualTo(amount);
    }
  }

  @Test
  void givenAmountsOfAnySizeWhenAddedThenEqualsBigInteger() {
    Random random = new Random(2);
    WideSums sums = new WideSums(1);
    BigInteger expected = BigInteger.ZERO;
    for (int i = 0; i < 10_000; i++) {
      BigInteger amount = new BigInteger(1 + random.nextInt(80), random);
      amount = random.nextBoolean() ? amount.negate() : amount;
      sums.add(0, amount);
      expected = expected.add(amount);
      assertThat(sums.get(0)).isEqualTo(expected);
      sums.set(0, expected);
      assertThat(sums.get(0)).isEqualTo(expected);
    }
  }

  @Test
  void givenMoreThan128BitsWhenSetThenRefused() {
    assertThatThrownBy(() -> new WideSums(1).set(0, BigInteger.ONE.shiftLeft(127)))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("128 bits");
  }
}
