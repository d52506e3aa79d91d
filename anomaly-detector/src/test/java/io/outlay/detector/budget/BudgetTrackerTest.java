package io.outlay.detector.budget;

import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.Scope;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

import static io.outlay.detector.budget.BudgetScenario.DOCS;
import static io.outlay.detector.budget.BudgetScenario.SEARCH;
import static org.assertj.core.api.Assertions.assertThat;

class BudgetTrackerTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  private static BigDecimal usd(String amount) {
    return new BigDecimal(amount);
  }

  private static Instant midnight(String date) {
    return LocalDate.parse(date).atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  private static BigDecimal actual(BudgetTracker tracker, Budget budget, Instant wall) {
    return tracker.figures(budget, wall).actualUsd();
  }

  @Test
  void givenDaysOfCells_thenEachBudgetHasThoseOfItsScopeAndPeriod() {
    Budget search = BudgetScenario.of(Map.of("team", "search"));
    Budget all = BudgetScenario.budget("all", Map.of(), Period.WEEK, "1");
    BudgetTracker tracker =
        new BudgetTracker(List.of(search, all), ZoneOffset.UTC, Duration.ofDays(35));
    tracker.putDay(SEARCH, midnight("2026-10-31"), usd("1"), NOW);
    tracker.putDay(SEARCH, midnight("2026-11-01"), usd("2"), NOW);
    tracker.putDay(SEARCH, midnight("2026-11-21"), usd("4"), NOW);
    tracker.putDay(DOCS, midnight("2026-11-16"), usd("8"), NOW);
    tracker.putDay(DOCS, midnight("2026-11-15"), usd("16"), NOW);

    assertThat(actual(tracker, search, NOW)).isEqualByComparingTo("6");
    assertThat(actual(tracker, all, NOW)).isEqualByComparingTo("12");
  }

  @Test
  void givenBudgetsOfManyDimensions_thenEachCellCountsForThoseThatHoldItAndNoOther() {
    String[] teams = {"a", "b"};
    String[] models = {"m", "n"};
    String[] features = {"x", ""};
    List<Budget> budgets = new ArrayList<>();
    for (int mask = 0; mask < 8; mask++) {
      for (int pick = 0; pick < 8; pick++) {
        Map<String, String> scope = new TreeMap<>();
        if ((mask & 1) != 0) {
          scope.put("team", teams[pick & 1]);
        }
        if ((mask & 2) != 0) {
          scope.put("model", models[pick >> 1 & 1]);
        }
        if ((mask & 4) != 0) {
          scope.put("feature", (pick & 4) == 0 ? "x" : "y");
        }
        budgets.add(BudgetScenario.budget(mask + "-" + pick, scope, Period.DAY, "1"));
      }
    }
    BudgetTracker tracker = new BudgetTracker(budgets, ZoneOffset.UTC, Duration.ofDays(35));
    Map<Cell, BigDecimal> spent = new LinkedHashMap<>();
    for (String team : teams) {
      for (String model : models) {
        for (String feature : features) {
          Cell cell = new Cell(team, model, feature);
          spent.put(cell, BigDecimal.valueOf(1L << spent.size()));
          tracker.putDay(cell, midnight("2026-11-21"), spent.get(cell), NOW);
        }
      }
    }

    for (Budget budget : budgets) {
      BigDecimal expected =
          spent.entrySet().stream()
              .filter(
                  each ->
                      budget.scope().entrySet().stream()
                          .allMatch(
                              value ->
                                  new Dimension(value.getKey())
                                      .of(each.getKey())
                                      .equals(value.getValue())))
              .map(Map.Entry::getValue)
              .reduce(BigDecimal.ZERO, BigDecimal::add);
      assertThat(actual(tracker, budget, NOW))
          .as(budget.scope().toString())
          .isEqualByComparingTo(expected);
    }
  }

  @Test
  void givenABudgetOfACustomer_thenOnlyItsOwnScopeCountsAndNoPartOfIt() {
    Budget acme = BudgetScenario.of(Map.of("customer", "acme"));
    BudgetTracker tracker = new BudgetTracker(List.of(acme), ZoneOffset.UTC, Duration.ofDays(35));

    assertThat(tracker.wantsHours(Scope.of(Map.of("customer", "acme")))).isTrue();
    assertThat(tracker.wantsHours(Scope.of(Map.of("customer", "acme", "team", "search"))))
        .isFalse();
    assertThat(tracker.wantsHours(Scope.of(Map.of("customer", "other")))).isFalse();
    assertThat(tracker.wantsDays(SEARCH)).isFalse();
  }

  @Test
  void givenASumThatReplacesAnother_thenTheDifferenceCounts() {
    Budget budget = BudgetScenario.of(Map.of());
    BudgetTracker tracker = new BudgetTracker(List.of(budget), ZoneOffset.UTC, Duration.ofDays(35));
    tracker.putDay(SEARCH, midnight("2026-11-05"), usd("10.000000000001"), NOW);
    tracker.putDay(SEARCH, midnight("2026-11-20"), usd("5"), NOW);
    // A late event, and a price that was corrected.
    tracker.putDay(SEARCH, midnight("2026-11-05"), usd("12.000000000001"), NOW);
    tracker.putDay(SEARCH, midnight("2026-11-20"), usd("0.5"), NOW);
    tracker.putDay(SEARCH, midnight("2026-11-20"), usd("0.5"), NOW);

    assertThat(actual(tracker, budget, NOW)).isEqualByComparingTo("12.500000000001");
  }

  @Test
  void givenANewPeriodByTheClock_thenItStartsFromZeroThoughNobodySpends() {
    Budget budget = BudgetScenario.of(Map.of());
    BudgetTracker tracker = new BudgetTracker(List.of(budget), ZoneOffset.UTC, Duration.ofDays(35));
    tracker.putDay(SEARCH, midnight("2026-11-30"), usd("10"), NOW);

    assertThat(actual(tracker, budget, Instant.parse("2026-11-30T23:59:59Z")))
        .isEqualByComparingTo("10");
    Instant december = Instant.parse("2026-12-01T00:00:00Z");
    assertThat(actual(tracker, budget, december)).isEqualByComparingTo("0");
    // What comes late belongs to the day it happened on.
    tracker.putDay(SEARCH, midnight("2026-11-30"), usd("11"), december);
    tracker.putDay(SEARCH, midnight("2026-12-01"), usd("3"), december);
    assertThat(actual(tracker, budget, december)).isEqualByComparingTo("3");
  }

  @Test
  void givenAQuarterThen92DaysAreKept() {
    Budget budget = BudgetScenario.of(Period.QUARTER);
    BudgetTracker tracker = new BudgetTracker(List.of(budget), ZoneOffset.UTC, Duration.ofDays(35));
    LocalDate first = LocalDate.parse("2026-10-01");
    for (int day = 0; day < 92; day++) {
      Instant start = first.plusDays(day).atStartOfDay(ZoneOffset.UTC).toInstant();
      tracker.putDay(SEARCH, start, usd("1"), start.plus(Duration.ofHours(1)));
    }
    Instant last = Instant.parse("2026-12-31T23:00:00Z");

    assertThat(actual(tracker, budget, last)).isEqualByComparingTo("92");
    tracker.putDay(SEARCH, first.atStartOfDay(ZoneOffset.UTC).toInstant(), usd("5"), last);
    assertThat(actual(tracker, budget, last)).isEqualByComparingTo("96");
  }

  @Test
  void givenAnotherZone_thenItIsMadeOfHoursAndDaysAreNotCountedToo() {
    ZoneId newYork = ZoneId.of("America/New_York");
    Budget budget = BudgetScenario.in(newYork, BudgetScenario.of(Period.DAY));
    BudgetTracker tracker = new BudgetTracker(List.of(budget), ZoneOffset.UTC, Duration.ofDays(35));

    assertThat(tracker.wantsDays(SEARCH)).isFalse();
    assertThat(tracker.wantsHours(SEARCH)).isTrue();
    tracker.putDay(SEARCH, midnight("2026-11-21"), usd("100"), NOW);
    tracker.putHour(SEARCH, Instant.parse("2026-11-21T04:00:00Z"), usd("1"), NOW);
    tracker.putHour(SEARCH, Instant.parse("2026-11-21T05:00:00Z"), usd("2"), NOW);
    tracker.putHour(SEARCH, Instant.parse("2026-11-21T09:00:00Z"), usd("4"), NOW);
    tracker.putHour(SEARCH, Instant.parse("2026-11-21T09:00:00Z"), usd("5"), NOW);

    assertThat(actual(tracker, budget, NOW)).isEqualByComparingTo("7");
  }

  @Test
  void givenAZoneOfTheSameRules_thenDaysDo() {
    Budget budget =
        BudgetScenario.in(ZoneId.of("Asia/Calcutta"), BudgetScenario.of(Map.of("team", "search")));
    BudgetTracker tracker =
        new BudgetTracker(List.of(budget), ZoneId.of("Asia/Kolkata"), Duration.ofDays(35));

    assertThat(tracker.wantsDays(SEARCH)).isTrue();
    assertThat(tracker.wantsDays(DOCS)).isFalse();
    assertThat(tracker.wantsHours(SEARCH)).isFalse();
    tracker.putDay(SEARCH, Instant.parse("2026-10-31T18:30:00Z"), usd("3"), NOW);
    assertThat(actual(tracker, budget, NOW)).isEqualByComparingTo("3");
  }

  @Test
  void givenTheHourThatTheClockRunsThroughTwice_thenBothCount() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    Budget budget = BudgetScenario.in(berlin, BudgetScenario.of(Period.DAY));
    BudgetTracker tracker = new BudgetTracker(List.of(budget), ZoneOffset.UTC, Duration.ofDays(35));
    Instant wall = Instant.parse("2026-10-25T20:00:00Z");
    for (int hour = -2; hour < 23; hour++) {
      tracker.putHour(SEARCH, midnight("2026-10-25").plus(Duration.ofHours(hour)), usd("1"), wall);
    }

    assertThat(actual(tracker, budget, wall)).isEqualByComparingTo("25");
  }

  @Test
  void givenAScopeThatCellsDoNotKnow_thenItsOwnHoursCount() {
    Budget budget = BudgetScenario.of(Map.of("customer", "acme"));
    BudgetTracker tracker = new BudgetTracker(List.of(budget), ZoneOffset.UTC, Duration.ofDays(35));
    Scope acme = Scope.of(new Dimension("customer"), "acme");
    Scope other = Scope.of(new Dimension("customer"), "other");

    assertThat(tracker.wantsHours(acme)).isTrue();
    assertThat(tracker.wantsHours(other)).isFalse();
    assertThat(tracker.wantsDays(SEARCH)).isFalse();
    tracker.putHour(acme, NOW.minusSeconds(36_000), usd("2"), NOW);
    tracker.putHour(other, NOW.minusSeconds(36_000), usd("4"), NOW);
    assertThat(actual(tracker, budget, NOW)).isEqualByComparingTo("2");
  }

  @Test
  void givenAnEventInTheFuture_thenItIsBelievedUpToTheClock() {
    Budget budget = BudgetScenario.of(Map.of());
    BudgetTracker tracker = new BudgetTracker(List.of(budget), ZoneOffset.UTC, Duration.ofDays(35));

    assertThat(tracker.figures(budget, NOW).asOf()).isNull();
    tracker.seen(NOW.plusSeconds(100), NOW);
    tracker.seen(NOW.minusSeconds(100), NOW);
    assertThat(tracker.figures(budget, NOW).asOf()).isEqualTo(NOW);
  }

  @Test
  void givenMonthsOfSpend_thenWhatIsKeptIsBounded() {
    Budget budget = BudgetScenario.of(Period.DAY);
    BudgetTracker tracker = new BudgetTracker(List.of(budget), ZoneOffset.UTC, Duration.ofDays(35));
    for (int day = 0; day < 200; day++) {
      Instant start = midnight("2026-01-01").plus(Duration.ofDays(day));
      tracker.putDay(new Cell("t" + day, "m", "f"), start, usd("1"), start);
    }

    assertThat(tracker.keyCount()).isLessThan(2 * 32 + 32);
  }

  @Test
  void givenADayOfThePast_thenNothingIsKeptOfIt() {
    Budget budget = BudgetScenario.of(Period.DAY);
    BudgetTracker tracker = new BudgetTracker(List.of(budget), ZoneOffset.UTC, Duration.ofDays(35));
    tracker.putDay(SEARCH, midnight("2026-10-16"), usd("1"), NOW);
    assertThat(tracker.keyCount()).isZero();
    tracker.putDay(SEARCH, midnight("2026-10-17"), usd("1"), NOW);
    assertThat(tracker.keyCount()).isEqualTo(1);
  }

  @Test
  void givenRandomReplacements_thenTheSumIsThatOfTheLast() {
    Random random = new Random(11);
    Budget budget = BudgetScenario.of(Map.of("model", "gpt"));
    BudgetTracker tracker = new BudgetTracker(List.of(budget), ZoneOffset.UTC, Duration.ofDays(35));
    Map<String, BigDecimal> last = new java.util.HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      Cell cell = new Cell("t" + random.nextInt(5), random.nextBoolean() ? "gpt" : "x", "f");
      Instant day = midnight("2026-10-20").plus(Duration.ofDays(random.nextInt(33)));
      BigDecimal cost = new BigDecimal(new BigInteger(90, random), 12);
      tracker.putDay(cell, day, cost, NOW);
      last.put(cell + "/" + day, cost);
    }
    BigDecimal expected =
        last.entrySet().stream()
            .filter(entry -> entry.getKey().contains("gpt"))
            .filter(entry -> entry.getKey().contains("/2026-11"))
            .map(Map.Entry::getValue)
            .reduce(BigDecimal.ZERO, BigDecimal::add);

    assertThat(actual(tracker, budget, NOW)).isEqualByComparingTo(expected);
  }
}
