package io.outlay.detector.incident;

import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Dimension;
import io.outlay.schema.IncidentCause;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Contributors that are asked for elsewhere name more of the cause, and hold up no alert. */
class ContributorsTest {
  private static final Cell RERANK = new Cell("search", "gpt", "rerank");
  private static final List<Explanation.Cause> ACME =
      List.of(
          new Explanation.Cause(
              new Dimension("customer"), "acme", new BigDecimal("30"), new BigDecimal("0.9375")));

  private final List<Comparison> asked = new ArrayList<>();
  private CompletableFuture<List<Explanation.Cause>> answer = new CompletableFuture<>();

  private Scenario rising() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.contributors =
        comparison -> {
          asked.add(comparison);
          return answer;
        };
    scenario.start();
    return scenario.week(RERANK, "96").today(RERANK, "144");
  }

  private static List<String> customers(Scenario scenario) {
    return scenario.incident().getCauses().stream()
        .filter(cause -> cause.getDimension().equals("customer"))
        .map(IncidentCause::getValue)
        .toList();
  }

  @Test
  void givenEqualCausesWhenToldThenNamedOnesComeFirstAndOfTheseThoseOfCells() {
    BigDecimal all = new BigDecimal("32");
    answer.complete(
        List.of(
            new Explanation.Cause(new Dimension("region"), "", all, BigDecimal.ONE),
            new Explanation.Cause(new Dimension("customer"), "acme", all, BigDecimal.ONE),
            new Explanation.Cause(
                new Dimension("user"), "u1", new BigDecimal("32.01"), BigDecimal.ONE),
            new Explanation.Cause(
                new Dimension("project"), "p", new BigDecimal("31.99"), BigDecimal.ONE)));
    Scenario scenario = rising().evaluate();

    assertThat(scenario.incident().getCauses())
        .extracting(IncidentCause::getDimension)
        .containsExactly("user", "model", "feature", "customer", "region", "project");
    assertThat(scenario.body(0).at("/data/causes").findValuesAsText("dimension"))
        .containsExactly("user", "model", "feature", "customer", "region", "project");
  }

  @Test
  void givenAnAnswerInTimeWhenItOpensThenTheAlertHasIt() {
    answer.complete(ACME);
    Scenario scenario = rising().evaluate();

    assertThat(scenario.body(0).get("data").get("causes").findValuesAsText("value"))
        .contains("acme", "gpt", "rerank");
    assertThat(asked).hasSize(1);
    assertThat(customers(scenario)).containsExactly("acme");
    // New figures do not drop it.
    scenario.today(RERANK, "160").evaluate();
    assertThat(customers(scenario)).containsExactly("acme");
  }

  @Test
  void givenNoAnswerWhenItOpensThenTheAlertGoesOutAndWhatComesLaterIsInTheRecord() {
    Scenario scenario = rising().evaluate();
    assertThat(scenario.steps()).containsExactly("opened");
    assertThat(customers(scenario)).isEmpty();

    answer.complete(ACME);
    scenario.logIsAway = true;
    assertThatThrownBy(scenario::evaluate).isInstanceOf(IncidentLogException.class);
    scenario.logIsAway = false;
    scenario.evaluate().evaluate();
    assertThat(customers(scenario)).containsExactly("acme");
    assertThat(scenario.incident().getStates()).isEqualTo(1);
    // The next state says so.
    scenario.today(RERANK, "300").evaluate();
    assertThat(scenario.body(1).get("data").get("causes").findValuesAsText("value"))
        .contains("acme");
  }

  @Test
  void givenFailuresWhenItOpensThenTheAlertGoesOut() {
    answer = CompletableFuture.failedFuture(new IllegalStateException("away"));
    assertThat(rising().evaluate().steps()).containsExactly("opened");

    Scenario throwing = Scenario.at("2026-11-21T16:00:00Z");
    throwing.contributors =
        comparison -> {
          throw new IllegalStateException("closed");
        };
    throwing.start();
    throwing.week(RERANK, "96").today(RERANK, "144").evaluate();
    assertThat(throwing.steps()).containsExactly("opened");
  }

  @Test
  void givenTheLogIsAwayWhenItOpensLaterThenAskedOnce() {
    answer.complete(ACME);
    Scenario scenario = rising();
    scenario.logIsAway = true;
    assertThatThrownBy(scenario::evaluate).isInstanceOf(IncidentLogException.class);
    scenario.logIsAway = false;
    scenario.evaluate();
    assertThat(asked).hasSize(1);
    assertThat(customers(scenario)).containsExactly("acme");
  }
}
