package io.outlay.detector.incident;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.detector.MutableClock;
import io.outlay.detector.budget.Budget;
import io.outlay.detector.budget.Period;
import io.outlay.detector.budget.Standing;
import io.outlay.detector.budget.Standing.Kind;
import io.outlay.detector.delivery.Message;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.SpendStore;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentSeverity;
import io.outlay.schema.IncidentStatus;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BudgetIncidentsTest {
  private final MutableClock clock = new MutableClock(Instant.parse("2026-11-21T10:00:00Z"));
  private final Map<String, Incident> log = new LinkedHashMap<>();
  private final List<Message> sent = new ArrayList<>();
  private boolean logIsAway;
  private IncidentBook book;
  private BudgetIncidents incidents;

  BudgetIncidentsTest() {
    start();
  }

  private void start() {
    book =
        new IncidentBook(
            written -> {
              if (logIsAway) {
                throw new IncidentLogException("away", new IllegalStateException());
              }
              written.forEach(incident -> log.put(incident.getIncidentId(), incident));
            });
    log.forEach(book::restore);
    incidents = new BudgetIncidents(book, sent::add, json(), Set.of("oncall", "chat"), clock);
  }

  private static IncidentJson json() {
    return new IncidentJson(URI.create("http://127.0.0.1:8082"));
  }

  private static Budget budget(boolean forecast) {
    return new Budget(
        "all-month",
        new TreeMap<>(),
        Period.MONTH,
        ZoneOffset.UTC,
        new BigDecimal("1000"),
        List.of(new BigDecimal("0.7"), new BigDecimal("0.9"), new BigDecimal("1.0")),
        true,
        forecast,
        List.of("oncall", "gone"));
  }

  private void stand(Kind kind, String usd) {
    Budget budget = budget(true);
    BigDecimal amount = new BigDecimal(usd);
    incidents.stand(
        List.of(
            new Standing(
                budget,
                budget.period().at(clock.instant(), budget.zone()),
                kind,
                budget.reached(amount),
                kind == Kind.ACTUAL ? amount : new BigDecimal("400"),
                kind == Kind.ACTUAL ? null : amount,
                clock.instant().minusSeconds(30),
                clock.instant())));
  }

  private List<String> types() {
    return sent.stream().map(message -> body(message).get("type").asText().substring(19)).toList();
  }

  private static JsonNode body(Message message) {
    try {
      return new ObjectMapper().readTree(message.body());
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private Incident only() {
    assertThat(log).hasSize(1);
    return log.values().iterator().next();
  }

  @Test
  void givenAJumpOverThresholds_thenTheHighestOpensOneIncident() {
    stand(Kind.ACTUAL, "950");

    assertThat(types()).containsExactly("opened");
    assertThat(sent.get(0).receiver()).isEqualTo("oncall");
    JsonNode data = body(sent.get(0)).get("data");
    assertThat(data.at("/rule/name").asText()).isEqualTo("all-month");
    assertThat(data.at("/rule/type").asText()).isEqualTo("budget");
    assertThat(data.at("/rule/threshold").decimalValue()).isEqualByComparingTo("0.9");
    assertThat(data.at("/severity").asText()).isEqualTo("critical");
    assertThat(data.at("/scope")).isEmpty();
    assertThat(data.at("/window/start").asText()).isEqualTo("2026-11-01T00:00:00Z");
    assertThat(data.at("/window/end").asText()).isEqualTo("2026-12-01T00:00:00Z");
    assertThat(data.at("/actualUsd").asText()).isEqualTo("950.00");
    assertThat(data.at("/expectedUsd").asText()).isEqualTo("1000.00");
    assertThat(data.at("/ratio").decimalValue()).isEqualByComparingTo("0.95");
    assertThat(data.at("/dataLagSeconds").asInt()).isEqualTo(30);
    assertThat(only().getNotes())
        .containsExactly(
            "the spend has reached 90 % of the budget: 950.00 of 1000.00 USD this month");
  }

  @Test
  void givenHigherThresholds_thenItEscalatesAndEachIsToldOnce() {
    stand(Kind.ACTUAL, "700");
    assertThat(only().getSeverity()).isEqualTo(IncidentSeverity.WARNING);
    stand(Kind.ACTUAL, "750");
    stand(Kind.ACTUAL, "900");
    stand(Kind.ACTUAL, "1200");
    stand(Kind.ACTUAL, "1300");

    assertThat(types()).containsExactly("opened", "escalated", "escalated");
    assertThat(only().getStatus()).isEqualTo(IncidentStatus.ESCALATED);
    assertThat(only().getStates()).isEqualTo(3);
    assertThat(sent).extracting(Message::id).doesNotHaveDuplicates();
  }

  @Test
  void givenACorrection_thenItIsOverAndTheSameThresholdIsNotToldAgain() {
    stand(Kind.ACTUAL, "900");
    stand(Kind.ACTUAL, "800");
    assertThat(types()).containsExactly("opened");
    stand(Kind.ACTUAL, "100");
    assertThat(types()).containsExactly("opened", "resolved");
    assertThat(only().getResolution()).isEqualTo("within-threshold");
    stand(Kind.ACTUAL, "100");
    stand(Kind.ACTUAL, "900");
    assertThat(types()).containsExactly("opened", "resolved");

    stand(Kind.ACTUAL, "1000");
    assertThat(types()).containsExactly("opened", "resolved", "opened");
    assertThat(only().getReopened()).isEqualTo(1);
    assertThat(only().getResolvedAtMicros()).isNull();
  }

  @Test
  void givenAForecast_thenItIsToldApartAndWakesNobody() {
    stand(Kind.FORECAST, "1100");
    stand(Kind.ACTUAL, "700");

    assertThat(types()).containsExactly("opened", "opened");
    JsonNode forecast = body(sent.get(0)).get("data");
    assertThat(forecast.get("ratio").decimalValue()).isEqualByComparingTo("1.1");
    assertThat(forecast.get("summary").asText())
        .isEqualTo(
            "all-month of everything: forecast cost 1100 USD against 1000 USD; the forecast reaches"
                + " 100 % of the budget: 1100.00 of 1000.00 USD this month.");
    assertThat(log).hasSize(2);
    JsonNode data = body(sent.get(0)).get("data");
    assertThat(data.at("/severity").asText()).isEqualTo("warning");
    assertThat(data.at("/actualUsd").asText()).isEqualTo("400.00");
    assertThat(data.at("/projectedUsd").asText()).isEqualTo("1100.00");
    assertThat(log.values())
        .extracting(Incident::getMetric)
        .containsExactly("forecast_cost", "cost");
    assertThat(log.values()).extracting(Incident::getDedupKey).doesNotHaveDuplicates();
  }

  @Test
  void givenTheNextPeriod_thenWhatWasToldIsOverAlsoOfTheForecast() {
    stand(Kind.FORECAST, "1100");
    stand(Kind.ACTUAL, "700");
    clock.set(Instant.parse("2026-12-01T00:00:00Z"));
    stand(Kind.ACTUAL, "0");

    assertThat(types()).containsExactly("opened", "opened", "resolved", "resolved");
    assertThat(log.values())
        .extracting(Incident::getResolution)
        .containsExactly("window-over", "window-over");
    stand(Kind.ACTUAL, "700");
    assertThat(log).hasSize(3);
  }

  @Test
  void givenARestart_thenNothingIsToldTwice() {
    stand(Kind.ACTUAL, "900");
    start();
    stand(Kind.ACTUAL, "900");
    assertThat(types()).containsExactly("opened");
    stand(Kind.ACTUAL, "1000");

    assertThat(types()).containsExactly("opened", "escalated");
  }

  @Test
  void givenTheLogIsAway_thenNothingIsSentAndItCanBeSaidAgain() {
    logIsAway = true;
    assertThatThrownBy(() -> stand(Kind.ACTUAL, "900")).isInstanceOf(IncidentLogException.class);
    assertThat(sent).isEmpty();
    logIsAway = false;
    stand(Kind.ACTUAL, "900");

    assertThat(types()).containsExactly("opened");
  }

  @Test
  void givenBudgetsThatAreGone_thenTheirIncidentsAreOver() {
    stand(Kind.FORECAST, "1100");
    stand(Kind.ACTUAL, "900");
    incidents.only(List.of(budget(true)));
    assertThat(book.open()).hasSize(2);
    incidents.only(List.of(budget(false)));
    assertThat(book.open()).extracting(Incident::getMetric).containsExactly("cost");
    incidents.only(List.of());

    assertThat(book.open()).isEmpty();
    assertThat(log.values()).extracting(Incident::getResolution).containsOnly("budget-removed");
  }

  @Test
  void givenRulesBeside_thenTheDetectorLeavesIncidentsOfBudgetsAlone() {
    stand(Kind.ACTUAL, "900");
    clock.set(Instant.parse("2026-12-05T10:00:00Z"));
    Detector detector =
        new Detector(
            List.of(Scenario.rule(ZoneOffset.UTC)),
            new SpendStore(ZoneOffset.UTC, 9, Set.of(Cut.of(Dimension.TEAM))),
            ZoneOffset.UTC,
            book,
            sent::add,
            json(),
            Set.of("oncall"),
            Contributors.NONE,
            Duration.ofHours(1),
            clock);
    detector.evaluate();

    assertThat(book.open()).hasSize(1);
    assertThat(only().getStates()).isEqualTo(1);
  }
}
