package io.outlay.money;

import java.math.BigInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class FactorTest {
  @Test
  void aFactorIsReduced() {
    assertThat(Factor.ofMillionths(500_000)).hasToString("1/2");
    assertThat(Factor.ofMillionths(1_085_300)).hasToString("10853/10000");
    assertThat(Factor.ofMillionths(1_000_000)).isSameAs(Factor.ONE);
    assertThat(Factor.ofMillionths(0)).hasToString("0/1");
  }

  @Test
  void factorsThatCancelOutLeaveOne() {
    assertThat(Factor.of(1, 2).times(Factor.of(2, 1)).isOne()).isTrue();
    assertThat(Factor.of(0, 5).times(Factor.of(5, 7))).hasToString("0/1");
  }

  @Property
  void aProductIsExactWhateverItsSize(
      @ForAll @LongRange(max = Long.MAX_VALUE) long a,
      @ForAll @LongRange(min = 1, max = Long.MAX_VALUE) long b,
      @ForAll @LongRange(max = Long.MAX_VALUE) long c,
      @ForAll @LongRange(min = 1, max = Long.MAX_VALUE) long d) {
    Factor product = Factor.of(a, b).times(Factor.of(c, d)).times(Factor.of(a, d));

    BigInteger left =
        product
            .exactNumerator()
            .multiply(BigInteger.valueOf(b))
            .multiply(BigInteger.valueOf(d))
            .multiply(BigInteger.valueOf(d));
    BigInteger right =
        product
            .exactDenominator()
            .multiply(BigInteger.valueOf(a))
            .multiply(BigInteger.valueOf(c))
            .multiply(BigInteger.valueOf(a));
    assertThat(left).isEqualTo(right);
  }

  @Test
  void nonsenseIsRefusedByName() {
    assertThatThrownBy(() -> Factor.of(-1, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1 / 5");
    assertThatThrownBy(() -> Factor.of(1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 / 0");
  }
}
