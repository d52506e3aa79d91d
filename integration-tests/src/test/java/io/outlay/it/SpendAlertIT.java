package io.outlay.it;

import io.outlay.embedded.scenario.EventPublisher;
import io.outlay.embedded.scenario.ScenarioEvent;
import io.outlay.embedded.scenario.WebhookReceiver;
import io.outlay.embedded.scenario.WebhookReceiver.Alert;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A hundred dollars a day for a week; then a hundred and fifteen, then a hundred and fifty. */
class SpendAlertIT {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw";
  private static final int HOURS = 20;
  private static final int HOUR_OF_NOW = 22;

  @Test
  void aDayAtHalfMoreAlertsOnceAndADayAtFifteenPercentMoreDoesNot() throws Exception {
    // Given a zone in which it is late in the day, and two teams with a week of $100 a day
    ZoneOffset zone = zoneWhereItIs(HOUR_OF_NOW);
    LocalDate today = OffsetDateTime.now(zone).toLocalDate();
    try (WebhookReceiver oncall = new WebhookReceiver(0, SECRET);
        RunningStack stack = RunningStack.start(configuration(oncall, zone))) {
      EventPublisher publisher = new EventPublisher(stack.collectors(), "alerts");
      List<ScenarioEvent> history = new ArrayList<>();
      for (int day = 7; day >= 1; day--) {
        history.addAll(day("calm", today.minusDays(day), zone, "5"));
        history.addAll(day("wild", today.minusDays(day), zone, "5"));
      }

      // When the week is loaded and the calm team spends $115 today
      publisher.publish(history, line -> {});
      publisher.publish(day("calm", today, zone, "5.75"), line -> {});

      // Then nobody is told
      assertThat(oncall.await(Duration.ofSeconds(8))).isNull();

      // When the other spends $150
      publisher.publish(day("wild", today, zone, "7.50"), line -> {});
      long sent = System.nanoTime();

      // Then one webhook tells it within five seconds, signed
      Alert alert = oncall.await(Duration.ofSeconds(30));
      Duration took = Duration.ofNanos(System.nanoTime() - sent);
      assertThat(alert).isNotNull();
      System.out.printf("alert %d ms after the last event%n", took.toMillis());
      assertThat(took).isLessThan(Duration.ofSeconds(5));
      assertThat(oncall.refused()).isZero();
      assertThat(alert.body().path("type").asText()).isEqualTo("io.outlay.incident.opened");
      assertThat(new BigDecimal(alert.data().path("ratio").asText()))
          .isGreaterThanOrEqualTo(new BigDecimal("1.2"));
      assertThat(alert.data().path("scope").path("team").asText()).isEqualTo("wild");
      // The last event is half an hour into an hour: that hour of the earlier days counts by half.
      assertThat(new BigDecimal(alert.data().path("expectedUsd").asText()))
          .isEqualByComparingTo("97.50");
      assertThat(new BigDecimal(alert.data().path("actualUsd").asText()))
          .isEqualByComparingTo("150");
      assertThat(oncall.await(Duration.ofSeconds(5))).isNull();
    }
  }

  private static List<ScenarioEvent> day(String team, LocalDate day, ZoneOffset zone, String usd) {
    List<ScenarioEvent> events = new ArrayList<>();
    for (int hour = 0; hour < HOURS; hour++) {
      events.add(
          new ScenarioEvent(
              team + "-" + day + "-" + hour,
              "io.outlay.cost.direct",
              day.atTime(hour, 30).toInstant(zone),
              Map.of(
                  "team", team, "feature", team + "-feature", "amount", usd, "category", "support"),
              new BigDecimal(usd)));
    }
    return events;
  }

  private static String configuration(WebhookReceiver oncall, ZoneOffset zone) {
    return """
        timezone: "%s"
        receivers:
          - {name: oncall, type: webhook, url: "%s", secret: "%s", allowPrivate: true}
        rules:
          - {name: daily-spend, type: spend-ratio, threshold: 1.2, window: 1d, baseline: 7d,
             by: [team, model, feature], minImpactUsd: 1, receivers: [oncall]}
        """
        .formatted(zone, oncall.url(), SECRET);
  }

  private static ZoneOffset zoneWhereItIs(int hour) {
    int offset = hour - OffsetDateTime.now(ZoneOffset.UTC).getHour();
    return ZoneOffset.ofHours(offset > 18 ? offset - 24 : offset);
  }
}
