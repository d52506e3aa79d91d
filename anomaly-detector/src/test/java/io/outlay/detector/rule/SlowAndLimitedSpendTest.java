package io.outlay.detector.rule;

import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.Windows;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Drift, limits, forecasts and what is planned. 2026-11-21 is a Saturday. */
class SlowAndLimitedSpendTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final ZoneId AUCKLAND = ZoneId.of("Pacific/Auckland");
  private static final SpendDriftRule DRIFT =
      new SpendDriftRule(
          Spending.terms(SpendRatioRule.TYPE, "1.5"),
          ZoneOffset.UTC,
          Grade.USUAL,
          new BigDecimal("1.2"),
          BigDecimal.valueOf(3));

  private static double growth(ZonedDateTime hour, double aDay) {
    long days = ChronoUnit.DAYS.between(LocalDate.parse("2026-10-15"), hour.toLocalDate());
    return 10 * Math.pow(aDay, Math.max(0, days));
  }

  private static Verdict drift(ToDoubleFunction<ZonedDateTime> usd) {
    return new Spending(ZoneOffset.UTC).spend("2026-09-01", NOW, usd).judge(DRIFT, NOW);
  }

  @Test
  void givenGrowthThatNoDayShowsWhenItHasAddedUpThenItFires() {
    ToDoubleFunction<ZonedDateTime> usd = hour -> growth(hour, 1.02);
    assertThat(drift(usd))
        .isInstanceOfSatisfying(
            Verdict.Exceeded.class,
            exceeded -> {
              assertThat(exceeded.comparison().ratio().orElseThrow().doubleValue())
                  .isBetween(1.7, 1.8);
              assertThat(exceeded.notes().get(0)).startsWith("drift: the last 7 days against");
            });
    // The plain rule never sees it
    for (int hours = 0; hours < 24 * 28; hours += 6) {
      Instant at = NOW.minus(Duration.ofHours(hours));
      assertThat(
              new Spending(ZoneOffset.UTC)
                  .spend("2026-09-01", at, usd)
                  .judge(
                      new SpendRatioRule(
                          Spending.terms(SpendRatioRule.TYPE, "1.2"), ZoneOffset.UTC, 7, 3),
                      at))
          .isInstanceOf(Verdict.Within.class);
    }
  }

  @Test
  void givenOrdinaryGrowthWhenJudgedThenItDoesNotFire() {
    assertThat(drift(hour -> growth(hour, 1.007))).isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenASpikeOrALastingShiftWhenJudgedThenThatIsNoDrift() {
    assertThat(drift(hour -> hour.toLocalDate().toString().equals("2026-11-18") ? 200 : 10))
        .isInstanceOf(Verdict.Within.class);
    assertThat(drift(hour -> hour.toLocalDate().isBefore(LocalDate.parse("2026-11-05")) ? 10 : 25))
        .isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenTooFewDaysWhenJudgedForDriftThenUnknown() {
    Spending spending = new Spending(ZoneOffset.UTC).spend("2026-10-17", NOW, hour -> 10);
    assertThat(spending.judge(DRIFT, NOW)).isInstanceOf(Verdict.Unknown.class);
  }

  private static SpendLimitRule limit(String share, Duration window) {
    return new SpendLimitRule(
        Spending.terms(SpendLimitRule.TYPE, share),
        new Windows(AUCKLAND, window),
        new BigDecimal("100"),
        new Grade(Severity.WARNING, new BigDecimal("1.5")));
  }

  @Test
  void givenALimitWhenItsShareIsPassedThenItFiresAndSaysHowFar() {
    Spending spending = new Spending(AUCKLAND);
    Instant now = spending.at("2026-11-21T08:00");
    spending.spend("2026-11-21", now, hour -> 10);
    assertThat(spending.judge(limit("0.8", Duration.ofDays(1)), now))
        .isInstanceOf(Verdict.Within.class);

    Instant later = spending.at("2026-11-21T09:00");
    spending.spend("2026-11-21", later, hour -> 10);
    assertThat(spending.judge(limit("0.8", Duration.ofDays(1)), later))
        .isInstanceOfSatisfying(
            Verdict.Exceeded.class,
            exceeded -> {
              assertThat(exceeded.severity()).isEqualTo(Severity.WARNING);
              assertThat(exceeded.notes()).containsExactly("90 % of the limit of 100 USD");
              assertThat(exceeded.comparison().impactUsd()).isEqualByComparingTo("10");
            });

    Instant evening = spending.at("2026-11-21T15:00");
    spending.spend("2026-11-21", evening, hour -> 10);
    assertThat(spending.judge(limit("0.8", Duration.ofDays(1)), evening))
        .isInstanceOfSatisfying(
            Verdict.Exceeded.class,
            exceeded -> assertThat(exceeded.severity()).isEqualTo(Severity.CRITICAL));
    // A new day, a new limit
    Instant next = spending.at("2026-11-22T01:00");
    spending.spend("2026-11-22", next, hour -> 10);
    assertThat(spending.judge(limit("0.8", Duration.ofDays(1)), next))
        .isInstanceOf(Verdict.Within.class);
  }

  private static ForecastOverrunRule forecast(ZoneId zone, Duration window, String limit) {
    return new ForecastOverrunRule(
        Spending.terms(ForecastOverrunRule.TYPE, "1"),
        new Windows(zone, window),
        14,
        3,
        new BigDecimal(limit),
        new Grade(Severity.WARNING, new BigDecimal("1.5")));
  }

  @Test
  void givenARunningWeekWhenForecastThenEachDayThatRemainsCostsWhatItsWeekdayDid() {
    Spending spending = new Spending(AUCKLAND);
    Instant now = spending.at("2026-11-19T12:00"); // a Thursday
    spending.spend(
        "2026-11-02", now, hour -> hour.getDayOfWeek().compareTo(DayOfWeek.SATURDAY) >= 0 ? 1 : 10);
    Verdict verdict = spending.judge(forecast(AUCKLAND, Duration.ofDays(7), "1200"), now);

    // Five days of 240 and two of 24
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Exceeded.class,
            exceeded -> {
              Comparison comparison = exceeded.comparison();
              assertThat(comparison.projectedUsd()).isEqualByComparingTo("1248");
              assertThat(comparison.actualUsd()).isEqualByComparingTo("840");
              assertThat(comparison.impactUsd()).isEqualByComparingTo("48");
              assertThat(comparison.confidence()).isEqualByComparingTo("1");
              assertThat(exceeded.notes())
                  .containsExactly("will come to 104 % of the limit of 1200 USD");
            });
    assertThat(spending.judge(forecast(AUCKLAND, Duration.ofDays(7), "1248"), now))
        .isInstanceOf(Verdict.Within.class);
  }

  @Test
  void givenClocksChangeInTheRestOfTheWeekWhenForecastThenItHasOneHourLess() {
    Spending spending = new Spending(AUCKLAND);
    Instant now = spending.at("2026-09-25T00:00"); // clocks go forward on Sunday
    spending.spend("2026-09-01", now, hour -> 10);
    Comparison comparison =
        spending.judge(forecast(AUCKLAND, Duration.ofDays(7), "5000"), now).figures().orElseThrow();

    assertThat(comparison.projectedUsd()).isEqualByComparingTo("1670");
  }

  @Test
  void givenFewDaysWhenForecastThenLessConfidentAndBelowTheMinimumNotAtAll() {
    Spending few = new Spending(ZoneOffset.UTC).spend("2026-11-16", NOW, hour -> 10);
    Comparison comparison =
        few.judge(forecast(ZoneOffset.UTC, Duration.ofDays(7), "5000"), NOW)
            .figures()
            .orElseThrow();
    assertThat(comparison.confidence()).isEqualByComparingTo("0.29");
    assertThat(comparison.projectedUsd()).isEqualByComparingTo("1680");

    Spending fewer = new Spending(ZoneOffset.UTC).spend("2026-11-18", NOW, hour -> 10);
    assertThat(fewer.judge(forecast(ZoneOffset.UTC, Duration.ofDays(7), "5"), NOW))
        .isInstanceOf(Verdict.Unknown.class);
  }

  @Test
  void givenWhatWasPlannedWhenItFiresThenItIsOneStepLessSevereAndSaysSo() {
    Planned plan =
        new Planned(
            "load test",
            Instant.parse("2026-11-21T09:00:00Z"),
            Instant.parse("2026-11-21T11:00:00Z"),
            Map.of("team", "search"));
    Rule rule =
        new PlannedRule(
            new SpendRatioRule(Spending.terms(SpendRatioRule.TYPE, "1.2"), ZoneOffset.UTC, 7, 3),
            List.of(plan));
    Spending spending =
        new Spending(ZoneOffset.UTC)
            .spend("2026-11-10", NOW, hour -> hour.getDayOfMonth() == 21 ? 50 : 10);

    // It is over, but the day it is part of is not
    assertThat(spending.judge(rule, NOW))
        .isInstanceOfSatisfying(
            Verdict.Exceeded.class,
            exceeded -> {
              assertThat(exceeded.severity()).isEqualTo(Severity.WARNING);
              assertThat(exceeded.notes())
                  .containsExactly("planned: load test until 2026-11-21T11:00:00Z");
            });
    // Before it begins
    assertThat(spending.judge(rule, NOW.minus(Duration.ofHours(4))))
        .isInstanceOfSatisfying(
            Verdict.Exceeded.class,
            exceeded -> {
              assertThat(exceeded.severity()).isEqualTo(Severity.CRITICAL);
              assertThat(exceeded.notes()).isEmpty();
            });
  }

  @Test
  void givenAnotherScopeOrDayWhenPlannedThenItIsNotMeant() {
    Planned plan =
        new Planned(
            "migration",
            Instant.parse("2026-11-21T09:00:00Z"),
            Instant.parse("2026-11-22T00:00:00Z"),
            Map.of("team", "docs"));
    var day = io.outlay.detector.spend.Window.dayOf(NOW, ZoneOffset.UTC);

    assertThat(plan.covers(Scope.of(Map.of("team", "docs")), day, NOW)).isTrue();
    assertThat(plan.covers(Scope.of(Map.of("team", "docs", "model", "gpt")), day, NOW)).isTrue();
    assertThat(plan.covers(Scope.of(Map.of("team", "search")), day, NOW)).isFalse();
    assertThat(plan.covers(Scope.of(Map.of("model", "gpt")), day, NOW)).isFalse();
    Instant tomorrow = NOW.plus(Duration.ofDays(1));
    assertThat(
            plan.covers(
                Scope.of(Map.of("team", "docs")),
                io.outlay.detector.spend.Window.dayOf(tomorrow, ZoneOffset.UTC),
                tomorrow))
        .isFalse();
    assertThatThrownBy(() -> new Planned("x", NOW, NOW, Map.of()))
        .hasMessageContaining("planned x: to must be after from");
  }
}
