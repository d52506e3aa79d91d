package io.outlay.detector.rule;

import io.outlay.detector.rule.Traffic.Facts;
import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Signal;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

import static io.outlay.detector.rule.Traffic.feature;
import static io.outlay.detector.rule.Traffic.team;
import static org.assertj.core.api.Assertions.assertThat;

class MeanRatioRuleTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Cell RERANK = new Cell("search", "gpt", "rerank");
  private static final Cell SUMMARY = new Cell("search", "claude", "summary");

  private final Traffic spend = new Traffic(costPerRequest(ZoneOffset.UTC));

  private static Rule costPerRequest(ZoneId zone) {
    return MeanRatioRule.costPerRequest(
        Traffic.terms(MeanRatioRule.COST_PER_REQUEST, "1.5", "1"),
        zone,
        options(Duration.ofHours(1)));
  }

  private static MeanRatioRule.Options options(Duration window) {
    return new MeanRatioRule.Options(window, 7, 3, 100, BigDecimal.valueOf(3));
  }

  private static Instant minutes(int after) {
    return NOON.plus(Duration.ofMinutes(after));
  }

  private static Consumer<Facts> requests(int count, String usd) {
    return facts -> facts.usd(usd).count(Signal.REQUESTS, count);
  }

  /** The same hour of each of the last days. */
  private static Traffic week(Traffic traffic, int days, Cell cell, Consumer<Facts> hour) {
    for (int ago = days; ago >= 1; ago--) {
      traffic.at(NOON.minus(Duration.ofDays(ago)).plus(Duration.ofMinutes(30)), cell, hour);
    }
    return traffic;
  }

  @Test
  void givenExactlyTheMultipleWhenJudgedThenNothingAndOnePicoMoreFires() {
    // 7 × 10 USD over 7 × 1000 requests: a cent each
    week(spend, 7, RERANK, requests(1000, "10"));
    spend.every(MINUTE, NOON, minutes(60), RERANK, requests(10, "0.15"));
    assertThat(spend.judge(team("search"))).isInstanceOf(Verdict.Within.class);

    spend.at(minutes(59), RERANK, facts -> facts.usd("0.000000000001"));
    Verdict.Exceeded verdict = spend.exceeded(team("search"));
    assertThat(verdict.comparison().metric()).isEqualTo(Metric.COST_PER_REQUEST);
    assertThat(verdict.comparison().actual()).isEqualByComparingTo("0.015");
    assertThat(verdict.comparison().expected()).isEqualByComparingTo("0.01");
    assertThat(verdict.comparison().impactUsd()).isEqualByComparingTo("3.000000000001");
    assertThat(verdict.comparison().actualUsd()).isEqualByComparingTo("9.000000000001");
    assertThat(verdict.comparison().confidence()).isEqualByComparingTo("1");
    assertThat(verdict.severity()).isEqualTo(Severity.WARNING);
  }

  @Test
  void givenADayOfFewDearRequestsWhenJudgedThenItCountsByItsRequests() {
    week(spend, 6, RERANK, requests(1000, "10"));
    // One request of 10 USD: a mean of daily ratios would expect 1.44 USD a request
    spend.at(NOON.minus(Duration.ofDays(7)), RERANK, requests(1, "10"));
    spend.every(MINUTE, NOON, minutes(60), RERANK, requests(10, "0.2"));

    assertThat(spend.exceeded(team("search")).comparison().expected())
        .isEqualByComparingTo("0.011664722546");
  }

  @Test
  void givenOtherHoursThatAreDearerWhenJudgedThenOnlyTheSameHoursCount() {
    week(spend, 7, RERANK, requests(1000, "10"));
    for (int ago = 7; ago >= 1; ago--) {
      spend.at(NOON.minus(Duration.ofDays(ago)).minusSeconds(7200), RERANK, requests(1000, "900"));
    }
    spend.every(MINUTE, NOON, minutes(60), RERANK, requests(10, "0.3"));

    assertThat(spend.exceeded(team("search")).severity()).isEqualTo(Severity.CRITICAL);
  }

  @Test
  void givenFewRequestsOrLittleHistoryWhenJudgedThenItIsNotKnown() {
    week(spend, 2, RERANK, requests(1000, "10"));
    week(spend, 7, SUMMARY, requests(1000, "10"));
    spend.every(MINUTE, NOON, minutes(60), RERANK, requests(10, "5"));
    spend.every(MINUTE, NOON, minutes(60), SUMMARY, requests(1, "5"));

    assertThat(spend.judge(feature("rerank"))).isInstanceOf(Verdict.Unknown.class);
    assertThat(spend.judge(feature("summary"))).isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenLittleMoneyAtStakeWhenJudgedThenItIsWithin() {
    week(spend, 7, RERANK, requests(1000, "0.1"));
    spend.every(MINUTE, NOON, minutes(60), RERANK, requests(10, "0.01"));

    assertThat(spend.judge(team("search"))).isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenFreeBaselineWhenJudgedThenItIsNotKnown() {
    week(spend, 7, RERANK, requests(1000, "0"));
    spend.every(MINUTE, NOON, minutes(60), RERANK, requests(10, "5"));

    assertThat(spend.judge(team("search"))).isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenOppositeMovesWhenJudgedThenNeitherHidesTheOther() {
    week(spend, 7, RERANK, requests(1000, "10"));
    week(spend, 7, SUMMARY, requests(1000, "20"));
    spend.every(MINUTE, NOON, minutes(60), RERANK, requests(10, "0.3"));
    spend.every(MINUTE, NOON, minutes(60), SUMMARY, requests(10, "0.01"));

    assertThat(spend.judge(team("search"))).isInstanceOf(Verdict.Within.class);
    assertThat(spend.judge(feature("summary"))).isInstanceOf(Verdict.Within.class);
    assertThat(spend.judge(feature("rerank"))).isInstanceOf(Verdict.Exceeded.class);
  }

  @Test
  void givenPriceAndMixThatChangedWhenExplainedThenPartsAddUpToTheChange() {
    week(spend, 7, RERANK, requests(1000, "10"));
    week(spend, 7, SUMMARY, requests(1000, "30"));
    // Reranking doubles its price; summaries, which are dearer, come three times as often
    spend.every(MINUTE, NOON, minutes(60), RERANK, requests(10, "0.2"));
    spend.every(MINUTE, NOON, minutes(60), SUMMARY, requests(30, "0.9"));

    Traffic traffic = spend;
    Verdict verdict = traffic.judge(team("search"));
    assertThat(verdict).isInstanceOf(Verdict.Within.class);
    spend.every(MINUTE, NOON, minutes(60), RERANK, facts -> facts.usd("0.5"));
    Comparison comparison = spend.exceeded(team("search")).comparison();
    Explanation explanation = spend.explain(team("search"));
    Explanation.Drivers drivers = explanation.drivers();
    assertThat(drivers.volumeUsd()).isEqualByComparingTo("0");
    assertThat(drivers.unitPriceUsd()).isEqualByComparingTo("36");
    assertThat(drivers.unitPriceUsd().add(drivers.mixUsd()))
        .isEqualByComparingTo(comparison.impactUsd());
    assertThat(explanation.total()).isEqualByComparingTo(comparison.impactUsd());
    assertThat(explanation.causes().get(0).deltaUsd()).isPositive();
  }

  @Test
  void givenClocksSetBackWhenJudgedThenTheSameLocalHoursAreCompared() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    Traffic traffic = new Traffic(costPerRequest(berlin), berlin);
    // 10:30 in Berlin: 08:30 UTC until 2026-10-24, 09:30 from the 25th on
    for (int day = 20; day <= 24; day++) {
      traffic.at(Instant.parse("2026-10-" + day + "T08:30:00Z"), RERANK, requests(1000, "10"));
      traffic.at(Instant.parse("2026-10-" + day + "T09:30:00Z"), RERANK, requests(1000, "90"));
    }
    Instant ten = Instant.parse("2026-10-25T09:00:00Z");
    traffic.every(MINUTE, ten, ten.plusSeconds(3600), RERANK, requests(10, "0.2"));

    assertThat(traffic.exceeded(team("search")).comparison().expected())
        .isEqualByComparingTo("0.01");
  }

  @Test
  void givenWindowOfHoursWhenJudgedThenItConsistsOfWholeHoursAndTheRunningOne() {
    Traffic traffic =
        new Traffic(
            MeanRatioRule.costPerRequest(
                Traffic.terms(MeanRatioRule.COST_PER_REQUEST, "1.5", "1"),
                ZoneOffset.UTC,
                options(Duration.ofHours(6))));
    for (int ago = 7; ago >= 1; ago--) {
      traffic.at(NOON.minus(Duration.ofDays(ago)).minusSeconds(7200), RERANK, requests(1000, "10"));
    }
    traffic.at(NOON.minusSeconds(7200), RERANK, requests(1000, "40"));
    traffic.at(minutes(20), RERANK, requests(1, "0.01"));

    Verdict.Exceeded verdict = traffic.exceeded(team("search"));
    assertThat(verdict.comparison().window().start()).isEqualTo("2026-11-21T06:00:00Z");
    assertThat(verdict.comparison().window().end()).isEqualTo("2026-11-21T12:21:00Z");
    assertThat(verdict.comparison().asOf()).isEqualTo("2026-11-21T12:20:00Z");
    assertThat(verdict.comparison().actualUsd()).isEqualByComparingTo("40.01");
  }

  @Test
  void givenTwiceTheLatencyWhenJudgedThenMoreThanThatFires() {
    Traffic latency =
        new Traffic(
            MeanRatioRule.latency(
                Traffic.terms(MeanRatioRule.LATENCY, "2", "0"),
                ZoneOffset.UTC,
                options(Duration.ofMinutes(15))));
    week(
        latency,
        3,
        RERANK,
        facts -> facts.count(Signal.LATENCY_EVENTS, 1000).count(Signal.LATENCY_MILLIS, 500_000));
    Consumer<Facts> slow =
        facts -> facts.count(Signal.LATENCY_EVENTS, 10).count(Signal.LATENCY_MILLIS, 10_000);
    latency.every(MINUTE, NOON, minutes(15), RERANK, slow);
    assertThat(latency.judge(team("search"))).isInstanceOf(Verdict.Within.class);

    latency.at(minutes(14), RERANK, facts -> facts.count(Signal.LATENCY_MILLIS, 1));
    Verdict.Exceeded verdict = latency.exceeded(team("search"));
    assertThat(verdict.comparison().expected()).isEqualByComparingTo("500");
    assertThat(verdict.comparison().impactUsd()).isEqualByComparingTo("0");
    assertThat(verdict.comparison().confidence()).isEqualByComparingTo("0.43");
    assertThat(latency.explain(team("search")).total()).isEqualByComparingTo("75001");
  }
}
