package io.outlay.detector.incident;

import com.fasterxml.jackson.databind.JsonNode;
import io.outlay.detector.delivery.Message;
import io.outlay.detector.rule.SpendRatioRule;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import io.outlay.schema.IncidentStatus;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

import static io.outlay.detector.incident.Scenario.TODAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DetectorTest {
  private static final Cell RERANK = new Cell("search", "gpt", "rerank");
  private static final Cell SUMMARY = new Cell("docs", "claude", "summary");

  @Test
  void givenWeekAt100AndTodayAt150WhenJudgedThenOneWebhookWithItsFigures() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "96").today(RERANK, "144").evaluate();

    assertThat(scenario.types()).containsExactly("opened {\"team\":\"search\"}");
    JsonNode event = scenario.body(0);
    assertThat(event.get("specversion").asText()).isEqualTo("1.0");
    assertThat(event.get("source").asText()).isEqualTo("/outlay/anomaly-detector");
    JsonNode data = event.get("data");
    assertThat(data.get("status").asText()).isEqualTo("open");
    assertThat(data.get("severity").asText()).isEqualTo("warning");
    assertThat(data.at("/rule/name").asText()).isEqualTo("daily-spend");
    assertThat(data.at("/rule/type").asText()).isEqualTo("spend-ratio");
    assertThat(data.at("/rule/threshold").decimalValue()).isEqualByComparingTo("1.2");
    assertThat(data.at("/window/start").asText()).isEqualTo("2026-11-21T00:00:00Z");
    assertThat(data.at("/window/end").asText()).isEqualTo("2026-11-22T00:00:00Z");
    assertThat(data.at("/window/timezone").asText()).isEqualTo("Z");
    assertThat(data.get("actualUsd").asText()).isEqualTo("96.00");
    // One millisecond before four in the afternoon
    assertThat(new BigDecimal(data.get("expectedUsd").asText()))
        .isBetween(new BigDecimal("63.999998"), new BigDecimal("64"));
    assertThat(data.get("ratio").decimalValue()).isEqualByComparingTo("1.5");
    assertThat(new BigDecimal(data.get("projectedUsd").asText()))
        .isBetween(new BigDecimal("128"), new BigDecimal("128.00001"));
    assertThat(data.get("confidence").decimalValue()).isEqualByComparingTo("1");
    assertThat(data.get("dataLagSeconds").asLong()).isEqualTo(1);
    assertThat(data.at("/causes/0/dimension").asText()).isEqualTo("model");
    assertThat(data.at("/causes/0/value").asText()).isEqualTo("gpt");
    assertThat(data.at("/causes/0/share").decimalValue()).isEqualByComparingTo("1");
    assertThat(data.at("/causes/1/value").asText()).isEqualTo("rerank");
    assertThat(
            usd(data, "/drivers/volumeUsd")
                .add(usd(data, "/drivers/unitPriceUsd"))
                .add(usd(data, "/drivers/mixUsd")))
        .isEqualByComparingTo(usd(data, "/impactUsd"));
    assertThat(usd(data, "/impactUsd"))
        .isEqualByComparingTo(usd(data, "/actualUsd").subtract(usd(data, "/expectedUsd")));
    assertThat(data.get("startedAt").asText()).isEqualTo("2026-11-21T15:59:59.999Z");
    assertThat(data.get("detectedAt").asText()).isEqualTo("2026-11-21T16:00:01Z");
    assertThat(data.at("/links/self").asText())
        .isEqualTo("http://127.0.0.1:8082/v1/incidents/" + data.get("incidentId").asText());
    assertThat(data.get("children")).hasSize(2);

    scenario.evaluate();
    scenario.today(RERANK, "160").evaluate();
    assertThat(scenario.sent).hasSize(1);
  }

  @Test
  void givenTodayAt115PercentWhenJudgedThenNothing() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "100").today(RERANK, "115").evaluate();

    assertThat(scenario.sent).isEmpty();
    assertThat(scenario.detector.judgements()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void givenExactly120PercentWhenJudgedThenNothingAndOnePicoMoreFires() {
    Instant now = Instant.parse("2026-11-21T16:00:00Z");
    // 670.000000000035 / 7 has no end in decimals; 1.4 times it is 134.000000000007
    SpendRatioRule rule =
        new SpendRatioRule(
            new Terms(
                "r",
                SpendRatioRule.TYPE,
                new BigDecimal("1.4"),
                List.of(Cut.of(Dimension.TEAM)),
                BigDecimal.ZERO,
                List.of("oncall")),
            ZoneOffset.UTC,
            7,
            3);
    Scenario exact = new Scenario(ZoneOffset.UTC, now, rule);
    for (int ago = 7; ago >= 1; ago--) {
      exact.set(
          RERANK,
          now.minus(Duration.ofDays(ago)).minusSeconds(7200),
          ago == 7 ? "70.000000000035" : "100");
    }
    exact.set(RERANK, now.minusSeconds(7200), "134").set(SUMMARY, now, "0.1").evaluate();
    assertThat(exact.sent).isEmpty();

    exact.set(RERANK, now.minusSeconds(7200), "134.000000000007").evaluate();
    assertThat(exact.sent).isEmpty();

    exact.set(RERANK, now.minusSeconds(7200), "134.000000000008").evaluate();
    assertThat(exact.sent).hasSize(1);
  }

  @Test
  void givenHistoryBeingLoadedWhenJudgedThenNothingAboutThePast() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    for (int ago = 20; ago >= 2; ago--) {
      LocalDate day = TODAY.minusDays(ago);
      scenario.spend(RERANK, day, ago % 5 == 0 ? "900" : "100", Instant.MAX).evaluate();
    }
    assertThat(scenario.sent).isEmpty();
    assertThat(scenario.detector.judgements()).isZero();

    // The latest event is of the running day: from here on it is the present
    scenario.set(RERANK, scenario.clock.instant().minusSeconds(3500), "1").evaluate();
    assertThat(scenario.detector.judgements()).isPositive();
    assertThat(scenario.sent).isEmpty();
  }

  @Test
  void givenTodaysSpendHoursBehindTheClockWhenJudgedThenItCounts() {
    Scenario scenario = Scenario.at("2026-11-21T22:00:00Z").week(RERANK, "100");

    scenario.spend(RERANK, TODAY, "150", Instant.parse("2026-11-21T10:00:00Z")).evaluate();

    assertThat(scenario.sent).hasSize(1);
  }

  @Test
  void givenADayThatEndedLongerAgoThanTheMaximalAgeWhenItsEventsComeThenItIsHistory() {
    Scenario scenario = Scenario.at("2026-11-22T01:00:00Z").week(RERANK, "100");

    scenario.spend(RERANK, TODAY, "150", Instant.parse("2026-11-21T23:00:00Z")).evaluate();

    assertThat(scenario.sent).isEmpty();
  }

  @Test
  void givenLittleMoneyWhenFarAboveTheBaselineThenNothing() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "0.3").today(RERANK, "1.5").evaluate();
    assertThat(scenario.sent).isEmpty();

    scenario.today(RERANK, "1.9").evaluate();
    assertThat(scenario.sent).hasSize(1);
  }

  @Test
  void givenTwoDaysOfHistoryWhenSpendJumpsThenItIsStillLearning() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario
        .spend(RERANK, TODAY.minusDays(2), "10", Instant.MAX)
        .spend(RERANK, TODAY.minusDays(1), "10", Instant.MAX)
        .today(RERANK, "100")
        .evaluate();
    assertThat(scenario.sent).isEmpty();

    scenario.set(RERANK, Instant.parse("2026-11-18T23:00:00Z"), "1").evaluate();
    assertThat(scenario.sent).hasSize(1);
    assertThat(scenario.body(0).at("/data/confidence").decimalValue()).isEqualByComparingTo("0.43");
  }

  @Test
  void givenDaysWithoutSpendWhenJudgedThenTheyCountAsZero() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.spend(RERANK, TODAY.minusDays(5), "120", Instant.MAX).today(RERANK, "28.9");
    scenario.evaluate();
    assertThat(scenario.sent).hasSize(1);
    assertThat(usd(scenario.body(0).get("data"), "/expectedUsd"))
        .isBetween(new BigDecimal("15.99999"), new BigDecimal("16"));
  }

  @Test
  void givenPartOfAnHourWhenSpendIsAsUsualThenNothing() {
    Scenario scenario = Scenario.at("2026-11-21T16:07:30Z");
    scenario.week(RERANK, "2400").today(RERANK, "2400").evaluate();
    assertThat(scenario.sent).isEmpty();
  }

  @Test
  void givenZoneWhenJudgedThenTheDayIsTheZones() {
    ZoneId auckland = ZoneId.of("Pacific/Auckland");
    Instant now = TODAY.atTime(8, 0).atZone(auckland).toInstant();
    Scenario scenario = new Scenario(auckland, now, Scenario.rule(auckland));
    scenario.week(RERANK, "240").today(RERANK, "360").evaluate();

    assertThat(scenario.sent).hasSize(1);
    JsonNode data = scenario.body(0).get("data");
    assertThat(data.at("/window/start").asText()).isEqualTo("2026-11-20T11:00:00Z");
    assertThat(data.at("/window/timezone").asText()).isEqualTo("Pacific/Auckland");
    assertThat(usd(data, "/actualUsd")).isEqualByComparingTo("120");
  }

  @Test
  void givenLateCorrectionWhenSpendFallsBackThenResolvedAndOnlyAClearExcessReopens() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "96").today(RERANK, "144").evaluate();
    scenario.today(RERANK, "112").evaluate();

    assertThat(scenario.types())
        .containsExactly("opened {\"team\":\"search\"}", "resolved {\"team\":\"search\"}");
    JsonNode data = scenario.body(1).get("data");
    assertThat(data.get("status").asText()).isEqualTo("resolved");
    assertThat(data.get("resolution").asText()).isEqualTo("within-threshold");
    assertThat(data.get("resolvedAt").asText()).isEqualTo("2026-11-21T16:00:02Z");
    assertThat(data.get("incidentId")).isEqualTo(scenario.body(0).at("/data/incidentId"));

    // 1.23: above the threshold, but that has been said
    scenario.today(RERANK, "118").evaluate();
    assertThat(scenario.log.get(data.get("incidentId").asText()).getStatus())
        .isEqualTo(IncidentStatus.RESOLVED);
  }

  @Test
  void givenDayEndsWhenTheNextRunsThenResolvedAfterGrace() {
    Scenario scenario = Scenario.at("2026-11-21T23:00:00Z");
    scenario.week(RERANK, "96").today(RERANK, "144").evaluate();
    assertThat(scenario.sent).hasSize(1);

    scenario.clock.set(Instant.parse("2026-11-22T00:02:00Z"));
    scenario.set(SUMMARY, Instant.parse("2026-11-22T00:01:00Z"), "0.01").evaluate();
    assertThat(scenario.sent).hasSize(1);

    scenario.clock.set(Instant.parse("2026-11-22T00:06:00Z"));
    scenario.set(SUMMARY, Instant.parse("2026-11-22T00:05:30Z"), "0.01").evaluate();
    assertThat(scenario.types())
        .containsExactly("opened {\"team\":\"search\"}", "resolved {\"team\":\"search\"}");
    assertThat(scenario.body(1).at("/data/resolution").asText()).isEqualTo("window-over");
    assertThat(scenario.book.open()).isEmpty();
  }

  @Test
  void givenNoMoreEventsWhenTheDayIsLongOverThenResolvedByTheClock() {
    Scenario scenario = Scenario.at("2026-11-21T23:00:00Z");
    scenario.week(RERANK, "96").today(RERANK, "144").evaluate();

    scenario.clock.set(Instant.parse("2026-11-22T01:04:00Z"));
    scenario.evaluate();
    assertThat(scenario.sent).hasSize(1);
    scenario.clock.set(Instant.parse("2026-11-22T01:05:00Z"));
    scenario.evaluate();
    assertThat(scenario.sent).hasSize(2);
  }

  @Test
  void givenSpikeInTheLastMinuteWhenItArrivesAfterMidnightThenItStillPages() {
    Scenario scenario = Scenario.at("2026-11-22T00:00:10Z");
    scenario.week(RERANK, "96").spend(RERANK, TODAY, "96", Instant.MAX);
    scenario.set(SUMMARY, Instant.parse("2026-11-22T00:00:09Z"), "0.01").evaluate();
    assertThat(scenario.sent).isEmpty();

    scenario.set(RERANK, Instant.parse("2026-11-21T23:59:59Z"), "40").evaluate();
    assertThat(scenario.types()).containsExactly("opened {\"team\":\"search\"}");
    assertThat(scenario.body(0).at("/data/window/start").asText())
        .isEqualTo("2026-11-21T00:00:00Z");
  }

  @Test
  void givenOneTeamUpAndOneDownOnTheSameModelWhenJudgedThenTheRiseIsNotHidden() {
    Cell up = new Cell("search", "gpt", "rerank");
    Cell down = new Cell("docs", "gpt", "summary");
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(up, "96").week(down, "96").today(up, "144").today(down, "48").evaluate();

    assertThat(scenario.types()).containsExactly("opened {\"team\":\"search\"}");
  }

  @Test
  void givenTwoUnrelatedTeamsWhenBothRiseThenTwoPages() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "96").week(SUMMARY, "48");
    scenario.today(RERANK, "144").today(SUMMARY, "96").evaluate();

    assertThat(scenario.types())
        .containsExactlyInAnyOrder("opened {\"team\":\"search\"}", "opened {\"team\":\"docs\"}");
  }

  @Test
  void givenRunawayFeatureOfABigTeamWhenJudgedThenOnePageThatNamesIt() {
    Cell runaway = new Cell("search", "gpt", "loop");
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "240").week(runaway, "24");
    scenario.today(RERANK, "240").today(runaway, "240").evaluate();

    assertThat(scenario.sent).hasSize(1);
    JsonNode causes = scenario.body(0).at("/data/causes");
    assertThat(causes)
        .anySatisfy(
            cause -> {
              assertThat(cause.get("dimension").asText()).isEqualTo("feature");
              assertThat(cause.get("value").asText()).isEqualTo("loop");
              assertThat(cause.get("share").decimalValue()).isEqualByComparingTo("1");
            });
  }

  @Test
  void givenSmallScopeCrossesFirstWhenItsTeamFollowsThenTheTeamIsSilent() {
    Cell runaway = new Cell("search", "gpt", "loop");
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "240").week(runaway, "24");
    scenario.today(RERANK, "240").today(runaway, "40").evaluate();
    assertThat(scenario.types()).containsExactly("opened {\"feature\":\"loop\"}");

    // Ten times the usual is another state of the same incident.
    scenario.today(runaway, "240").evaluate();
    assertThat(scenario.types())
        .containsExactly("opened {\"feature\":\"loop\"}", "escalated {\"feature\":\"loop\"}");

    // Another cause in the same team is another incident.
    scenario.today(RERANK, "960").evaluate();
    assertThat(scenario.sent).hasSize(3);
  }

  @Test
  void givenRestartWhenDeliveredThenNeitherReopenedNorResent() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "96").today(RERANK, "144").evaluate();
    scenario.book.delivered(scenario.sent.get(0), 1, scenario.clock.instant());

    scenario.start();
    scenario.evaluate().evaluate();
    assertThat(scenario.sent).hasSize(1);
    assertThat(scenario.book.open()).hasSize(1);
  }

  @Test
  void givenRestartWhenOwedThenSentWithTheSameIdAndBody() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "96").today(RERANK, "144").evaluate();

    scenario.clock.advance(Duration.ofMinutes(3));
    scenario.start();
    scenario.evaluate();
    assertThat(scenario.sent).hasSize(2);
    assertThat(scenario.sent.get(1)).isEqualTo(scenario.sent.get(0));
  }

  @Test
  void givenFailedDeliveryWhenRestartedThenNotOwedAnyMore() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "96").today(RERANK, "144").evaluate();
    scenario.book.failed(scenario.sent.get(0), 9, "answered 500", scenario.clock.instant());

    assertThat(scenario.book.owed()).isEmpty();
  }

  @Test
  void givenLogIsAwayWhenItComesBackThenTheIncidentOpensOnce() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "96").today(RERANK, "144");
    scenario.logIsAway = true;
    assertThatThrownBy(scenario::evaluate).isInstanceOf(IncidentLogException.class);
    assertThat(scenario.sent).isEmpty();

    scenario.logIsAway = false;
    scenario.evaluate().evaluate();
    assertThat(scenario.sent).hasSize(1);
  }

  @Test
  void givenSettledNotificationWhenResolvedThenItStaysSettled() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "96").today(RERANK, "144").evaluate();
    Message opening = scenario.sent.get(0);
    scenario.book.delivered(opening, 2, scenario.clock.instant());
    scenario.today(RERANK, "100").evaluate();

    assertThat(scenario.book.owed()).hasSize(1);
    assertThat(scenario.book.owed().get(0).id()).isNotEqualTo(opening.id());
    assertThat(scenario.book.owed().get(0).group()).isEqualTo(opening.group());
  }

  @Test
  void givenEarlierDaysStillArriveWhenJudgedThenItWaitsUntilTheyAreQuiet() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "50").today(RERANK, "96");
    scenario.detector.evaluate();
    assertThat(scenario.sent).isEmpty();

    // The rest of the history comes, and with it the true baseline
    scenario.clock.advance(Duration.ofMillis(500));
    scenario.week(RERANK, "96").evaluate().evaluate();
    assertThat(scenario.sent).isEmpty();
  }

  @Test
  void givenEarlierDaysThatNeverRestWhenJudgedThenItWaitsNoLongerThanTheBound() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    scenario.week(RERANK, "96").today(RERANK, "144");
    Instant begun = scenario.clock.instant();
    while (scenario.sent.isEmpty()) {
      scenario.set(RERANK, Instant.parse("2026-11-15T03:30:00Z"), "4.1");
      scenario.detector.evaluate();
      scenario.clock.advance(Duration.ofMillis(500));
      assertThat(Duration.between(begun, scenario.clock.instant()))
          .isLessThan(Detector.MAX_SETTLE.plusSeconds(1));
    }
  }

  @Test
  void givenAllRequestsDoubleWhenExplainedThenItIsVolume() {
    Instant now = Instant.parse("2026-11-21T16:00:00Z");
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    for (int ago = 7; ago >= 1; ago--) {
      scenario.set(RERANK, now.minus(Duration.ofDays(ago)).minusSeconds(7200), "10", 1_000);
    }
    scenario.set(RERANK, now.minusSeconds(7200), "20", 2_000).set(SUMMARY, now, "0.01");
    scenario.evaluate();

    JsonNode data = scenario.body(0).get("data");
    assertThat(usd(data, "/drivers/volumeUsd")).isEqualByComparingTo("10");
    assertThat(usd(data, "/drivers/unitPriceUsd")).isEqualByComparingTo("0");
    assertThat(usd(data, "/drivers/mixUsd")).isEqualByComparingTo("0");
    assertThat(data.get("severity").asText()).isEqualTo("critical");
  }

  @Test
  void givenThePriceOfARequestDoublesWhenExplainedThenItIsUnitPrice() {
    Instant now = Instant.parse("2026-11-21T16:00:00Z");
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    for (int ago = 7; ago >= 1; ago--) {
      scenario.set(RERANK, now.minus(Duration.ofDays(ago)).minusSeconds(7200), "10", 1_000);
    }
    scenario.set(RERANK, now.minusSeconds(7200), "20", 1_000).set(SUMMARY, now, "0.01");
    scenario.evaluate();

    JsonNode data = scenario.body(0).get("data");
    assertThat(usd(data, "/drivers/volumeUsd")).isEqualByComparingTo("0");
    assertThat(usd(data, "/drivers/unitPriceUsd")).isEqualByComparingTo("10");
  }

  @Test
  void givenNothingSpentAtThisTimeBeforeWhenSpentThenRatioIsNull() {
    Instant now = Instant.parse("2026-11-21T02:00:00Z");
    Scenario scenario = Scenario.at("2026-11-21T02:00:00Z");
    for (int ago = 7; ago >= 1; ago--) {
      scenario.set(RERANK, now.minus(Duration.ofDays(ago)).plusSeconds(36_000), "10");
    }
    scenario.set(RERANK, now.minusSeconds(60), "5").evaluate();

    assertThat(scenario.sent).hasSize(1);
    assertThat(scenario.body(0).at("/data/ratio").isNull()).isTrue();
    assertThat(scenario.body(0).at("/data/expectedUsd").asText()).isEqualTo("0.00");
  }

  @Test
  void givenRuleGoneWhenItsDayIsOverThenItsIncidentStillResolves() {
    Scenario scenario = Scenario.at("2026-11-21T23:00:00Z");
    scenario.week(RERANK, "96").today(RERANK, "144").evaluate();
    Scenario without = new Scenario(ZoneOffset.UTC, Instant.parse("2026-11-22T09:00:00Z"));
    without.log.putAll(scenario.log);
    without.start();
    without.evaluate();

    assertThat(without.types())
        .containsExactly("opened {\"team\":\"search\"}", "resolved {\"team\":\"search\"}");
    assertThat(without.book.open()).isEmpty();
  }

  @Test
  void given5000ScopesWhenAllRiseThenJudgingIsCheap() {
    Scenario scenario = Scenario.at("2026-11-21T16:00:00Z");
    for (int i = 0; i < 5_000; i++) {
      Cell cell = new Cell("team-" + i % 50, "model-" + i % 20, "feature-" + i);
      scenario.week(cell, "24").today(cell, i % 50 == 7 ? "48" : "24");
    }
    long started = System.nanoTime();
    scenario.evaluate();
    Duration first = Duration.ofNanos(System.nanoTime() - started);
    started = System.nanoTime();
    scenario.today(new Cell("team-1", "model-1", "feature-1"), "25").evaluate();
    Duration second = Duration.ofNanos(System.nanoTime() - started);

    assertThat(scenario.types()).containsExactly("opened {\"team\":\"team-7\"}");
    // 0.13 s and 2 ms on two cores
    assertThat(first).isLessThan(Duration.ofSeconds(3));
    assertThat(second).isLessThan(Duration.ofMillis(500));
  }

  private static BigDecimal usd(JsonNode data, String pointer) {
    return new BigDecimal(data.at(pointer).asText());
  }
}
