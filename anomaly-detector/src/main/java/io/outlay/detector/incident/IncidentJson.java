package io.outlay.detector.incident;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.detector.rule.Comparison;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentCause;
import io.outlay.schema.IncidentChild;
import io.outlay.schema.IncidentDrivers;
import io.outlay.schema.IncidentSeverity;
import io.outlay.schema.IncidentStatus;
import io.outlay.schema.Notification;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
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
  static final String ESCALATED = "io.outlay.incident.escalated";
  static final String ACKNOWLEDGED = "io.outlay.incident.acknowledged";
  static final String RESOLVED = "io.outlay.incident.resolved";

  private static final int MAX_CHILDREN_TOLD = 10;
  private static final int MAX_CAUSES_TOLD = 30;
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

  /**
   * What a receiver was told.
   *
   * @param type of the CloudEvent
   */
  record Told(String type, IncidentSeverity severity) {}

  /** Body of a webhook about the present state of an incident. */
  String webhook(String type, Incident incident, Duration dataLag) {
    ObjectNode event = json.createObjectNode();
    event.put("specversion", "1.0");
    event.put("id", incident.getIncidentId() + "-" + incident.getStates());
    event.put("source", SOURCE);
    event.put("type", type);
    event.put("subject", incident.getIncidentId());
    event.put("time", time(incident.getUpdatedAtMicros()));
    event.put("datacontenttype", "application/json");
    ObjectNode data = event.putObject("data");
    describe(data, incident, MAX_CHILDREN_TOLD, MAX_CAUSES_TOLD);
    data.put("dataLagSeconds", Math.max(0, dataLag.toSeconds()));
    return write(event);
  }

  /** What a body said. */
  Told told(String webhook) {
    try {
      JsonNode event = json.readTree(webhook);
      return new Told(
          event.path("type").asText(),
          IncidentSeverity.valueOf(event.at("/data/severity").asText().toUpperCase(Locale.ROOT)));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IllegalStateException("a body of our own can be read", e);
    }
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
    describe(node, incident, Steps.MAX_CHILDREN, Steps.MAX_CAUSES);
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

  private void describe(ObjectNode data, Incident incident, int maxChildren, int maxCauses) {
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
    figures(data, incident);
    data.put("startedAt", time(incident.getStartedAtMicros()));
    data.put("detectedAt", time(incident.getDetectedAtMicros()));
    life(data, incident);
    ArrayNode notes = data.putArray("notes");
    incident.getNotes().forEach(notes::add);
    explain(data, incident, maxCauses);
    ArrayNode children = data.putArray("children");
    for (IncidentChild child :
        incident.getChildren().subList(0, Math.min(incident.getChildren().size(), maxChildren))) {
      ObjectNode node = children.addObject();
      ObjectNode of = node.putObject("scope");
      child.getScope().forEach(of::put);
      node.put("impactUsd", usd(child.getImpactUsd()));
    }
    String self = base + "/v1/incidents/" + incident.getIncidentId();
    data.putObject("links").put("self", self).put("acknowledge", self + "/ack");
    data.put("query", FactsQuery.of(incident));
  }

  private static void figures(ObjectNode data, Incident incident) {
    BigDecimal actual = incident.getActualUsd();
    BigDecimal expected = incident.getExpectedUsd();
    data.put("metric", incident.getMetric());
    data.put("unit", incident.getUnit());
    data.put("actualUsd", usd(actual));
    data.put("expectedUsd", usd(expected));
    Optional<BigDecimal> ratio;
    if (incident.getActual().isEmpty()) {
      ratio = Comparison.ratio(actual, expected);
    } else {
      data.put("actual", incident.getActual());
      data.put("expected", incident.getExpected());
      data.put("summary", summary(incident));
      ratio =
          Comparison.ratio(
              new BigDecimal(incident.getActual()), new BigDecimal(incident.getExpected()));
    }
    ratio.ifPresentOrElse(value -> data.put("ratio", number(value)), () -> data.putNull("ratio"));
    BigDecimal impact = incident.getImpactUsd();
    data.put("impactUsd", usd(impact == null ? actual.subtract(expected) : impact));
    BigDecimal projected = incident.getProjectedUsd();
    data.put("projectedUsd", usd(projected == null ? actual : projected));
    BigDecimal confidence = incident.getConfidence();
    if (confidence == null) {
      data.putNull("confidence");
    } else {
      data.put("confidence", number(confidence));
    }
  }

  /** A sentence about what is not told by its spend. */
  private static String summary(Incident incident) {
    String unit = incident.getUnit().equals("1") ? "" : " " + incident.getUnit();
    StringBuilder words = new StringBuilder();
    if (incident.getStatus() == IncidentStatus.RESOLVED) {
      words.append("Resolved: ");
    }
    words.append(incident.getRule()).append(" of ");
    words.append(
        incident.getScope().isEmpty()
            ? "everything"
            : incident.getScope().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .sorted()
                .collect(Collectors.joining(", ")));
    words.append(": ").append(incident.getMetric().replace('_', ' ')).append(' ');
    words.append(incident.getActual()).append(unit).append(" against ");
    words.append(incident.getExpected()).append(unit);
    incident.getNotes().forEach(note -> words.append("; ").append(note));
    return words.append('.').toString();
  }

  private static void life(ObjectNode data, Incident incident) {
    putTime(data, "resolvedAt", incident.getResolvedAtMicros());
    if (!incident.getResolution().isEmpty()) {
      data.put("resolution", incident.getResolution());
      putText(data, "resolvedBy", incident.getResolvedBy());
    }
    data.put("reopened", incident.getReopened());
    if (incident.getAcknowledgedAtMicros() != null) {
      data.put("acknowledgedBy", incident.getAcknowledgedBy());
      putTime(data, "acknowledgedAt", incident.getAcknowledgedAtMicros());
    }
    if (incident.getSilencedUntilMicros() != null) {
      putTime(data, "silencedUntil", incident.getSilencedUntilMicros());
      data.put("silencedBy", incident.getSilencedBy());
      data.put("silenceReason", incident.getSilenceReason());
    }
  }

  private static void explain(ObjectNode data, Incident incident, int maxCauses) {
    ArrayNode causes = data.putArray("causes");
    for (IncidentCause cause : incident.getCauses()) {
      if (causes.size() == maxCauses) {
        break;
      }
      ObjectNode node = causes.addObject();
      node.put("dimension", cause.getDimension());
      node.put("value", cause.getValue());
      node.put("deltaUsd", usd(cause.getDeltaUsd()));
      node.put("share", number(cause.getShare()));
    }
    IncidentDrivers drivers = incident.getDrivers();
    if (drivers == null) {
      data.putNull("drivers");
      return;
    }
    ObjectNode node = data.putObject("drivers");
    node.put("volumeUsd", usd(drivers.getVolumeUsd()));
    node.put("unitPriceUsd", usd(drivers.getUnitPriceUsd()));
    node.put("mixUsd", usd(drivers.getMixUsd()));
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

  private static void putText(ObjectNode node, String field, String text) {
    if (!text.isEmpty()) {
      node.put(field, text);
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
