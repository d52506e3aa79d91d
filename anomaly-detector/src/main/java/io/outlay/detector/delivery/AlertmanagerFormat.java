package io.outlay.detector.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Prometheus' Alertmanager posts to its webhook receivers, version 4: one group of one alert,
 * for whatever takes such webhooks already. It fires until it is resolved; that it is acknowledged
 * or silenced stands in an annotation.
 */
public final class AlertmanagerFormat implements Format {
  private static final String NO_END = "0001-01-01T00:00:00Z";
  private static final int MAX_VALUE = 128;
  private static final int FINGERPRINT_BYTES = 8;
  private static final int MIN_SCOPE = 3;

  private final String receiver;
  private final @Nullable WebhookSigner signer;

  /**
   * @param receiver its name
   * @param signer null if requests are not to be signed
   */
  public AlertmanagerFormat(String receiver, @Nullable WebhookSigner signer) {
    this.receiver = receiver;
    this.signer = signer;
  }

  @Override
  public Request request(Message message, Instant now) {
    Alert alert = Alert.parse(message.body());
    String body = Bodies.fitting(details -> body(alert, details));
    return new Request(
        Bodies.JSON,
        body,
        signer == null
            ? Map.of("webhook-id", message.id())
            : signer.headers(message.id(), now, body));
  }

  private ObjectNode body(Alert alert, int details) {
    boolean resolved = alert.event() == Alert.Event.RESOLVED;
    String status = resolved ? "resolved" : "firing";
    Map<String, String> labels = labels(alert, details);
    Map<String, String> annotations = annotations(alert, details);
    String self = alert.self().orElse("");
    ObjectNode body = Bodies.object();
    body.put("version", "4");
    body.put(
        "groupKey",
        "{}:{alertname=%s, incident=%s}"
            .formatted(quoted(labels.get("alertname")), quoted(alert.incidentId())));
    body.put("truncatedAlerts", 0);
    body.put("status", status);
    body.put("receiver", receiver);
    body.putObject("groupLabels")
        .put("alertname", labels.get("alertname"))
        .put("incident", alert.incidentId());
    labels.forEach(body.putObject("commonLabels")::put);
    annotations.forEach(body.putObject("commonAnnotations")::put);
    body.put("externalURL", root(self));
    ObjectNode entry = body.putArray("alerts").addObject();
    entry.put("status", status);
    labels.forEach(entry.putObject("labels")::put);
    annotations.forEach(entry.putObject("annotations")::put);
    entry.put("startsAt", alert.startedAt().toString());
    Instant end = alert.resolvedAt() == null ? alert.time() : alert.resolvedAt();
    entry.put("endsAt", resolved ? end.toString() : NO_END);
    entry.put("generatorURL", self);
    entry.put("fingerprint", fingerprint(alert.incidentId()));
    return body;
  }

  /** Names as Prometheus takes them; what stands for something else there gets a prefix. */
  private static Map<String, String> labels(Alert alert, int details) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("alertname", Bodies.cut(alert.rule().name(), MAX_VALUE));
    labels.put("severity", alert.severity().name().toLowerCase(Locale.ROOT));
    labels.put("incident", alert.incidentId());
    labels.put("rule_type", alert.rule().type());
    if (alert.test()) {
      labels.put("test", "true");
    }
    alert.scope().entrySet().stream()
        .limit(Math.max(MIN_SCOPE, details))
        .forEach(
            entry -> {
              String name = Bodies.cut(entry.getKey(), 64).replaceAll("[^A-Za-z0-9_]", "_");
              boolean taken = labels.containsKey(name) || !name.matches("[A-Za-z].*");
              labels.put(taken ? "scope_" + name : name, Bodies.cut(entry.getValue(), MAX_VALUE));
            });
    return labels;
  }

  private static Map<String, String> annotations(Alert alert, int details) {
    Map<String, String> annotations = new LinkedHashMap<>();
    annotations.put("summary", Bodies.cut(alert.title(), 2 * MAX_VALUE));
    annotations.put("description", Bodies.cut(alert.summary(), 4 * MAX_VALUE));
    annotations.put("event", alert.event().name().toLowerCase(Locale.ROOT));
    annotations.put("threshold", alert.rule().threshold());
    annotations.putAll(alert.amounts());
    annotations.putAll(alert.drivers());
    StringBuilder causes = new StringBuilder();
    alert.causes().stream()
        .limit(details)
        .forEach(
            cause ->
                causes
                    .append(causes.isEmpty() ? "" : "; ")
                    .append(Bodies.cut(cause.dimension(), MAX_VALUE))
                    .append(' ')
                    .append(Bodies.cut(cause.value(), MAX_VALUE))
                    .append(": ")
                    .append(cause.deltaUsd())
                    .append(" USD"));
    if (!causes.isEmpty()) {
      annotations.put("causes", causes.toString());
    }
    return annotations;
  }

  private static String root(String self) {
    if (self.isEmpty()) {
      return "";
    }
    URI address = URI.create(self);
    return address.getScheme() + "://" + address.getRawAuthority();
  }

  private static String quoted(@Nullable String text) {
    String plain = text == null ? "" : text;
    return '"' + plain.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }

  /** The same for all states of an incident: 16 hexadecimal digits. */
  private static String fingerprint(String incidentId) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(incidentId.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, FINGERPRINT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
