package io.outlay.detector.incident;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import io.outlay.schema.Incident;
import io.outlay.schema.Notification;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Incidents as JSON: in webhooks as CloudEvents, and over HTTP. Amounts are decimal strings with at
 * least two places; ratios and shares are numbers. Bodies stay below 20 kB.
 */
public final class IncidentJson {
  /** Media type of webhooks. */
  public static final String CONTENT_TYPE = "application/cloudevents+json";

  /** CloudEvents source of webhooks. */
  public static final String SOURCE = "/outlay/anomaly-detector";

  static final String OPENED = "io.outlay.incident.opened";
  static final String RESOLVED = "io.outlay.incident.resolved";

  private static final int MAX_CHILDREN = 10;
  private static final int MIN_PLACES = 2;

  private final JsonMapper json =
      JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();
  private final String base;

  /**
   * @param base address that links begin with
   */
  public IncidentJson(URI base) {
    this.base = base.toString().replaceAll("/+$", "");
  }

  /** What is said with an opening or a resolution, beside what the incident keeps. */
  record Details(
      @Nullable Comparison comparison,
      @Nullable Explanation explanation,
      List<Candidate> children,
      Duration dataLag,
      @Nullable String resolution) {}

  /** Body of a webhook about the present state of an incident. */
  String webhook(String type, Incident incident, Details details) {
    ObjectNode event = json.createObjectNode();
    event.put("specversion", "1.0");
    event.put("id", incident.getIncidentId() + "-" + incident.getStates());
    event.put("source", SOURCE);
    event.put("type", type);
    event.put("subject", incident.getIncidentId());
    event.put("time", time(incident.getUpdatedAtMicros()));
    event.put("datacontenttype", "application/json");
    ObjectNode data = event.putObject("data");
    describe(data, incident);
    Comparison comparison = details.comparison();
    data.put(
        "projectedUsd", usd(comparison == null ? projected(incident) : comparison.projectedUsd()));
    if (comparison == null) {
      data.putNull("confidence");
    } else {
      data.put("confidence", number(comparison.confidence()));
    }
    data.put("dataLagSeconds", Math.max(0, details.dataLag().toSeconds()));
    if (details.resolution() != null) {
      data.put("resolution", details.resolution());
    }
    explain(data, details.explanation());
    children(data.putArray("children"), details.children());
    return write(event);
  }

  private static BigDecimal projected(Incident incident) {
    BigDecimal known = incident.getProjectedUsd();
    return known == null ? incident.getActualUsd() : known;
  }

  /** An incident and its notifications, without their bodies. */
  public String show(Incident incident) {
    return write(tree(incident));
  }

  /** A list of incidents. */
  public String show(List<Incident> incidents) {
    ObjectNode whole = json.createObjectNode();
    ArrayNode list = whole.putArray("incidents");
    incidents.forEach(incident -> list.add(tree(incident)));
    return write(whole);
  }

  private ObjectNode tree(Incident incident) {
    ObjectNode node = json.createObjectNode();
    describe(node, incident);
    node.put("updatedAt", time(incident.getUpdatedAtMicros()));
    node.put("states", incident.getStates());
    ArrayNode notifications = node.putArray("notifications");
    for (Notification notification : incident.getNotifications()) {
      ObjectNode entry = notifications.addObject();
      entry.put("receiver", notification.getReceiver());
      entry.put("webhookId", notification.getMessageId());
      entry.put("state", notification.getState());
      entry.put("attempts", notification.getAttempts());
      putTime(entry, "deliveredAt", notification.getDeliveredAtMicros());
      putTime(entry, "failedAt", notification.getFailedAtMicros());
      entry.put("lastError", notification.getLastError());
    }
    return node;
  }

  private void describe(ObjectNode data, Incident incident) {
    data.put("incidentId", incident.getIncidentId());
    data.put("dedupKey", incident.getDedupKey());
    data.put("status", lower(incident.getStatus()));
    data.put("severity", lower(incident.getSeverity()));
    ObjectNode rule = data.putObject("rule");
    rule.put("name", incident.getRule());
    rule.put("type", incident.getRuleType());
    rule.put("threshold", number(new BigDecimal(incident.getThreshold())));
    ObjectNode scope = data.putObject("scope");
    incident.getScope().forEach(scope::put);
    ObjectNode window = data.putObject("window");
    window.put("start", time(incident.getWindowStartMicros()));
    window.put("end", time(incident.getWindowEndMicros()));
    window.put("timezone", incident.getTimezone());
    BigDecimal actual = incident.getActualUsd();
    BigDecimal expected = incident.getExpectedUsd();
    data.put("actualUsd", usd(actual));
    data.put("expectedUsd", usd(expected));
    Comparison.ratio(actual, expected)
        .ifPresentOrElse(ratio -> data.put("ratio", number(ratio)), () -> data.putNull("ratio"));
    data.put("impactUsd", usd(actual.subtract(expected)));
    data.put("startedAt", time(incident.getStartedAtMicros()));
    data.put("detectedAt", time(incident.getDetectedAtMicros()));
    putTime(data, "resolvedAt", incident.getResolvedAtMicros());
    data.putObject("links").put("self", base + "/v1/incidents/" + incident.getIncidentId());
  }

  private static void explain(ObjectNode data, @Nullable Explanation explanation) {
    ArrayNode causes = data.putArray("causes");
    Explanation.Drivers drivers = Explanation.Drivers.NONE;
    if (explanation != null) {
      for (Explanation.Cause cause : explanation.causes()) {
        ObjectNode node = causes.addObject();
        node.put("dimension", cause.dimension().key());
        node.put("value", cause.value());
        node.put("deltaUsd", usd(cause.deltaUsd()));
        node.put("share", number(cause.share()));
      }
      drivers = explanation.drivers();
    }
    ObjectNode node = data.putObject("drivers");
    node.put("volumeUsd", usd(drivers.volumeUsd()));
    node.put("unitPriceUsd", usd(drivers.unitPriceUsd()));
    node.put("mixUsd", usd(drivers.mixUsd()));
  }

  private static void children(ArrayNode array, List<Candidate> children) {
    for (Candidate child : children.subList(0, Math.min(children.size(), MAX_CHILDREN))) {
      ObjectNode node = array.addObject();
      ObjectNode scope = node.putObject("scope");
      child.scope().toMap().forEach(scope::put);
      node.put("impactUsd", usd(child.impactUsd()));
    }
  }

  /** Without needless zeros, but with cents. */
  static String usd(BigDecimal amount) {
    BigDecimal stripped = amount.stripTrailingZeros();
    return (stripped.scale() < MIN_PLACES ? stripped.setScale(MIN_PLACES) : stripped)
        .toPlainString();
  }

  private static BigDecimal number(BigDecimal value) {
    return value.stripTrailingZeros();
  }

  private static void putTime(ObjectNode node, String field, @Nullable Long micros) {
    if (micros == null) {
      node.putNull(field);
    } else {
      node.put(field, time(micros));
    }
  }

  private static String time(long micros) {
    Instant instant = Micros.toInstant(micros);
    return instant.toString();
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private String write(ObjectNode node) {
    try {
      return json.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of nodes can always be written", e);
    }
  }
}
