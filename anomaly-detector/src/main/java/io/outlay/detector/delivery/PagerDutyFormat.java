package io.outlay.detector.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * PagerDuty Events API v2. One alert there is one incident here: {@code dedup_key} is the
 * incident's id, since the end of yesterday's incident may be told after today's has opened. A
 * silenced one is acknowledged: PagerDuty then pages nobody.
 *
 * <p>The routing key is a secret: it is put into the body as it is sent, and kept nowhere.
 */
public final class PagerDutyFormat implements Format {
  /** Where PagerDuty takes events. */
  public static final URI ADDRESS = URI.create("https://events.pagerduty.com/v2/enqueue");

  private static final int MAX_SUMMARY = 1_024;
  private static final int MAX_DEDUP_KEY = 255;
  private static final int MAX_TEXT = 255;

  private final String routingKey;

  public PagerDutyFormat(String routingKey) {
    this.routingKey = routingKey;
  }

  @Override
  public Request request(Message message, Instant now) {
    Alert alert = Alert.parse(message.body());
    return new Request(Bodies.JSON, Bodies.fitting(details -> body(alert, details)), Map.of());
  }

  private ObjectNode body(Alert alert, int details) {
    ObjectNode body = Bodies.object();
    body.put("routing_key", routingKey);
    String action =
        switch (alert.event()) {
          case OPENED, ESCALATED -> "trigger";
          case ACKNOWLEDGED, SILENCED -> "acknowledge";
          case RESOLVED -> "resolve";
        };
    body.put("event_action", action);
    body.put("dedup_key", Bodies.cut(alert.incidentId(), MAX_DEDUP_KEY));
    if (!action.equals("trigger")) {
      return body;
    }
    body.put("client", "Outlay");
    alert.self().ifPresent(self -> body.put("client_url", self));
    ObjectNode payload = body.putObject("payload");
    payload.put(
        "summary", Bodies.cut((alert.test() ? "[TEST] " : "") + alert.summary(), MAX_SUMMARY));
    payload.put("source", "outlay");
    payload.put("severity", alert.severity().name().toLowerCase(Locale.ROOT));
    payload.put("timestamp", alert.time().toString());
    payload.put("component", Bodies.cut(Alert.scopeText(alert.scope()), MAX_TEXT));
    payload.put("group", Bodies.cut(alert.rule().name(), MAX_TEXT));
    payload.put("class", alert.rule().type());
    custom(payload.putObject("custom_details"), alert, details);
    ArrayNode links = body.putArray("links");
    alert.links().entrySet().stream()
        .limit(details)
        .forEach(link -> links.addObject().put("href", link.getValue()).put("text", link.getKey()));
    return body;
  }

  private static void custom(ObjectNode custom, Alert alert, int details) {
    custom.put("incidentId", alert.incidentId());
    custom.put("dedupKey", alert.dedupKey());
    custom.put("threshold", alert.rule().threshold());
    ObjectNode scope = custom.putObject("scope");
    alert.scope().entrySet().stream()
        .limit(Math.max(1, details))
        .forEach(
            entry ->
                scope.put(
                    Bodies.cut(entry.getKey(), MAX_TEXT), Bodies.cut(entry.getValue(), MAX_TEXT)));
    Alert.Window window = alert.window();
    if (window != null) {
      custom.put("window", window.start() + " to " + window.end() + ", " + window.timezone());
    }
    alert.amounts().forEach(custom::put);
    ArrayNode causes = custom.putArray("causes");
    alert.causes().stream()
        .limit(details)
        .map(
            cause ->
                Bodies.cut(cause.dimension(), MAX_TEXT)
                    + " "
                    + Bodies.cut(cause.value(), MAX_TEXT)
                    + ": "
                    + cause.deltaUsd()
                    + " USD, share "
                    + cause.share())
        .forEach(causes::add);
    ObjectNode drivers = custom.putObject("drivers");
    alert.drivers().forEach(drivers::put);
  }
}
