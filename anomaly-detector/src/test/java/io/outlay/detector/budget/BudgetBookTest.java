package io.outlay.detector.budget;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.schema.BudgetLevel;
import io.outlay.schema.BudgetState;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.outlay.detector.budget.BudgetScenario.DOCS;
import static io.outlay.detector.budget.BudgetScenario.SEARCH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BudgetBookTest {
  private final BudgetScenario scenario = new BudgetScenario(BudgetScenario.budget());

  private void evaluate(Duration later) {
    scenario.clock.advance(later);
    scenario.book.evaluate();
  }

  @Test
  void givenABudgetWithoutSpend_thenItIsNormalFromTheFirstEvaluationOn() {
    assertThat(scenario.book.find("search-month")).isEmpty();
    scenario.book.evaluate();

    assertThat(scenario.state().getLevel()).isEqualTo(BudgetLevel.NORMAL);
    assertThat(scenario.state().getForecastUsd()).isNull();
    assertThat(scenario.state().getAsOfMicros()).isNull();
    assertThat(scenario.state().getRevision()).isEqualTo(1);
    assertThat(scenario.book.find("other")).isEmpty();
  }

  @Test
  void givenSpend_thenTheAnswerSaysAllOfIt() throws Exception {
    scenario.day(SEARCH, "2026-11-20", "875.5").book.evaluate();

    JsonNode json = new ObjectMapper().readTree(scenario.json());
    assertThat(json)
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"name":"search-month","state":"degrade","action":"degrade","hard":true,
                     "scope":{"team":"search"},"period":"month","periodStart":"2026-11-01T00:00:00Z",
                     "periodEnd":"2026-12-01T00:00:00Z","timezone":"Z","limitUsd":"1000.00",
                     "actualUsd":"875.50","remainingUsd":"124.50","usedShare":0.8755,
                     "forecastUsd":"1286.449","forecastState":"exhausted",
                     "asOf":"2026-11-21T10:00:00Z","updatedAt":"2026-11-21T10:00:00Z","revision":1}
                    """));
    assertThat(new String(scenario.book.list(), StandardCharsets.UTF_8))
        .isEqualTo("{\"budgets\":[" + scenario.json() + "]}");
  }

  @ParameterizedTest
  @CsvSource({
    "NORMAL, true, none",
    "WARN, true, warn",
    "DEGRADE, true, degrade",
    "CRITICAL, true, page",
    "LIMIT, true, queue",
    "EXHAUSTED, true, refuse",
    "EXHAUSTED, false, queue",
  })
  void aLevelHasAnAction(BudgetLevel level, boolean hard, String action) {
    assertThat(BudgetJson.action(level, hard)).isEqualTo(action);
  }

  @Test
  void givenAnAmountThatMoves_thenItIsWrittenEveryTwoSecondsAndALevelAtOnce() {
    scenario.day(SEARCH, "2026-11-20", "860").book.evaluate();
    scenario.day(SEARCH, "2026-11-20", "861");
    evaluate(Duration.ofMillis(1_999));
    assertThat(scenario.state().getActualUsd()).isEqualByComparingTo("860");
    evaluate(Duration.ofMillis(1));
    assertThat(scenario.state().getActualUsd()).isEqualByComparingTo("861");

    scenario.day(SEARCH, "2026-11-20", "950");
    evaluate(Duration.ofMillis(1));
    assertThat(scenario.state().getLevel()).isEqualTo(BudgetLevel.LIMIT);
    assertThat(scenario.state().getRevision()).isEqualTo(3);
  }

  @Test
  void givenNothingNew_thenNothingIsWritten() {
    scenario.day(SEARCH, "2026-11-20", "1").book.evaluate();
    evaluate(Duration.ofDays(1));

    assertThat(scenario.state().getRevision()).isEqualTo(1);
  }

  @Test
  void givenTimeAlone_thenTheForecastIsWrittenOnceAMinute() {
    scenario.day(SEARCH, "2026-11-20", "1").book.evaluate();
    for (int second = 0; second < 59; second++) {
      scenario.tracker.seen(scenario.clock.instant(), scenario.clock.instant());
      evaluate(Duration.ofSeconds(1));
    }
    assertThat(scenario.state().getRevision()).isEqualTo(1);
    evaluate(Duration.ofSeconds(1));
    assertThat(scenario.state().getRevision()).isEqualTo(2);
  }

  @Test
  void givenACorrection_thenTheStateFalls() {
    scenario.day(SEARCH, "2026-11-20", "1000").book.evaluate();
    assertThat(scenario.state().getLevel()).isEqualTo(BudgetLevel.EXHAUSTED);
    scenario.day(SEARCH, "2026-11-20", "100").book.evaluate();

    assertThat(scenario.state().getLevel()).isEqualTo(BudgetLevel.NORMAL);
  }

  @Test
  void givenTheLogIsAway_thenNothingIsShownOrToldThatIsNotWritten() {
    scenario.book.evaluate();
    scenario.logIsAway = true;
    scenario.day(SEARCH, "2026-11-20", "1000");
    scenario.told.clear();

    assertThatThrownBy(() -> scenario.book.evaluate()).isInstanceOf(BudgetLogException.class);
    assertThat(scenario.json()).contains("\"state\":\"normal\"");
    assertThat(scenario.told).isEmpty();

    scenario.logIsAway = false;
    scenario.order.clear();
    scenario.book.evaluate();
    assertThat(scenario.json()).contains("\"state\":\"exhausted\"");
    assertThat(scenario.order)
        .containsExactly("write search-month", "tell search-month", "tell search-month");
  }

  @Test
  void givenAJump_thenTheHighestThresholdIsToldAndOnlyWhenItChanges() {
    scenario.book.evaluate();
    scenario.day(SEARCH, "2026-11-20", "930").book.evaluate();
    scenario.day(SEARCH, "2026-11-20", "931").book.evaluate();

    assertThat(scenario.told).containsExactly("ACTUAL -", "ACTUAL 0.9", "FORECAST 1.0");
  }

  @Test
  void givenWhoeverTellsIsAway_thenItIsSaidAgain() {
    scenario.alertsAreAway = true;
    scenario.day(SEARCH, "2026-11-20", "930");
    assertThatThrownBy(() -> scenario.book.evaluate()).hasMessage("away");
    scenario.alertsAreAway = false;
    scenario.book.evaluate();

    assertThat(scenario.told).containsExactly("ACTUAL 0.9", "FORECAST 1.0");
  }

  @Test
  void givenAForecastThatIsNotToBeTold_thenItIsShownOnly() {
    Budget told = BudgetScenario.budget();
    Budget silent =
        new Budget(
            told.name(),
            told.scope(),
            told.period(),
            told.zone(),
            told.limitUsd(),
            told.thresholds(),
            false,
            false,
            List.of());
    BudgetScenario quiet = new BudgetScenario(silent);
    quiet.day(SEARCH, "2026-11-20", "800").book.evaluate();

    assertThat(quiet.told).containsExactly("ACTUAL 0.7");
    assertThat(quiet.state().getForecastLevel()).isEqualTo(BudgetLevel.EXHAUSTED);
  }

  @Test
  void givenThePeriodEnds_thenTheNextBeginsAtOnce() {
    scenario.day(SEARCH, "2026-11-20", "1000").book.evaluate();
    scenario.told.clear();
    scenario.clock.set(Instant.parse("2026-12-01T00:00:00Z"));
    scenario.book.evaluate();

    assertThat(scenario.json())
        .contains("\"state\":\"normal\"", "\"periodStart\":\"2026-12-01T00:00:00Z\"");
    assertThat(scenario.told).containsExactly("ACTUAL -");
  }

  @Test
  void givenARestart_thenItShowsWhatWasWrittenAndCarriesOn() {
    scenario.day(SEARCH, "2026-11-20", "930").book.evaluate();
    scenario.start(scenario.budgets);
    assertThat(scenario.json()).contains("\"state\":\"critical\"");
    scenario.clock.advance(Duration.ofSeconds(5));
    scenario.book.evaluate();
    assertThat(scenario.state().getRevision()).isEqualTo(1);

    scenario.day(SEARCH, "2026-11-21", "10").book.evaluate();
    assertThat(scenario.state().getRevision()).isEqualTo(2);
    assertThat(scenario.state().getActualUsd()).isEqualByComparingTo("940");
  }

  @Test
  void givenABudgetThatIsNotConfiguredAnyMore_thenItsStateIsDeleted() {
    scenario.book.evaluate();
    scenario.start(List.of(BudgetScenario.budget("other", Map.of(), Period.DAY, "0.5")));
    assertThat(scenario.book.find("search-month")).isEmpty();
    scenario.book.evaluate();

    assertThat(scenario.log).containsOnlyKeys("other");
  }

  @Test
  void givenAnotherLimit_thenItHoldsAtOnce() {
    scenario.day(SEARCH, "2026-11-20", "930").book.evaluate();
    Budget old = BudgetScenario.budget();
    scenario.start(
        List.of(
            new Budget(
                old.name(),
                old.scope(),
                old.period(),
                old.zone(),
                new java.math.BigDecimal("2000"),
                old.thresholds(),
                true,
                true,
                List.of())));
    scenario.book.evaluate();

    assertThat(scenario.state().getLevel()).isEqualTo(BudgetLevel.NORMAL);
    assertThat(scenario.json()).contains("\"limitUsd\":\"2000.00\"");
  }

  @Test
  void theShareThatIsUsedIsANumberForMetrics() {
    assertThat(scenario.book.used("search-month")).isNaN();
    scenario.day(SEARCH, "2026-11-20", "875.5").book.evaluate();

    assertThat(scenario.book.used("search-month")).isEqualTo(0.8755);
  }

  @Test
  void aTagChangesWithTheState() {
    scenario.book.evaluate();
    BudgetView first = scenario.book.find("search-month").orElseThrow();
    evaluate(Duration.ofHours(1));
    assertThat(scenario.book.find("search-month")).containsSame(first);
    scenario.day(SEARCH, "2026-11-20", "1").book.evaluate();

    assertThat(scenario.book.find("search-month").orElseThrow().tag()).isNotEqualTo(first.tag());
  }

  private BudgetState closed(String start) {
    return scenario.log.get("search-month@" + start);
  }

  @Test
  void givenAPeriodThatEnds_thenItsLastStateIsKeptUnderANameOfItsOwn() {
    scenario.day(SEARCH, "2026-11-20", "860").book.evaluate();
    assertThat(scenario.log).containsOnlyKeys("search-month");
    // In the last seconds of the month, not written any more before it is over.
    scenario.clock.set(Instant.parse("2026-12-01T00:00:00.1Z"));
    scenario.day(SEARCH, "2026-11-30", "50").book.evaluate();

    assertThat(scenario.log).containsOnlyKeys("search-month", "search-month@2026-11-01T00:00:00Z");
    BudgetState november = closed("2026-11-01T00:00:00Z");
    assertThat(november.getActualUsd()).isEqualByComparingTo("910");
    assertThat(november.getLevel()).isEqualTo(BudgetLevel.CRITICAL);
    assertThat(november.getName()).isEqualTo("search-month");
    assertThat(november.getForecastUsd()).isNull();
    assertThat(scenario.state().getActualUsd()).isEqualByComparingTo("0");
    assertThat(scenario.order)
        .containsSubsequence("write search-month@2026-11-01T00:00:00Z", "write search-month");
    assertThat(scenario.book.find("search-month@2026-11-01T00:00:00Z")).isEmpty();
  }

  @Test
  void givenSpendThatComesLate_thenTheClosedPeriodFollowsAndNobodyIsTold() {
    scenario.day(SEARCH, "2026-11-20", "860").book.evaluate();
    scenario.clock.set(Instant.parse("2026-12-01T00:00:00Z"));
    scenario.book.evaluate();
    List<String> told = List.copyOf(scenario.told);

    scenario.clock.advance(Duration.ofDays(20));
    scenario.day(SEARCH, "2026-11-29", "200").book.evaluate();
    assertThat(closed("2026-11-01T00:00:00Z").getActualUsd()).isEqualByComparingTo("1060");
    assertThat(closed("2026-11-01T00:00:00Z").getLevel()).isEqualTo(BudgetLevel.EXHAUSTED);
    assertThat(closed("2026-11-01T00:00:00Z").getPeriodEndMicros())
        .isEqualTo(BudgetBook.micros(Instant.parse("2026-12-01T00:00:00Z")));
    assertThat(scenario.state().getActualUsd()).isEqualByComparingTo("0");
    // Of December's forecast, that is: it is nothing.
    assertThat(scenario.told.subList(told.size(), scenario.told.size())).containsOnly("FORECAST -");

    // A rating anew takes it back; an amount is written every two seconds at most.
    scenario.day(SEARCH, "2026-11-29", "0").book.evaluate();
    assertThat(closed("2026-11-01T00:00:00Z").getActualUsd()).isEqualByComparingTo("1060");
    evaluate(Duration.ofSeconds(2));
    assertThat(closed("2026-11-01T00:00:00Z").getActualUsd()).isEqualByComparingTo("860");
    assertThat(closed("2026-11-01T00:00:00Z").getLevel()).isEqualTo(BudgetLevel.DEGRADE);

    int writes = scenario.order.size();
    evaluate(Duration.ofSeconds(2));
    assertThat(scenario.order).hasSize(writes);
  }

  @Test
  void givenSpendThatComesWhileNoDetectorRuns_thenTheClosedPeriodFollowsAtTheStart() {
    scenario.day(SEARCH, "2026-11-20", "860").book.evaluate();
    scenario.clock.set(Instant.parse("2026-12-01T00:00:00Z"));
    scenario.book.evaluate();
    scenario.clock.advance(Duration.ofDays(3));
    scenario.day(SEARCH, "2026-11-29", "40");
    scenario.start(scenario.budgets);
    scenario.book.evaluate();

    assertThat(closed("2026-11-01T00:00:00Z").getActualUsd()).isEqualByComparingTo("900");
  }

  @Test
  void givenTheLogFailsWhileAPeriodEnds_thenNothingOfItIsLost() {
    scenario.day(SEARCH, "2026-11-20", "860").book.evaluate();
    scenario.clock.set(Instant.parse("2026-12-01T00:00:00Z"));
    scenario.logIsAway = true;
    assertThatThrownBy(scenario.book::evaluate).isInstanceOf(BudgetLogException.class);
    scenario.logIsAway = false;
    scenario.book.evaluate();

    assertThat(closed("2026-11-01T00:00:00Z").getActualUsd()).isEqualByComparingTo("860");
  }

  @Test
  void givenDaysThatEndedWhileNoDetectorRan_thenEachHasAStateAsFarAsTheTopicGoes() {
    Budget daily = BudgetScenario.budget("daily", Map.of("team", "search"), Period.DAY, "0.5 1.0");
    BudgetScenario days = new BudgetScenario(daily);
    days.day(SEARCH, "2026-11-21", "10").book.evaluate();
    days.clock.set(Instant.parse("2026-11-24T10:00:00Z"));
    days.day(SEARCH, "2026-11-22", "600").day(SEARCH, "2026-11-21", "11");
    days.start(days.budgets);
    days.book.evaluate();

    assertThat(days.log.get("daily@2026-11-21T00:00:00Z").getActualUsd())
        .isEqualByComparingTo("11");
    assertThat(days.log.get("daily@2026-11-22T00:00:00Z").getActualUsd())
        .isEqualByComparingTo("600");
    assertThat(days.log.get("daily@2026-11-22T00:00:00Z").getLevel()).isEqualTo(BudgetLevel.WARN);
    assertThat(days.log.get("daily@2026-11-23T00:00:00Z").getActualUsd()).isEqualByComparingTo("0");
    assertThat(days.log).hasSize(4);
  }

  @Test
  void givenAPeriodThatBeganBeforeTheTopicDoes_thenItsStateStaysAsItWas() {
    Budget quarter =
        BudgetScenario.budget("quarter", Map.of("team", "search"), Period.QUARTER, "0.5 1.0");
    BudgetScenario quarters = new BudgetScenario(quarter);
    quarters.day(SEARCH, "2026-10-02", "10").day(SEARCH, "2026-11-20", "20").book.evaluate();
    quarters.clock.set(Instant.parse("2027-01-01T00:00:00Z"));
    quarters.book.evaluate();
    assertThat(quarters.log.get("quarter@2026-10-01T00:00:00Z").getActualUsd())
        .isEqualByComparingTo("30");

    // From here on the topic holds only a part of the quarter: its sum would be too small.
    quarters.clock.advance(Duration.ofDays(20));
    quarters.forget(SEARCH, "2026-10-02");
    quarters.start(quarters.budgets);
    quarters.day(SEARCH, "2026-12-30", "5").book.evaluate();
    assertThat(quarters.log.get("quarter@2026-10-01T00:00:00Z").getActualUsd())
        .isEqualByComparingTo("30");
  }

  @Test
  void givenALimitThatChanges_thenWhatIsOverKeepsItsOwn() {
    scenario.day(SEARCH, "2026-11-20", "860").book.evaluate();
    scenario.clock.set(Instant.parse("2026-12-02T00:00:00Z"));
    scenario.book.evaluate();
    scenario.goOnWith(scenario.budgets.get(0).limitedTo(new BigDecimal("5000")));
    scenario.day(SEARCH, "2026-11-30", "40");
    evaluate(Duration.ofSeconds(2));

    assertThat(scenario.state().getLimitUsd()).isEqualByComparingTo("5000");
    assertThat(closed("2026-11-01T00:00:00Z").getLimitUsd()).isEqualByComparingTo("1000");
    assertThat(closed("2026-11-01T00:00:00Z").getLevel()).isEqualTo(BudgetLevel.CRITICAL);
  }

  @Test
  void givenOtherTerms_thenWhatIsOverStaysAsItWas() {
    scenario.day(SEARCH, "2026-11-20", "860").book.evaluate();
    scenario.clock.set(Instant.parse("2026-12-02T00:00:00Z"));
    scenario.start(
        List.of(BudgetScenario.budget("search-month", Map.of(), Period.MONTH, "0.5 1.0")));
    scenario.day(DOCS, "2026-11-30", "1000").book.evaluate();

    assertThat(closed("2026-11-01T00:00:00Z").getActualUsd()).isEqualByComparingTo("860");
    assertThat(closed("2026-11-01T00:00:00Z").getScope()).isEqualTo(Map.of("team", "search"));
  }

  @Test
  void givenWhatIsLongOverOrOfNoBudgetAnyMore_thenItIsDeleted() {
    scenario.day(SEARCH, "2026-11-20", "860").book.evaluate();
    scenario.clock.set(Instant.parse("2026-12-02T00:00:00Z"));
    scenario.book.evaluate();
    evaluate(BudgetBook.CLOSED_KEPT.minusDays(2));
    assertThat(closed("2026-11-01T00:00:00Z")).isNotNull();
    evaluate(Duration.ofDays(2));
    assertThat(closed("2026-11-01T00:00:00Z")).isNull();

    assertThat(scenario.log.keySet()).anyMatch(name -> name.contains("@"));
    scenario.goOnWith();
    scenario.book.evaluate();
    assertThat(scenario.log).isEmpty();
  }

  @Test
  void givenOtherBudgets_thenTheyAreShownOnceWrittenAndTheOldOnesAreOver() {
    scenario.day(SEARCH, "2026-11-20", "860").book.evaluate();
    Budget other = BudgetScenario.budget("other", Map.of(), Period.MONTH, "0.5 1.0");
    scenario.goOnWith(other);
    assertThat(scenario.book.find("search-month")).isEmpty();
    assertThat(scenario.book.find("other")).isEmpty();

    scenario.book.evaluate();
    assertThat(scenario.book.find("other")).isPresent();
    assertThat(scenario.log).containsOnlyKeys("other");
    assertThat(scenario.log.get("other").getActualUsd()).isEqualByComparingTo("860");
    assertThat(scenario.order).endsWith("only 1", "tell other", "tell other");
  }
}
