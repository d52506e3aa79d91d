package io.outlay.detector.rule;

import io.outlay.detector.rule.Traffic.Facts;
import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Signal;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

import static io.outlay.detector.rule.Traffic.feature;
import static io.outlay.detector.rule.Traffic.team;
import static org.assertj.core.api.Assertions.assertThat;

class GpuUtilizationRuleTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Cell TRAINING = new Cell("ml", "h100", "training");
  private static final Cell SERVING = new Cell("ml", "h100", "serving");

  private final Traffic traffic =
      new Traffic(
          new GpuUtilizationRule(
              Traffic.terms(GpuUtilizationRule.TYPE, "0.5", "1"),
              ZoneOffset.UTC,
              Duration.ofMinutes(30),
              new BigDecimal("0.1")));

  private static Instant minutes(int after) {
    return NOON.plus(Duration.ofMinutes(after));
  }

  /** A minute of an accelerator that costs 6 USD an hour. */
  private static Consumer<Facts> minute(int percent) {
    return facts ->
        facts
            .usd("0.1")
            .idle(new BigDecimal("0.001").multiply(BigDecimal.valueOf(100 - percent)).toString())
            .count(Signal.GPU_MILLIS, 60_000)
            .count(Signal.GPU_MEASURED_MILLIS, 60_000)
            .count(Signal.GPU_BUSY_MILLIS, 600L * percent);
  }

  @Test
  void givenHalfBusyWhenJudgedThenNothingAndLessFiresWithTheIdleDollars() {
    traffic.every(MINUTE, NOON, minutes(30), TRAINING, minute(50));
    assertThat(traffic.judge(team("ml"))).isInstanceOf(Verdict.Within.class);

    traffic.every(MINUTE, minutes(30), minutes(60), TRAINING, minute(20));
    Verdict.Exceeded verdict = traffic.exceeded(team("ml"));
    assertThat(verdict.comparison().actual()).isEqualByComparingTo("0.2");
    assertThat(verdict.comparison().expected()).isEqualByComparingTo("0.5");
    assertThat(verdict.comparison().impactUsd()).isEqualByComparingTo("2.4");
    assertThat(verdict.comparison().actualUsd()).isEqualByComparingTo("3");
    assertThat(verdict.severity()).isEqualTo(Severity.WARNING);
    assertThat(verdict.clearly()).isTrue();
    assertThat(verdict.notes())
        .containsExactly("2.4 USD were spent on idle accelerators in 30 minutes");
  }

  @Test
  void givenAllocationThatJustBeganWhenJudgedThenItIsNotKnownYet() {
    traffic.every(MINUTE, NOON, minutes(19), TRAINING, minute(0));
    assertThat(traffic.judge(team("ml"))).isInstanceOf(Verdict.Unknown.class);

    traffic.every(MINUTE, minutes(19), minutes(30), TRAINING, minute(0));
    assertThat(traffic.exceeded(team("ml")).severity()).isEqualTo(Severity.CRITICAL);
  }

  @Test
  void givenReportsEveryFiveMinutesWhenJudgedThenTheyAreAllocatedAllThrough() {
    traffic.every(
        Duration.ofMinutes(5),
        NOON,
        minutes(30),
        TRAINING,
        facts ->
            facts
                .usd("0.5")
                .idle("0.5")
                .count(Signal.GPU_MILLIS, 300_000)
                .count(Signal.GPU_MEASURED_MILLIS, 300_000));
    traffic.at(minutes(29), new Cell("web", "gpt", "chat"), facts -> facts.usd("1"));

    assertThat(traffic.judge(team("ml"))).isInstanceOf(Verdict.Exceeded.class);
  }

  @Test
  void givenReleaseWhenJudgedThenItIsWithin() {
    traffic.every(MINUTE, NOON, minutes(30), TRAINING, minute(0));
    assertThat(traffic.judge(team("ml"))).isInstanceOf(Verdict.Exceeded.class);

    traffic.at(minutes(40), new Cell("web", "gpt", "chat"), facts -> facts.usd("1"));
    assertThat(traffic.judge(team("ml"))).isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenNoMeasurementWhenJudgedThenItIsNotKnown() {
    traffic.every(
        MINUTE,
        NOON,
        minutes(30),
        TRAINING,
        facts -> facts.usd("0.1").count(Signal.GPU_MILLIS, 60_000));

    assertThat(traffic.judge(team("ml"))).isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenLittleMoneyAtStakeWhenJudgedThenItIsWithin() {
    traffic.every(
        MINUTE,
        NOON,
        minutes(30),
        TRAINING,
        facts ->
            facts
                .usd("0.01")
                .idle("0.01")
                .count(Signal.GPU_MILLIS, 60_000)
                .count(Signal.GPU_MEASURED_MILLIS, 60_000));

    assertThat(traffic.judge(team("ml"))).isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenOneIdleFeatureBesideABusyOneWhenJudgedThenItIsNotHidden() {
    traffic.every(MINUTE, NOON, minutes(30), TRAINING, minute(10));
    traffic.every(MINUTE, NOON, minutes(30), SERVING, minute(100));

    assertThat(traffic.judge(team("ml"))).isInstanceOf(Verdict.Within.class);
    assertThat(traffic.judge(feature("training"))).isInstanceOf(Verdict.Exceeded.class);
    Explanation explanation = traffic.explain(feature("training"));
    assertThat(explanation.total()).isEqualByComparingTo("2.7");
    assertThat(explanation.causes().get(0).deltaUsd()).isEqualByComparingTo("2.7");
    assertThat(explanation.drivers().mixUsd()).isEqualByComparingTo("2.7");
  }
}
