package io.outlay.embedded.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.outlay.embedded.cli.Output;
import io.outlay.embedded.scenario.WebhookReceiver;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** Prints an alert as on-call reads it. */
final class DemoAlert {
  private static final int MAX_CAUSES = 5;

  private DemoAlert() {}

  static void print(WebhookReceiver.Alert alert, double seconds, Output output) {
    JsonNode data = alert.data();
    output.line("");
    output.line(
        "ALERT, received by a local webhook %.1f s after the last event, signature verified"
            .formatted(seconds));
    output.line("  " + alert.body().path("type").asText() + "  " + alert.webhookId());
    output.line(
        "  %s: %s spent %s USD today instead of %s, %s times as much, severity %s"
            .formatted(
                data.path("rule").path("name").asText(),
                scope(data.path("scope")),
                cents(data.path("actualUsd").asText()),
                cents(data.path("expectedUsd").asText()),
                new BigDecimal(data.path("ratio").asText("0")).setScale(2, RoundingMode.HALF_UP),
                data.path("severity").asText()));
    int shown = 0;
    for (JsonNode cause : data.path("causes")) {
      if (shown++ < MAX_CAUSES) {
        output.line(
            "    because of %s %s: %s USD"
                .formatted(
                    cause.path("dimension").asText(),
                    cause.path("value").asText(),
                    cents(cause.path("deltaUsd").asText())));
      }
    }
  }

  private static String scope(JsonNode scope) {
    StringBuilder text = new StringBuilder();
    scope
        .fields()
        .forEachRemaining(
            entry ->
                text.append(text.isEmpty() ? "" : ", ")
                    .append(entry.getKey())
                    .append(' ')
                    .append(entry.getValue().asText()));
    return text.toString();
  }

  private static String cents(String usd) {
    return usd.isEmpty()
        ? "?"
        : new BigDecimal(usd).setScale(2, RoundingMode.HALF_UP).toPlainString();
  }
}
