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

class QualityDropRuleTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
  private static final Cell RERANK = new Cell("search", "gpt", "rerank");
  private static final Cell SUMMARY = new Cell("search", "claude", "summary");

  private final Traffic traffic =
      new Traffic(
          new QualityDropRule(
              Traffic.terms(QualityDropRule.TYPE, "0.1", "0"),
              ZoneOffset.UTC,
              new MeanRatioRule.Options(Duration.ofDays(1), 7, 3, 30, new BigDecimal("0.25"))));

  private static Consumer<Facts> hour(int scores, String mean, String usd) {
    long millionths =
        new BigDecimal(mean)
            .movePointRight(6)
            .multiply(BigDecimal.valueOf(scores))
            .longValueExact();
    return facts ->
        facts
            .usd(usd)
            .count(Signal.REQUESTS, 1000)
            .count(Signal.SCORE_EVENTS, scores)
            .count(Signal.SCORE_MILLIONTHS, millionths);
  }

  private Traffic days(Cell cell, Consumer<Facts> hour) {
    Instant today = NOON.minus(Duration.ofHours(20));
    return traffic.every(Duration.ofHours(1), today.minus(Duration.ofDays(7)), today, cell, hour);
  }

  private Traffic today(Cell cell, Consumer<Facts> hour) {
    return traffic.every(Duration.ofHours(1), NOON.minus(Duration.ofHours(20)), NOON, cell, hour);
  }

  @Test
  void givenLowerScoresAndSavingsWhenJudgedThenItFiresWithBoth() {
    days(RERANK, hour(10, "0.8", "10"));
    today(RERANK, hour(10, "0.6", "2"));

    Verdict.Exceeded verdict = traffic.exceeded(team("search"));
    Comparison comparison = verdict.comparison();
    assertThat(comparison.metric()).isEqualTo(Metric.QUALITY);
    assertThat(comparison.expected()).isEqualByComparingTo("0.8");
    assertThat(comparison.actual()).isLessThan(new BigDecimal("0.7"));
    assertThat(comparison.impactUsd()).isNegative();
    assertThat(verdict.notes()).hasSize(2);
    assertThat(verdict.notes().get(0)).startsWith("mean score 0.6").contains("0.8 was usual");
    assertThat(verdict.notes().get(1)).contains("USD where 0.01 was usual; that saved ");
    Explanation explanation = traffic.explain(team("search"));
    assertThat(explanation.total()).isPositive();
    assertThat(explanation.drivers().unitPriceUsd().add(explanation.drivers().mixUsd()))
        .isEqualByComparingTo(comparison.impactUsd());
  }

  @Test
  void givenLowerScoresWithoutSavingsWhenJudgedThenItIsWithin() {
    days(RERANK, hour(10, "0.8", "10"));
    today(RERANK, hour(10, "0.5", "10"));

    assertThat(traffic.judge(team("search"))).isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenSavingsWithoutLowerScoresWhenJudgedThenItIsWithin() {
    days(RERANK, hour(10, "0.8", "10"));
    today(RERANK, hour(10, "0.75", "1"));

    assertThat(traffic.judge(team("search"))).isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenAThirdLessWhenJudgedThenItIsCritical() {
    days(RERANK, hour(10, "0.9", "10"));
    today(RERANK, hour(10, "0.4", "5"));

    assertThat(traffic.exceeded(team("search")).severity()).isEqualTo(Severity.CRITICAL);
  }

  @Test
  void givenFewScoresWhenJudgedThenItIsNotKnown() {
    days(RERANK, hour(10, "0.8", "10"));
    traffic.at(NOON.plus(Duration.ofDays(1)), RERANK, hour(29, "0.1", "1"));

    assertThat(traffic.judge(team("search"))).isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenOneFeatureBetterAndOneWorseWhenJudgedThenNeitherHidesTheOther() {
    days(RERANK, hour(10, "0.7", "10"));
    days(SUMMARY, hour(10, "0.7", "10"));
    today(RERANK, hour(10, "0.4", "5"));
    today(SUMMARY, hour(10, "1", "5"));

    assertThat(traffic.judge(team("search"))).isInstanceOf(Verdict.Within.class);
    assertThat(traffic.judge(feature("rerank"))).isInstanceOf(Verdict.Exceeded.class);
    assertThat(traffic.judge(feature("summary"))).isInstanceOf(Verdict.Within.class);
  }
}
