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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ShareRuleTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Cell RERANK = new Cell("search", "gpt", "rerank");
  private static final Cell SUMMARY = new Cell("search", "claude", "summary");

  private final Traffic calls =
      new Traffic(
          ShareRule.errorRate(
              Traffic.terms(ShareRule.ERROR_RATE, "0.05", "0"),
              ZoneOffset.UTC,
              Duration.ofMinutes(15),
              100,
              new BigDecimal("0.25")));
  private final Traffic lookups =
      new Traffic(
          ShareRule.cacheHitRate(
              Traffic.terms(ShareRule.CACHE_HIT_RATE, "0.2", "0"),
              ZoneOffset.UTC,
              Duration.ofHours(1),
              100,
              BigDecimal.ZERO));

  private static Instant minutes(int after) {
    return NOON.plus(Duration.ofMinutes(after));
  }

  private static Consumer<Facts> calls(int all, int failed) {
    return facts -> facts.count(Signal.STATUS_EVENTS, all).count(Signal.ERRORS, failed);
  }

  private static Consumer<Facts> lookups(int all, int hits) {
    return facts -> facts.count(Signal.CACHE_LOOKUPS, all).count(Signal.CACHE_HITS, hits);
  }

  @Test
  void givenExactlyTheLimitWhenJudgedThenNothingAndOneMoreFires() {
    calls.every(MINUTE, NOON, minutes(15), RERANK, calls(100, 5));
    assertThat(calls.judge(team("search"))).isInstanceOf(Verdict.Within.class);

    calls.at(minutes(14), RERANK, calls(0, 1));
    Verdict.Exceeded verdict = calls.exceeded(team("search"));
    assertThat(verdict.comparison().metric()).isEqualTo(Metric.ERROR_RATE);
    assertThat(verdict.comparison().actual()).isEqualByComparingTo("0.050666666667");
    assertThat(verdict.comparison().expected()).isEqualByComparingTo("0.05");
    assertThat(verdict.comparison().window().start()).isEqualTo(NOON);
    assertThat(verdict.comparison().window().end()).isEqualTo(minutes(15));
    assertThat(verdict.clearly()).isFalse();
    assertThat(verdict.severity()).isEqualTo(Severity.WARNING);
    assertThat(verdict.notes()).containsExactly("76 of 1500 calls failed");
  }

  @Test
  void givenAQuarterFailingWhenJudgedThenItIsCritical() {
    calls.every(MINUTE, NOON, minutes(15), RERANK, calls(100, 25));

    assertThat(calls.exceeded(team("search")).severity()).isEqualTo(Severity.CRITICAL);
    assertThat(calls.exceeded(team("search")).clearly()).isTrue();
  }

  @Test
  void givenASeverityOfItsOwnWhenJudgedThenItHasThatUntilItIsCritical() {
    Terms plain = Traffic.terms(ShareRule.ERROR_RATE, "0.05", "0");
    Traffic info =
        new Traffic(
            ShareRule.errorRate(
                new Terms(
                    plain.name(),
                    plain.type(),
                    plain.threshold(),
                    plain.by(),
                    plain.minImpactUsd(),
                    plain.receivers(),
                    Severity.INFO),
                ZoneOffset.UTC,
                Duration.ofMinutes(15),
                100,
                new BigDecimal("0.25")));
    info.every(MINUTE, NOON, minutes(15), RERANK, calls(100, 10));
    assertThat(info.exceeded(team("search")).severity()).isEqualTo(Severity.INFO);

    info.every(MINUTE, NOON, minutes(15), RERANK, calls(0, 30));
    assertThat(info.exceeded(team("search")).severity()).isEqualTo(Severity.CRITICAL);
  }

  @Test
  void givenFewCallsWhenJudgedThenItIsNotKnown() {
    calls.every(MINUTE, NOON, minutes(15), RERANK, calls(6, 6));

    assertThat(calls.judge(team("search"))).isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenABurstWhenItSlidesOutOfTheWindowThenItIsWithin() {
    calls.every(MINUTE, NOON, minutes(3), RERANK, calls(100, 90));
    calls.every(MINUTE, minutes(3), minutes(15), RERANK, calls(100, 0));
    assertThat(calls.judge(team("search"))).isInstanceOf(Verdict.Exceeded.class);

    calls.every(MINUTE, minutes(15), minutes(18), RERANK, calls(100, 0));
    assertThat(calls.judge(team("search"))).isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenCorrectionWhenItArrivesThenTheVerdictFollows() {
    calls.every(MINUTE, NOON, minutes(15), RERANK, calls(100, 10));
    assertThat(calls.judge(team("search"))).isInstanceOf(Verdict.Exceeded.class);

    calls.at(minutes(5), RERANK, calls(3000, 0));
    assertThat(calls.judge(team("search"))).isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenOneFeatureFailingAmongManyCallsWhenJudgedThenItIsNotHidden() {
    calls.every(MINUTE, NOON, minutes(15), RERANK, calls(100, 30));
    calls.every(MINUTE, NOON, minutes(15), SUMMARY, calls(2000, 0));

    assertThat(calls.judge(team("search"))).isInstanceOf(Verdict.Within.class);
    assertThat(calls.judge(feature("summary"))).isInstanceOf(Verdict.Within.class);
    assertThat(calls.judge(feature("rerank"))).isInstanceOf(Verdict.Exceeded.class);
  }

  @Test
  void givenFailuresWhenExplainedThenCellsAddUpToTheExcess() {
    calls.every(MINUTE, NOON, minutes(15), RERANK, calls(100, 30));
    calls.every(MINUTE, NOON, minutes(15), SUMMARY, calls(100, 1));

    Explanation explanation = calls.explain(team("search"));
    // 465 of 3000 failed where 150 are allowed
    assertThat(explanation.total()).isEqualByComparingTo("315");
    assertThat(explanation.causes().get(0).value()).isEqualTo("gpt");
    assertThat(explanation.causes().get(0).deltaUsd()).isEqualByComparingTo("0");
    assertThat(explanation.causes().get(0).share()).isEqualByComparingTo("1.1905");
  }

  @Test
  void givenFewHitsWhenJudgedThenItFiresAndNoLookupsAreNoDrop() {
    lookups.every(MINUTE, NOON, minutes(60), RERANK, lookups(10, 2));
    assertThat(lookups.judge(team("search"))).isInstanceOf(Verdict.Within.class);

    lookups.at(minutes(59), RERANK, lookups(1, 0));
    assertThat(lookups.exceeded(team("search")).notes())
        .containsExactly("120 of 601 lookups were hits");

    lookups.at(minutes(180), RERANK, facts -> facts.usd("1"));
    assertThat(lookups.judge(team("search"))).isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenNoHitAtAllWhenJudgedThenItIsCritical() {
    lookups.every(MINUTE, NOON, minutes(60), RERANK, lookups(10, 0));

    assertThat(lookups.exceeded(team("search")).severity()).isEqualTo(Severity.CRITICAL);
  }

  @Test
  void givenLimitThatIsNoShareWhenMadeThenItIsRefused() {
    assertThatThrownBy(
            () ->
                ShareRule.errorRate(
                    Traffic.terms(ShareRule.ERROR_RATE, "1", "0"),
                    ZoneOffset.UTC,
                    Duration.ofMinutes(15),
                    100,
                    BigDecimal.ONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rule r: threshold must be > 0 and < 1, was 1");
  }
}
