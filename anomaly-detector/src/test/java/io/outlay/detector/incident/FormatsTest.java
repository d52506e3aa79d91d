package io.outlay.detector.incident;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.outlay.detector.delivery.Alert;
import io.outlay.detector.delivery.AlertmanagerFormat;
import io.outlay.detector.delivery.Format;
import io.outlay.detector.delivery.Message;
import io.outlay.detector.delivery.PagerDutyFormat;
import io.outlay.detector.delivery.SlackFormat;
import io.outlay.detector.delivery.TestAlert;
import io.outlay.detector.delivery.WebhookFormat;
import io.outlay.detector.delivery.WebhookSigner;
import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import io.outlay.detector.rule.Metric;
import io.outlay.detector.rule.Severity;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.rule.Verdict;
import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.Window;
import io.outlay.schema.Incident;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What each type of receiver gets of an incident as the detector makes it, held against the
 * published descriptions in {@code src/test/resources/schemas}, which say where they come from.
 */
class FormatsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String KEY = "0123456789abcdef0123456789abcdef";
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:01Z");
  private static final Cell RERANK = new Cell("search", "gpt-4o", "rerank <b> & co");

  private static final Format PAGERDUTY = new PagerDutyFormat(KEY);
  private static final Format SLACK = new SlackFormat();
  private static final Format ALERTMANAGER = new AlertmanagerFormat("oncall", null);

  private Message opened;
  private Message resolved;

  @BeforeEach
  void openAndResolve() {
    Scenario scenario = Scenario.at("2026-11-21T12:00:00Z").week(RERANK, "100");
    scenario.today(RERANK, "300").evaluate();
    scenario.today(RERANK, "100").evaluate();
    assertThat(scenario.types()).hasSize(2);
    opened = scenario.sent.get(0);
    resolved = scenario.sent.get(1);
  }

  private static JsonNode body(Format format, Message message) {
    Format.Request request = format.request(message, NOW);
    assertThat(request.body().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(20_000);
    assertThat(request.contentType()).isEqualTo("application/json");
    // From the same message the same body.
    assertThat(format.request(message, NOW.plusSeconds(9)).body()).isEqualTo(request.body());
    try {
      return JSON.readTree(request.body());
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void valid(String schema, JsonNode body) {
    try (InputStream in = FormatsTest.class.getResourceAsStream("/schemas/" + schema + ".json")) {
      assertThat(
              JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                  .getSchema(in)
                  .validate(body))
          .as(body.toPrettyString())
          .isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Message with(Message message, String body) {
    return new Message(
        message.group(),
        message.id(),
        message.receiver(),
        message.contentType(),
        body,
        message.owedSince());
  }

  private static ObjectNode tree(Message message) {
    try {
      return (ObjectNode) JSON.readTree(message.body());
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Message ofType(Message message, String event) {
    return with(message, tree(message).put("type", "io.outlay.incident." + event).toString());
  }

  @Test
  void givenABodyWhenReadBackThenAllOfItIsThere() {
    Alert alert = Alert.parse(opened.body());
    JsonNode data = tree(opened).get("data");

    assertThat(alert.incidentId()).isEqualTo(data.get("incidentId").asText());
    assertThat(alert.dedupKey()).isEqualTo(data.get("dedupKey").asText());
    assertThat(alert.state()).isEqualTo(1);
    assertThat(alert.event()).isEqualTo(Alert.Event.OPENED);
    assertThat(alert.status()).isEqualTo("open");
    assertThat(alert.severity()).isEqualTo(Alert.Severity.CRITICAL);
    assertThat(alert.rule()).isEqualTo(new Alert.Rule("daily-spend", "spend-ratio", "1.2"));
    assertThat(alert.scope()).hasSize(1);
    assertThat(alert.window())
        .isEqualTo(new Alert.Window("2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z", "Z"));
    assertThat(alert.amounts())
        .containsOnlyKeys("actualUsd", "expectedUsd", "ratio", "impactUsd", "projectedUsd")
        .containsEntry("actualUsd", data.get("actualUsd").asText());
    assertThat(alert.causes()).hasSize(data.get("causes").size()).isNotEmpty();
    assertThat(alert.drivers()).containsOnlyKeys("volumeUsd", "unitPriceUsd", "mixUsd");
    assertThat(alert.links()).containsOnlyKeys("self", "acknowledge");
    assertThat(alert.resolvedAt()).isNull();
    assertThat(alert.summary()).contains("daily-spend").contains("USD where");
    assertThat(Alert.parse(resolved.body()).resolvedAt()).isNotNull();
    assertThat(Alert.parse(resolved.body()).state()).isEqualTo(2);
  }

  @Test
  void givenWhatIsNoWebhookWhenReadThenRefused() {
    for (String wrong :
        List.of(
            "",
            "{",
            "[]",
            "{}",
            tree(opened).put("type", "io.outlay.incident.evaporated").toString(),
            tree(opened).put("time", "yesterday").toString())) {
      assertThatThrownBy(() -> Alert.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void givenEveryEventWhenToldToPagerDutyThenItsActionUnderTheIdOfTheIncident() {
    Map<String, String> actions =
        Map.of(
            "opened", "trigger",
            "escalated", "trigger",
            "acknowledged", "acknowledge",
            "silenced", "acknowledge",
            "resolved", "resolve");
    actions.forEach(
        (event, action) -> {
          JsonNode body = body(PAGERDUTY, ofType(opened, event));
          valid("pagerduty-events-v2", body);
          assertThat(body.get("event_action").asText()).isEqualTo(action);
          assertThat(body.get("dedup_key").asText())
              .isEqualTo(tree(opened).at("/data/incidentId").asText());
          assertThat(body.get("routing_key").asText()).isEqualTo(KEY);
        });
    JsonNode payload = body(PAGERDUTY, opened).get("payload");
    assertThat(payload.get("severity").asText()).isEqualTo("critical");
    assertThat(payload.get("summary").asText()).contains("daily-spend");
    assertThat(payload.at("/custom_details/actualUsd").asText())
        .isEqualTo(tree(opened).at("/data/actualUsd").asText());
  }

  @Test
  void givenEveryEventWhenToldToSlackThenValidBlocksWithoutMarkupOfOthers() {
    for (String event : List.of("opened", "escalated", "acknowledged", "silenced", "resolved")) {
      valid("slack-message", body(SLACK, ofType(opened, event)));
    }
    JsonNode body = body(SLACK, opened);
    String all = body.toString();
    assertThat(all).contains("rerank &lt;b&gt; &amp; co").doesNotContain("<b>");
    assertThat(body.get("text").asText()).startsWith("Critical: daily-spend");
    assertThat(body(SLACK, resolved).get("text").asText()).startsWith("Resolved: ");
    // The only markup is the link to the incident.
    assertThat(all.replaceAll("<http[^<>|]*\\|inc_[0-9a-f]*>", "")).doesNotContain("<", ">");
  }

  @Test
  void givenEveryEventWhenToldAsAlertmanagerThenFiringUntilResolved() {
    List<String> fingerprints = new ArrayList<>();
    for (String event : List.of("opened", "escalated", "acknowledged", "silenced", "resolved")) {
      Message message = event.equals("resolved") ? resolved : ofType(opened, event);
      JsonNode body = body(ALERTMANAGER, message);
      valid("alertmanager-webhook-v4", body);
      boolean over = event.equals("resolved");
      assertThat(body.get("status").asText()).isEqualTo(over ? "resolved" : "firing");
      JsonNode alert = body.at("/alerts/0");
      assertThat(alert.get("status")).isEqualTo(body.get("status"));
      assertThat(alert.get("endsAt").asText())
          .isEqualTo(
              over ? tree(resolved).at("/data/resolvedAt").asText() : "0001-01-01T00:00:00Z");
      assertThat(alert.at("/annotations/event").asText()).isEqualTo(event);
      assertThat(alert.at("/labels/alertname").asText()).isEqualTo("daily-spend");
      assertThat(alert.get("labels")).isEqualTo(body.get("commonLabels"));
      assertThat(body.get("externalURL").asText()).isEqualTo("http://127.0.0.1:8082");
      fingerprints.add(alert.get("fingerprint").asText() + body.get("groupKey").asText());
    }
    assertThat(fingerprints).containsOnly(fingerprints.get(0));
  }

  @Test
  void givenSecretWhenToldAsAlertmanagerThenSignedLikeAWebhook() {
    WebhookSigner signer = new WebhookSigner(SECRET);
    Format.Request request = new AlertmanagerFormat("am", signer).request(opened, NOW);

    assertThat(request.headers())
        .containsEntry("webhook-id", opened.id())
        .containsEntry(
            "webhook-signature", signer.sign(opened.id(), NOW.getEpochSecond(), request.body()));
    assertThat(ALERTMANAGER.request(opened, NOW).headers()).containsOnlyKeys("webhook-id");
  }

  @Test
  void givenWebhookWhenToldThenTheBodyAsItIs() {
    Format.Request request =
        new WebhookFormat(new WebhookSigner(List.of(SECRET, SECRET))).request(opened, NOW);

    assertThat(request.body()).isEqualTo(opened.body());
    assertThat(request.headers().get("webhook-signature").split(" ")).hasSize(2);
  }

  @Test
  void givenTheLargestAlertWhenToldThenCutToBoundsAndStillValid() {
    ObjectNode event = tree(opened);
    ObjectNode data = (ObjectNode) event.get("data");
    String nasty = "<&>\"\\\u0001漢😀|".repeat(100);
    data.put("summary", nasty);
    ((ObjectNode) data.get("rule")).put("name", nasty);
    ObjectNode scope = data.putObject("scope");
    ArrayNode causes = data.putArray("causes");
    ArrayNode children = data.putArray("children");
    ObjectNode links = (ObjectNode) data.get("links");
    for (int i = 0; i < 200; i++) {
      scope.put(nasty + i, nasty);
      causes
          .addObject()
          .put("dimension", nasty)
          .put("value", nasty)
          .put("deltaUsd", "1.00")
          .put("share", 0.1);
      children.addObject().put("impactUsd", "1.00").putObject("scope").put("team", nasty);
      links.put("link" + i, "https://h.example/" + "x".repeat(300));
    }
    Message large = with(opened, event.toString());

    valid("pagerduty-events-v2", body(PAGERDUTY, large));
    valid("slack-message", body(SLACK, large));
    valid("alertmanager-webhook-v4", body(ALERTMANAGER, large));
    // What there is room for is told.
    assertThat(body(PAGERDUTY, large).at("/payload/custom_details/causes")).isNotEmpty();
  }

  @Test
  void givenScopeNamedLikeALabelOfItsOwnWhenToldAsAlertmanagerThenBothStay() {
    ObjectNode event = tree(opened);
    ((ObjectNode) event.get("data"))
        .putObject("scope")
        .put("severity", "s")
        .put("tag.cost-center", "c")
        .put("1st", "f");
    JsonNode body = body(ALERTMANAGER, with(opened, event.toString()));

    valid("alertmanager-webhook-v4", body);
    assertThat(body.at("/commonLabels/severity").asText()).isEqualTo("critical");
    assertThat(body.at("/commonLabels/scope_severity").asText()).isEqualTo("s");
    assertThat(body.at("/commonLabels/tag_cost_center").asText()).isEqualTo("c");
    assertThat(body.at("/commonLabels/scope_1st").asText()).isEqualTo("f");
  }

  @Test
  void givenAllUsageIsStaleWhenToldThenEachFormatSaysSoWithoutAScope() {
    Instant start = NOW.minus(Duration.ofHours(1));
    Comparison comparison =
        new Comparison(
            Scope.WHOLE,
            new Window(ZoneOffset.UTC, start, NOW),
            NOW,
            Metric.STALENESS,
            BigDecimal.valueOf(3_660),
            BigDecimal.valueOf(3_600),
            BigDecimal.ZERO,
            BigDecimal.ZERO,
            BigDecimal.ZERO,
            BigDecimal.ONE);
    Incident incident =
        new Steps(new IncidentJson(URI.create("http://127.0.0.1:8082")), Set.of("oncall"))
            .opened(
                "inc_1",
                new Terms(
                    "stale",
                    "data-stale",
                    BigDecimal.ONE,
                    List.of(Cut.WHOLE),
                    BigDecimal.ZERO,
                    List.of("oncall")),
                new Steps.Findings(
                    new Verdict.Exceeded(
                        comparison, true, Severity.CRITICAL, List.of("no event since 11:00")),
                    new Explanation(List.of(), List.of(), Explanation.Drivers.NONE),
                    List.of(),
                    List.of()),
                null,
                null,
                new Steps.At(NOW, Duration.ofMinutes(61)));
    Message stale = with(opened, incident.getNotifications().get(0).getBody());

    JsonNode webhook = tree(stale).get("data");
    assertThat(webhook.get("scope")).isEmpty();
    assertThat(webhook.get("severity").asText()).isEqualTo("critical");
    assertThat(webhook.get("summary").asText()).contains("everything").doesNotContain("{}");

    JsonNode slack = body(SLACK, stale);
    valid("slack-message", slack);
    assertThat(slack.toString()).contains("everything").doesNotContain("{}");

    JsonNode pagerduty = body(PAGERDUTY, stale);
    valid("pagerduty-events-v2", pagerduty);
    assertThat(pagerduty.at("/payload/summary").asText()).contains("everything");
    assertThat(pagerduty.at("/payload/source").asText()).isNotEmpty();

    JsonNode alertmanager = body(ALERTMANAGER, stale);
    valid("alertmanager-webhook-v4", alertmanager);
    assertThat(alertmanager.at("/alerts/0/labels/alertname").asText()).isEqualTo("stale");
    assertThat(alertmanager.at("/alerts/0/annotations/summary").asText()).contains("everything");
  }

  @Test
  void givenTestAlertWhenToldThenMarkedInEveryFormatAndShapedLikeARealOne() {
    Message test = TestAlert.message("oncall", URI.create("http://127.0.0.1:8082/"), NOW);

    JsonNode webhook = tree(test).get("data");
    assertThat(webhook.get("test").asBoolean()).isTrue();
    TreeSet<String> fields = new TreeSet<>();
    webhook.fieldNames().forEachRemaining(fields::add);
    TreeSet<String> real = new TreeSet<>();
    tree(opened).get("data").fieldNames().forEachRemaining(real::add);
    assertThat(fields).containsAll(real);
    JsonNode pagerduty = body(PAGERDUTY, test);
    valid("pagerduty-events-v2", pagerduty);
    assertThat(pagerduty.at("/payload/summary").asText()).startsWith("[TEST] ");
    assertThat(pagerduty.at("/payload/severity").asText()).isEqualTo("info");
    JsonNode slack = body(SLACK, test);
    valid("slack-message", slack);
    assertThat(slack.get("text").asText()).startsWith("[TEST] ");
    JsonNode alertmanager = body(ALERTMANAGER, test);
    valid("alertmanager-webhook-v4", alertmanager);
    assertThat(alertmanager.at("/commonLabels/test").asText()).isEqualTo("true");
    assertThat(TestAlert.message("oncall", URI.create("http://h"), NOW).id())
        .isNotEqualTo(test.id());
  }
}
