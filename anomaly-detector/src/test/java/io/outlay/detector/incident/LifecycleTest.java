package io.outlay.detector.incident;

import com.fasterxml.jackson.databind.JsonNode;
import io.outlay.detector.spend.Cell;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentSeverity;
import io.outlay.schema.IncidentStatus;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

import static io.outlay.detector.incident.Scenario.TODAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What becomes of an incident between its opening and its end. */
class LifecycleTest {
  private static final Cell RERANK = new Cell("search", "gpt", "rerank");

  private final GaugeRule gauge = new GaugeRule();

  private static Scenario opened() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "96").today(RERANK, "144").evaluate();
    assertThat(scenario.steps()).containsExactly("opened");
    return scenario;
  }

  private Scenario gauged() {
    Scenario scenario = new Scenario(ZoneOffset.UTC, Instant.parse("2026-11-21T16:00:00Z"), gauge);
    scenario.set(RERANK, Instant.parse("2026-11-21T15:59:00Z"), "10");
    return scenario.evaluate();
  }

  private Scenario read(Scenario scenario, String reading) {
    gauge.reading = reading;
    return scenario.evaluate();
  }

  private static Incident done(Desk.Outcome outcome) {
    assertThat(outcome).isInstanceOf(Desk.Outcome.Done.class);
    return ((Desk.Outcome.Done) outcome).incident();
  }

  @Test
  void givenSeverityRisesWhenJudgedThenEachStepIsToldOnce() {
    Scenario scenario = gauged();
    read(read(read(scenario, "1.5"), "1.6"), "2.1");
    // It goes back and forth between the steps.
    read(read(read(read(scenario, "1.5"), "2.1"), "3.5"), "2.0");
    read(scenario, "3.5");

    assertThat(scenario.steps()).containsExactly("opened", "escalated", "escalated");
    assertThat(scenario.body(0).at("/data/severity").asText()).isEqualTo("info");
    assertThat(scenario.body(1).at("/data/severity").asText()).isEqualTo("warning");
    assertThat(scenario.body(2).at("/data/severity").asText()).isEqualTo("critical");
    assertThat(scenario.body(2).at("/data/status").asText()).isEqualTo("escalated");
    assertThat(scenario.body(2).get("type").asText()).isEqualTo("io.outlay.incident.escalated");
    assertThat(scenario.body(2).at("/data/actual").asText()).isEqualTo("3.5");
    assertThat(scenario.body(2).at("/data/unit").asText()).isEqualTo("ms");
    assertThat(scenario.body(2).at("/data/ratio").decimalValue()).isEqualByComparingTo("3.5");
    assertThat(scenario.body(2).at("/data/drivers").isNull()).isTrue();
    assertThat(scenario.body(2).at("/data/notes/0").asText()).isEqualTo("a note");
    assertThat(scenario.detector.escalated()).isEqualTo(2);
  }

  @Test
  void givenEscalatedWhenRestartedThenNotToldAgain() {
    Scenario scenario = gauged();
    read(read(scenario, "1.5"), "3.5");
    scenario.sent.forEach(message -> scenario.book.delivered(message, 1, scenario.clock.instant()));
    scenario.start();
    read(scenario, "3.5");

    assertThat(scenario.sent).hasSize(2);
    assertThat(scenario.incident().getStatus()).isEqualTo(IncidentStatus.ESCALATED);
  }

  @Test
  void givenLogIsAwayWhenItEscalatesThenToldOnceItIsBack() {
    Scenario scenario = gauged();
    read(scenario, "1.5");
    scenario.logIsAway = true;
    assertThatThrownBy(() -> read(scenario, "3.5")).isInstanceOf(IncidentLogException.class);
    assertThat(scenario.sent).hasSize(1);
    scenario.logIsAway = false;
    scenario.evaluate().evaluate();
    assertThat(scenario.steps()).containsExactly("opened", "escalated");
  }

  @Test
  void givenContinuousRuleWhenWindowsPassThenOneIncidentGoesOn() {
    Scenario scenario = gauged();
    read(scenario, "1.5");
    for (int i = 0; i < 40; i++) {
      scenario.clock.advance(Duration.ofMinutes(20));
      scenario.evaluate();
    }
    assertThat(scenario.steps()).containsExactly("opened");
    // The record keeps up with the windows.
    assertThat(Micros.toInstant(scenario.incident().getWindowEndMicros()))
        .isEqualTo(scenario.clock.instant());
  }

  @Test
  void givenResolvedWhenItLeavesItsBoundsWithinTheHourThenOpenedAgainAndLaterAnew() {
    Scenario scenario = gauged();
    read(read(scenario, "1.5"), "0.9");
    String first = scenario.incident().getIncidentId();
    scenario.clock.advance(Duration.ofMinutes(50));
    read(scenario, "1.04");
    assertThat(scenario.steps()).containsExactly("opened", "resolved");

    read(scenario, "1.5");
    assertThat(scenario.steps()).containsExactly("opened", "resolved", "opened");
    assertThat(scenario.incident().getReopened()).isEqualTo(1);
    assertThat(scenario.body(2).at("/data/reopened").asInt()).isEqualTo(1);
    assertThat(scenario.body(2).at("/data/resolvedAt").isNull()).isTrue();
    assertThat(scenario.sent.get(2).id()).isNotEqualTo(scenario.sent.get(0).id());

    read(scenario, "0.9");
    scenario.clock.advance(Duration.ofMinutes(61));
    read(scenario, "1.5");
    assertThat(scenario.log).hasSize(2);
    assertThat(scenario.body(4).at("/data/incidentId").asText()).isNotEqualTo(first);
    assertThat(scenario.body(4).get("data").get("dedupKey"))
        .isEqualTo(scenario.body(0).get("data").get("dedupKey"));
    assertThat(scenario.book.open()).hasSize(1);
    assertThat(scenario.detector.reopened()).isEqualTo(1);
  }

  @Test
  void givenNothingToJudgeForAnHourWhenContinuousThenResolved() {
    Scenario scenario = gauged();
    read(scenario, "1.5");
    gauge.silent = true;
    scenario.clock.advance(Duration.ofMinutes(59));
    scenario.evaluate();
    assertThat(scenario.book.open()).hasSize(1);

    scenario.clock.advance(Duration.ofHours(2));
    scenario.evaluate();
    assertThat(scenario.steps()).containsExactly("opened", "resolved");
    assertThat(scenario.incident().getResolution()).isEqualTo("no-data");
  }

  @Test
  void givenAcknowledgedWhenItWorsensThenToldOnlyOnceCritical() {
    Scenario scenario = gauged();
    read(scenario, "1.5");
    String id = scenario.incident().getIncidentId();
    Incident taken = done(scenario.desk.acknowledge(id, "mira"));
    assertThat(taken.getStatus()).isEqualTo(IncidentStatus.ACKNOWLEDGED);
    assertThat(scenario.steps()).containsExactly("opened", "acknowledged");
    assertThat(scenario.body(1).at("/data/acknowledgedBy").asText()).isEqualTo("mira");
    done(scenario.desk.acknowledge(id, "mira"));
    assertThat(scenario.sent).hasSize(2);

    read(scenario, "2.5");
    assertThat(scenario.sent).hasSize(2);
    assertThat(scenario.incident().getStatus()).isEqualTo(IncidentStatus.ACKNOWLEDGED);
    assertThat(scenario.incident().getSeverity()).isEqualTo(IncidentSeverity.WARNING);

    read(scenario, "4");
    assertThat(scenario.steps()).containsExactly("opened", "acknowledged", "escalated");
    assertThat(scenario.incident().getAcknowledgedBy()).isEqualTo("mira");

    read(scenario, "0.5");
    assertThat(scenario.steps()).endsWith("resolved");
  }

  @Test
  void givenSilencedWhenItsStatesGoOnThenNobodyIsToldAndAfterwardsWhereItStands() {
    Scenario scenario = gauged();
    read(scenario, "1.5");
    String id = scenario.incident().getIncidentId();
    Instant until = scenario.clock.instant().plus(Duration.ofMinutes(30));
    done(scenario.desk.silence(id, until, "mira", "load test"));
    read(scenario, "4");

    assertThat(scenario.steps()).containsExactly("opened");
    assertThat(scenario.incident().getStatus()).isEqualTo(IncidentStatus.ESCALATED);
    assertThat(scenario.incident().getSilenceReason()).isEqualTo("load test");
    scenario.start();
    scenario.sent.clear();
    scenario.evaluate();
    assertThat(scenario.sent).isEmpty();

    scenario.clock.advance(Duration.ofMinutes(31));
    scenario.evaluate().evaluate();
    assertThat(scenario.steps()).containsExactly("escalated");
    assertThat(scenario.incident().getSilencedUntilMicros()).isNull();
  }

  @Test
  void givenSilencedWhenItResolvesThenToldAfterTheSilence() {
    Scenario scenario = gauged();
    read(scenario, "1.5");
    String id = scenario.incident().getIncidentId();
    done(scenario.desk.silence(id, scenario.clock.instant().plusSeconds(3_600), "mira", "known"));
    read(scenario, "0.5");
    assertThat(scenario.steps()).containsExactly("opened");
    assertThat(scenario.incident().getStatus()).isEqualTo(IncidentStatus.RESOLVED);

    done(scenario.desk.unsilence(id));
    scenario.evaluate().evaluate();
    assertThat(scenario.steps()).containsExactly("opened", "resolved");
  }

  @Test
  void givenSilencedWhenNothingNewHappensThenNothingIsToldAfterwards() {
    Scenario scenario = gauged();
    read(scenario, "1.5");
    String id = scenario.incident().getIncidentId();
    done(scenario.desk.silence(id, scenario.clock.instant().plusSeconds(60), "mira", "known"));
    // Over and open again, as it was told.
    read(read(scenario, "0.5"), "1.5");
    scenario.clock.advance(Duration.ofSeconds(60));
    scenario.evaluate().evaluate();
    assertThat(scenario.steps()).containsExactly("opened");
  }

  @Test
  void givenSilencedWhenTheNextOneOfTheScopeOpensThenItIsSilencedToo() {
    Scenario scenario = opened();
    String id = scenario.incident().getIncidentId();
    Instant until = Instant.parse("2026-11-22T12:00:00Z");
    done(scenario.desk.silence(id, until, "mira", "load test until noon"));

    scenario.clock.set(Instant.parse("2026-11-22T08:00:00Z"));
    scenario
        .spend(RERANK, TODAY, "96", Instant.MAX)
        .spend(RERANK, TODAY.plusDays(1), "144", scenario.clock.instant())
        .evaluate();
    assertThat(scenario.log).hasSize(2);
    assertThat(scenario.book.open()).hasSize(1);
    assertThat(scenario.book.open().get(0).getSilencedBy()).isEqualTo("mira");
    assertThat(scenario.steps()).containsExactly("opened");

    scenario.clock.set(until);
    scenario.evaluate();
    // The first day is over, the second day's is still open.
    assertThat(scenario.steps()).containsExactlyInAnyOrder("opened", "resolved", "opened");
  }

  @Test
  void givenResolvedByHandWhenNothingChangesThenItStaysResolved() {
    Scenario scenario = opened();
    String id = scenario.incident().getIncidentId();
    Incident resolved = done(scenario.desk.resolve(id, "mira", "planned backfill"));
    assertThat(resolved.getStatus()).isEqualTo(IncidentStatus.RESOLVED);
    assertThat(resolved.getResolution()).isEqualTo("by-hand");
    assertThat(resolved.getNotes()).containsExactly("resolved by mira: planned backfill");
    assertThat(scenario.steps()).containsExactly("opened", "resolved");
    assertThat(scenario.body(1).at("/data/resolvedBy").asText()).isEqualTo("mira");

    scenario.today(RERANK, "150").evaluate();
    scenario.start();
    scenario.sent.clear();
    scenario.today(RERANK, "155").evaluate();
    // Its model and feature are the same money and stay silent too.
    assertThat(scenario.sent).isEmpty();
    assertThat(scenario.log).hasSize(1);
  }

  @Test
  void givenResolvedByHandWhenItGetsWorseThenItOpensAgain() {
    Scenario scenario = opened();
    done(scenario.desk.resolve(scenario.incident().getIncidentId(), "mira", ""));
    scenario.today(RERANK, "300").evaluate();

    assertThat(scenario.steps()).containsExactly("opened", "resolved", "opened");
    assertThat(scenario.incident().getSeverity()).isEqualTo(IncidentSeverity.CRITICAL);
  }

  @Test
  void givenResolvedByHandWhenItHadBeenWithinItsBoundsThenItOpensAgain() {
    Scenario scenario = gauged();
    read(scenario, "1.5");
    done(scenario.desk.resolve(scenario.incident().getIncidentId(), "mira", "known"));
    read(scenario, "1.6");
    assertThat(scenario.steps()).containsExactly("opened", "resolved");
    read(scenario, "0.9");
    assertThat(scenario.incident().getResolution()).isEqualTo("within-threshold");
    scenario.start();
    scenario.sent.clear();
    read(scenario, "1.6");
    assertThat(scenario.steps()).containsExactly("opened");
  }

  @Test
  void givenResolvedOrUnknownWhenSomebodyActsThenRefused() {
    Scenario scenario = gauged();
    read(read(scenario, "1.5"), "0.5");
    String id = scenario.incident().getIncidentId();
    Instant until = scenario.clock.instant().plusSeconds(60);

    assertThat(scenario.desk.acknowledge(id, "x")).isInstanceOf(Desk.Outcome.Refused.class);
    assertThat(scenario.desk.silence(id, until, "x", "")).isInstanceOf(Desk.Outcome.Refused.class);
    assertThat(scenario.desk.resolve(id, "x", "")).isInstanceOf(Desk.Outcome.Refused.class);
    assertThat(scenario.desk.resolve("inc_0", "x", "")).isInstanceOf(Desk.Outcome.Unknown.class);
    assertThat(scenario.steps()).containsExactly("opened", "resolved");
  }

  @Test
  void givenLogIsAwayWhenSomebodyActsThenNothingIsTaken() {
    Scenario scenario = gauged();
    read(scenario, "1.5");
    String id = scenario.incident().getIncidentId();
    scenario.logIsAway = true;
    assertThatThrownBy(() -> scenario.desk.acknowledge(id, "mira"))
        .isInstanceOf(IncidentLogException.class);
    assertThat(scenario.book.find(id).orElseThrow().getStatus()).isEqualTo(IncidentStatus.OPEN);
    assertThat(scenario.steps()).containsExactly("opened");
  }

  @Test
  void givenSpendGrowsWhenByAPercentOrAfterFiveMinutesThenTheRecordFollowsAndNobodyIsTold() {
    Scenario scenario = opened();
    BigDecimal first = scenario.incident().getActualUsd();
    scenario.today(RERANK, "144.2").evaluate();
    assertThat(scenario.incident().getActualUsd()).isEqualByComparingTo(first);

    scenario.today(RERANK, "160").evaluate();
    BigDecimal second = scenario.incident().getActualUsd();
    assertThat(second).isGreaterThan(first);
    assertThat(scenario.incident().getStates()).isEqualTo(1);
    assertThat(scenario.incident().getDrivers()).isNotNull();
    assertThat(
            scenario
                .incident()
                .getDrivers()
                .getVolumeUsd()
                .add(scenario.incident().getDrivers().getUnitPriceUsd())
                .add(scenario.incident().getDrivers().getMixUsd()))
        .isEqualByComparingTo(scenario.incident().getImpactUsd());

    scenario.clock.advance(Duration.ofMinutes(5));
    scenario.today(RERANK, "160").evaluate();
    assertThat(scenario.incident().getActualUsd()).isGreaterThan(second);
    assertThat(scenario.sent).hasSize(1);
  }

  @Test
  void givenChildrenWhenTheyGrowOrCalmDownThenTheRecordFollows() {
    Cell other = new Cell("search", "claude", "summary");
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "96").week(other, "96");
    scenario.today(RERANK, "192").today(other, "192").evaluate();
    assertThat(scenario.steps()).containsExactly("opened");
    assertThat(scenario.incident().getScope()).isEqualTo(Map.of("team", "search"));
    assertThat(scenario.incident().getChildren()).hasSize(4);
    assertThat(scenario.body(0).at("/data/children")).hasSize(4);

    scenario.today(other, "96").evaluate();
    assertThat(scenario.incident().getChildren())
        .extracting(child -> child.getScope().toString())
        .containsExactlyInAnyOrder("{model=gpt}", "{feature=rerank}");
    BigDecimal impact = scenario.incident().getChildren().get(0).getImpactUsd();
    scenario.today(RERANK, "240").evaluate();
    assertThat(scenario.incident().getChildren().get(0).getImpactUsd()).isGreaterThan(impact);
  }

  @Test
  void givenTheParentResolvesWhenAChildIsStillOutOfBoundsThenItOpensItself() {
    Cell docs = new Cell("search", "claude", "summary");
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "96").week(docs, "480");
    scenario.today(RERANK, "384").today(docs, "576").evaluate();
    assertThat(scenario.types()).containsExactly("opened {\"team\":\"search\"}");

    // Another part of the team saves what the child spends.
    scenario.today(docs, "240").evaluate().evaluate();
    assertThat(scenario.types())
        .hasSize(3)
        .contains("resolved {\"team\":\"search\"}", "opened {\"model\":\"gpt\"}");
  }

  @Test
  void givenValuesWithQuotesWhenToldThenTheQueryIsSafe() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    Cell nasty = new Cell("o'hare\\", "gpt", "x");
    scenario.week(nasty, "96").today(nasty, "144").evaluate();
    JsonNode query = scenario.body(0).at("/data/query");
    assertThat(query.asText()).contains("team = 'o\\'hare\\\\' AND event_time >= ");
  }
}
