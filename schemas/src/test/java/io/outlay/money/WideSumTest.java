package io.outlay.money;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WideSumTest {
  private final WideSum sum = new WideSum();

  @Property
  void theSumIsThatOfWholeNumbersAtEveryStep(@ForAll("amounts") List<Long> amounts) {
    WideSum running = new WideSum();
    BigInteger expected = BigInteger.ZERO;
    for (long amount : amounts) {
      running.add(amount);
      expected = expected.add(BigInteger.valueOf(amount));

      assertThat(running.toBigInteger()).isEqualTo(expected);
      assertThat(running.toUsd()).isEqualTo(new BigDecimal(expected, 12));
    }
  }

  @Test
  void anEmptySumIsZeroDollars() {
    assertThat(sum.toBigInteger()).isEqualTo(BigInteger.ZERO);
    assertThat(sum.toUsd()).isEqualTo(new BigDecimal("0.000000000000"));
  }

  @Test
  void carriesAndBorrowsCrossTheLowHalf() {
    sum.add(Long.MAX_VALUE);
    sum.add(Long.MAX_VALUE);
    sum.add(1);
    assertThat(sum.toBigInteger()).isEqualTo(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE));

    sum.add(1);
    assertThat(sum.toBigInteger()).isEqualTo(BigInteger.ONE.shiftLeft(64));

    sum.add(-1);
    assertThat(sum.toBigInteger()).isEqualTo(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE));
  }

  @Test
  void aMillionOfTheLargestAmountsDoNotOverflowEitherWay() {
    int count = 1_000_000;
    for (int i = 0; i < count; i++) {
      sum.add(Long.MIN_VALUE);
    }
    assertThat(sum.toBigInteger())
        .isEqualTo(BigInteger.valueOf(Long.MIN_VALUE).multiply(BigInteger.valueOf(count)));

    for (int i = 0; i < 2 * count; i++) {
      sum.add(Long.MAX_VALUE);
    }
    assertThat(sum.toBigInteger())
        .isEqualTo(
            BigInteger.valueOf(Long.MIN_VALUE)
                .add(BigInteger.valueOf(Long.MAX_VALUE).shiftLeft(1))
                .multiply(BigInteger.valueOf(count)));
  }

  @Provide
  Arbitrary<List<Long>> amounts() {
    return Arbitraries.oneOf(
            Arbitraries.longs(),
            Arbitraries.longs().between(-3, 3),
            Arbitraries.of(Long.MIN_VALUE, Long.MAX_VALUE, Money.MAX_PICO, -Money.MAX_PICO))
        .list()
        .ofMaxSize(60);
  }
}
