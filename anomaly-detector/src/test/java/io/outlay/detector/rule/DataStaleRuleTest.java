package io.outlay.detector.rule;

import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Scope;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

import static io.outlay.detector.rule.Traffic.feature;
import static io.outlay.detector.rule.Traffic.team;
import static org.assertj.core.api.Assertions.assertThat;

class DataStaleRuleTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
  private static final Duration STEP = Duration.ofMinutes(5);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final Instant START = NOON.minus(DAY).minus(DAY);
  private static final Cell RERANK = new Cell("search", "gpt", "rerank");
  private static final Cell SUMMARY = new Cell("docs", "claude", "summary");

  private final Traffic traffic = traffic(HOUR);

  private static Traffic traffic(Duration window) {
    return new Traffic(
        new DataStaleRule(Traffic.terms(DataStaleRule.TYPE, "1", "0"), ZoneOffset.UTC, window, 1));
  }

  private static Traffic flows(Traffic traffic, Cell cell, Instant from, Instant to) {
    return traffic.every(STEP, from, to, cell, facts -> facts.usd("0.01"));
  }

  @Test
  void givenScopeThatFallsSilentWhenAWindowHasPassedThenItFires() {
    flows(traffic, SUMMARY, START, NOON.plus(HOUR));
    flows(traffic, RERANK, START, NOON.plus(STEP));
    assertThat(traffic.judge(team("search"))).isInstanceOf(Verdict.Within.class);

    flows(traffic, SUMMARY, NOON.plus(HOUR), NOON.plus(HOUR).plus(STEP));
    Verdict.Exceeded verdict = traffic.exceeded(team("search"));
    assertThat(verdict.comparison().metric()).isEqualTo(Metric.STALENESS);
    assertThat(verdict.comparison().actual()).isEqualByComparingTo("3600");
    assertThat(verdict.comparison().expected()).isEqualByComparingTo("3600");
    assertThat(verdict.severity()).isEqualTo(Severity.WARNING);
    assertThat(verdict.notes().get(0)).isEqualTo("no event since 2026-11-21T12:00:00Z");
    assertThat(traffic.judge(team("docs"))).isInstanceOf(Verdict.Within.class);
    assertThat(traffic.judge(Scope.WHOLE)).isInstanceOf(Verdict.Within.class);
    // An hour of twelve events was usual
    assertThat(traffic.explain(team("search")).total()).isEqualByComparingTo("12");

    flows(traffic, RERANK, NOON.plus(HOUR), NOON.plus(HOUR).plus(STEP));
    assertThat(traffic.judge(team("search"))).isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenAllUsageStoppedWhenJudgedThenThatFiresOnceAndNoScopeDoes() {
    flows(traffic, SUMMARY, START, NOON);
    flows(traffic, RERANK, START, NOON.minus(Duration.ofHours(2)));
    assertThat(traffic.judge(team("search"))).isInstanceOf(Verdict.Exceeded.class);
    Instant later = NOON.plus(HOUR);

    assertThat(traffic.judge(Scope.WHOLE, later.minus(Duration.ofMinutes(6))))
        .isInstanceOf(Verdict.Within.class);
    Verdict whole = traffic.judge(Scope.WHOLE, later);
    assertThat(whole).isInstanceOf(Verdict.Exceeded.class);
    assertThat(((Verdict.Exceeded) whole).severity()).isEqualTo(Severity.CRITICAL);
    assertThat(traffic.judge(team("docs"), later)).isInstanceOf(Verdict.Within.class);
    assertThat(traffic.judge(team("search"), later)).isInstanceOf(Verdict.Unknown.class);
    assertThat(traffic.judge(feature("rerank"), later)).isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenUsageThatComesBackWhenJudgedThenScopesHaveAWindowToBeHeardOfAgain() {
    flows(traffic, SUMMARY, START, NOON);
    flows(traffic, RERANK, START, NOON);
    Instant back = NOON.plus(Duration.ofHours(2));
    flows(traffic, SUMMARY, back, back.plus(STEP));
    assertThat(traffic.judge(team("search"))).isInstanceOf(Verdict.Unknown.class);
    assertThat(traffic.judge(Scope.WHOLE)).isInstanceOf(Verdict.Within.class);

    flows(traffic, SUMMARY, back, back.plus(HOUR).plus(STEP));
    assertThat(traffic.judge(team("search"))).isInstanceOf(Verdict.Exceeded.class);
  }

  @Test
  void givenScopeThatRestsAtThisTimeWhenSilentThenItIsNotJudged() {
    flows(traffic, SUMMARY, NOON.minus(DAY).minus(DAY), NOON.plus(HOUR).plus(STEP));
    for (int ago = 2; ago >= 0; ago--) {
      Instant noon = NOON.minus(DAY.multipliedBy(ago));
      flows(traffic, RERANK, noon.minus(Duration.ofHours(4)), noon);
    }

    assertThat(traffic.judge(team("search"))).isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenScopeThatRestsOnThisWeekdayWhenSilentThenItIsNotJudged() {
    // Saturday: every day is busy but the Saturday a week ago
    Traffic all = traffic;
    Instant start = NOON.minus(DAY.multipliedBy(9));
    flows(all, SUMMARY, start, NOON.plus(HOUR).plus(STEP));
    Instant saturday = NOON.minus(DAY.multipliedBy(7));
    flows(all, RERANK, start, saturday.minus(HOUR));
    flows(all, RERANK, saturday.plus(Duration.ofHours(3)), NOON.minus(HOUR));

    assertThat(all.judge(team("search"))).isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenScopeWithAnEventAnHourWhenAShortWindowIsSilentThenItIsNotJudged() {
    Traffic quarter = traffic(Duration.ofMinutes(15));
    flows(quarter, SUMMARY, START, NOON.plus(Duration.ofMinutes(50)));
    quarter.every(HOUR, START, NOON, RERANK, facts -> facts.usd("1"));
    assertThat(quarter.judge(team("search"))).isInstanceOf(Verdict.Unknown.class);

    Traffic busy = traffic(Duration.ofMinutes(15));
    flows(busy, SUMMARY, START, NOON.plus(Duration.ofMinutes(50)));
    busy.every(Duration.ofMinutes(1), START, NOON, RERANK, facts -> facts.usd("0.01"));
    assertThat(busy.judge(team("search"))).isInstanceOf(Verdict.Exceeded.class);
  }
}
