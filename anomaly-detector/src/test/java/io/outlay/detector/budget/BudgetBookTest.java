package io.outlay.detector.budget;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.schema.BudgetLevel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
