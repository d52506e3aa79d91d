package io.outlay.detector.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A state of an incident, as receivers are told of it: what a webhook's body says, read back. Every
 * other format is made from it, so that the body is all that has to be kept and any receiver can
 * stand in for any other.
 *
 * @param state number of the state within the incident, from 1; 0 if the body does not say
 * @param status such as {@code open}; informative beside {@code event}
 * @param test whether it was fired to try a receiver out
 * @param amounts decimal strings by their names in the body, such as {@code actualUsd}; those that
 *     are known, in the body's order
 * @param confidence 0 to 1, if known
 * @param causes biggest first within their dimension
 * @param drivers parts of the difference, decimal strings by name, such as {@code volumeUsd}
 * @param links addresses by name; {@code self} is the incident
 * @param time when the state was entered
 * @param summary one sentence
 */
public record Alert(
    String incidentId,
    String dedupKey,
    int state,
    Event event,
    String status,
    Severity severity,
    boolean test,
    Rule rule,
    Map<String, String> scope,
    @Nullable Window window,
    Map<String, String> amounts,
    @Nullable String confidence,
    List<Cause> causes,
    Map<String, String> drivers,
    List<Child> children,
    Map<String, String> links,
    Instant startedAt,
    @Nullable Instant resolvedAt,
    Instant time,
    String summary) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
  private static final Pattern CONTROL = Pattern.compile("\\p{Cc}+");
  private static final String TYPE_PREFIX = "io.outlay.incident.";
  private static final List<String> AMOUNTS =
      List.of("actualUsd", "expectedUsd", "ratio", "impactUsd", "projectedUsd");

  /** What happened to the incident. */
  public enum Event {
    OPENED,
    ESCALATED,
    ACKNOWLEDGED,
    SILENCED,
    RESOLVED
  }

  /** How urgent it is. */
  public enum Severity {
    INFO,
    WARNING,
    CRITICAL
  }

  /** The rule that judged; the threshold is a decimal number. */
  public record Rule(String name, String type, String threshold) {}

  /** What was judged: start inclusive, end exclusive, RFC 3339. */
  public record Window(String start, String end, String timezone) {}

  /** Who contributed; the share is a decimal number. */
  public record Cause(String dimension, String value, String deltaUsd, String share) {}

  /** A scope that rose by the same money. */
  public record Child(Map<String, String> scope, String impactUsd) {}

  /**
   * Reads the body of a webhook.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Alert parse(String body) {
    try {
      JsonNode event = JSON.readTree(body);
      return of(event, event.path("data"));
    } catch (JsonProcessingException | DateTimeException e) {
      throw new IllegalArgumentException("no body of a webhook: " + e.getMessage(), e);
    }
  }

  private static Alert of(JsonNode event, JsonNode data) {
    String incidentId = required(data, "incidentId");
    Event what = event(required(event, "type"));
    Rule rule =
        new Rule(
            text(data.at("/rule/name")),
            text(data.at("/rule/type")),
            text(data.at("/rule/threshold")));
    Map<String, String> scope = texts(data.path("scope"));
    Map<String, String> amounts = new LinkedHashMap<>();
    AMOUNTS.forEach(name -> known(data.path(name)).ifPresent(value -> amounts.put(name, value)));
    JsonNode window = data.path("window");
    List<Cause> causes = new ArrayList<>();
    data.path("causes")
        .forEach(
            cause ->
                causes.add(
                    new Cause(
                        text(cause.path("dimension")),
                        text(cause.path("value")),
                        text(cause.path("deltaUsd")),
                        text(cause.path("share")))));
    List<Child> children = new ArrayList<>();
    data.path("children")
        .forEach(
            child ->
                children.add(new Child(texts(child.path("scope")), text(child.path("impactUsd")))));
    Instant time = Instant.parse(required(event, "time"));
    return new Alert(
        incidentId,
        text(data.path("dedupKey")),
        state(text(event.path("id")), incidentId),
        what,
        text(data.path("status")),
        severity(text(data.path("severity"))),
        data.path("test").asBoolean(),
        rule,
        scope,
        window.isObject()
            ? new Window(
                text(window.path("start")), text(window.path("end")), text(window.path("timezone")))
            : null,
        amounts,
        known(data.path("confidence")).orElse(null),
        List.copyOf(causes),
        texts(data.path("drivers")),
        List.copyOf(children),
        texts(data.path("links")),
        known(data.path("startedAt")).map(Instant::parse).orElse(time),
        known(data.path("resolvedAt")).map(Instant::parse).orElse(null),
        time,
        known(data.path("summary")).orElseGet(() -> summary(what, rule, scope, amounts)));
  }

  /** A title of few words. */
  public String title() {
    String words =
        switch (event) {
          case OPENED -> severity == Severity.CRITICAL ? "Critical" : "Alert";
          case ESCALATED -> "Escalated";
          case ACKNOWLEDGED -> "Acknowledged";
          case SILENCED -> "Silenced";
          case RESOLVED -> "Resolved";
        };
    return (test ? "[TEST] " : "") + words + ": " + rule.name() + ", " + scopeText(scope);
  }

  /** Where to look at the incident, if there is such a place. */
  public Optional<String> self() {
    return Optional.ofNullable(links.get("self"));
  }

  /** The scope in words, such as {@code team search}. */
  static String scopeText(Map<String, String> scope) {
    return scope.isEmpty()
        ? "everything"
        : scope.entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .collect(Collectors.joining(", "));
  }

  private static String summary(
      Event event, Rule rule, Map<String, String> scope, Map<String, String> amounts) {
    String where = scopeText(scope);
    String actual = amounts.get("actualUsd");
    String expected = amounts.get("expectedUsd");
    String ratio = amounts.get("ratio");
    StringBuilder words = new StringBuilder();
    if (event == Event.RESOLVED) {
      words.append("Resolved: ");
    }
    words.append(rule.name()).append(" of ").append(where);
    if (actual != null && expected != null) {
      words.append(": ").append(actual).append(" USD where ").append(expected);
      words.append(" USD were expected");
      if (ratio != null) {
        words.append(", ").append(ratio).append(" times as much");
      }
    }
    return words.append('.').toString();
  }

  private static Event event(String type) {
    String last = type.startsWith(TYPE_PREFIX) ? type.substring(TYPE_PREFIX.length()) : type;
    for (Event event : Event.values()) {
      if (event.name().toLowerCase(Locale.ROOT).equals(last)) {
        return event;
      }
    }
    throw new IllegalArgumentException("type: must be an event of an incident, was " + type);
  }

  private static Severity severity(String text) {
    return switch (text) {
      case "info" -> Severity.INFO;
      case "critical" -> Severity.CRITICAL;
      default -> Severity.WARNING;
    };
  }

  /** The number at the end of the event's id. */
  private static int state(String id, String incidentId) {
    String rest = id.startsWith(incidentId + "-") ? id.substring(incidentId.length() + 1) : "";
    return rest.matches("[0-9]{1,9}") ? Integer.parseInt(rest) : 0;
  }

  private static String required(JsonNode node, String field) {
    return known(node.path(field))
        .orElseThrow(() -> new IllegalArgumentException(field + ": must be there"));
  }

  private static Optional<String> known(JsonNode node) {
    return node.isValueNode() && !node.isNull() ? Optional.of(text(node)) : Optional.empty();
  }

  private static String text(JsonNode node) {
    return node.isNumber()
        ? node.decimalValue().toPlainString()
        : CONTROL.matcher(node.asText("")).replaceAll(" ");
  }

  private static Map<String, String> texts(JsonNode node) {
    Map<String, String> texts = new LinkedHashMap<>();
    node.fields().forEachRemaining(entry -> texts.put(entry.getKey(), text(entry.getValue())));
    return texts;
  }
}
