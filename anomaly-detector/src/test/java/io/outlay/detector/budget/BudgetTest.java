package io.outlay.detector.budget;

import io.outlay.schema.BudgetLevel;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.outlay.detector.budget.BudgetScenario.budget;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BudgetTest {
  @ParameterizedTest
  @CsvSource({
    "0, NORMAL",
    "699.999999999999, NORMAL",
    "700, WARN",
    "850, DEGRADE",
    "899.99, DEGRADE",
    "900, CRITICAL",
    "950, LIMIT",
    "999.999999999999, LIMIT",
    "1000, EXHAUSTED",
    "5000, EXHAUSTED",
  })
  void aThresholdIsReachedExactly(BigDecimal usd, BudgetLevel level) {
    assertThat(budget().level(usd)).isEqualTo(level);
  }

  @ParameterizedTest
  @CsvSource({
    "0.5 0.8 1.0, 600, WARN",
    "0.5 0.8 1.0, 850, WARN",
    "0.5 0.8 1.0, 990, WARN",
    // Whatever the thresholds, at the limit it is exhausted.
    "0.5, 1000, EXHAUSTED",
    "0.5 1.2, 1300, EXHAUSTED",
    "0.88, 890, DEGRADE",
    "0.92, 920, CRITICAL",
    "0.97, 969, NORMAL",
    "0.97, 970, LIMIT",
  })
  void anOwnThresholdHasTheLevelOfItsShare(String thresholds, BigDecimal usd, BudgetLevel level) {
    assertThat(budget(thresholds).level(usd)).isEqualTo(level);
  }

  @Test
  void theHighestThresholdThatIsReachedIsTold() {
    Budget budget = budget("0.5 0.8 1.5");

    assertThat(budget.reached(new BigDecimal("499.99"))).isEmpty();
    assertThat(budget.reached(new BigDecimal("1499.99"))).contains(new BigDecimal("0.8"));
    assertThat(budget.reached(new BigDecimal("1500"))).contains(new BigDecimal("1.5"));
  }

  @Test
  void teamModelAndFeatureMakeItOneOfCells() {
    assertThat(BudgetScenario.of(Map.of()).isOfCells()).isTrue();
    assertThat(BudgetScenario.of(Map.of("team", "a", "model", "b", "feature", "c")).isOfCells())
        .isTrue();
    assertThat(BudgetScenario.of(Map.of("customer", "acme", "team", "a")).isOfCells()).isFalse();
  }

  @Test
  void whatDoesNotHoldIsRefused() {
    List<BigDecimal> falling = Arrays.asList(new BigDecimal("0.9"), new BigDecimal("0.8"));
    Budget sound = budget();
    assertThatThrownBy(
            () ->
                new Budget(
                    "b",
                    sound.scope(),
                    sound.period(),
                    sound.zone(),
                    BigDecimal.ZERO,
                    sound.thresholds(),
                    true,
                    true,
                    List.of()))
        .hasMessage("budget b: limitUsd must be > 0, was 0");
    assertThatThrownBy(
            () ->
                new Budget(
                    "b",
                    sound.scope(),
                    sound.period(),
                    sound.zone(),
                    BigDecimal.ONE,
                    falling,
                    true,
                    true,
                    List.of()))
        .hasMessage("budget b: thresholds must ascend from 0, was [0.9, 0.8]");
  }
}
