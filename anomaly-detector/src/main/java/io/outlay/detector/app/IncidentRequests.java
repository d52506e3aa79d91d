package io.outlay.detector.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.schema.Incident;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what is asked of incidents. Each fault names the field and the value; a request with faults
 * asks for nothing.
 */
final class IncidentRequests {
  static final int DEFAULT_LIMIT = 100;
  static final int MAX_LIMIT = 1_000;

  /** Longest that an incident can be silenced. */
  static final Duration LONGEST_SILENCE = Duration.ofDays(30);

  private static final int MAX_TEXT = 256;
  private static final Set<String> STATUSES =
      Set.of("open", "escalated", "acknowledged", "resolved");
  private static final Set<String> SEVERITIES = Set.of("info", "warning", "critical");
  private static final Set<String> DIMENSIONS =
      Set.of(
          "team",
          "model",
          "feature",
          "project",
          "customer",
          "user",
          "environment",
          "region",
          "provider",
          "operation");
  private static final String TAG = "tags.";
  private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,6})(s|m|h|d)");
  private static final ObjectMapper JSON = new ObjectMapper();

  private IncidentRequests() {}

  /** A request is wrong. */
  static final class WrongRequestException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient List<String> faults;

    WrongRequestException(List<String> faults) {
      super(String.join("; ", faults));
      this.faults = List.copyOf(faults);
    }

    List<String> faults() {
      return faults;
    }
  }

  /** Which incidents are listed. */
  record Listing(Predicate<Incident> wanted, int limit) {
    /**
     * Of the parameters {@code status}, {@code severity}, {@code rule}, {@code limit} and those
     * named like dimensions. Several values of one name are alternatives, also with commas for
     * statuses; names are all to hold.
     */
    static Listing of(Map<String, List<String>> parameters) throws WrongRequestException {
      List<String> faults = new ArrayList<>();
      Predicate<Incident> wanted = incident -> true;
      int limit = DEFAULT_LIMIT;
      for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
        String name = parameter.getKey();
        List<String> values = parameter.getValue();
        switch (name) {
          case "status" -> {
            List<String> statuses = words(name, values, STATUSES, faults);
            wanted = wanted.and(incident -> statuses.contains(lower(incident.getStatus())));
          }
          case "severity" -> {
            List<String> severities = words(name, values, SEVERITIES, faults);
            wanted = wanted.and(incident -> severities.contains(lower(incident.getSeverity())));
          }
          case "rule" -> wanted = wanted.and(incident -> values.contains(incident.getRule()));
          case "limit" -> limit = limit(values.get(values.size() - 1), faults);
          default -> {
            if (DIMENSIONS.contains(name)
                || (name.startsWith(TAG) && name.length() > TAG.length())) {
              wanted =
                  wanted.and(
                      incident -> {
                        String value = incident.getScope().get(name);
                        return value != null && values.contains(value);
                      });
            } else {
              faults.add(
                  name
                      + ": must be status, severity, rule, limit, tags.KEY or one of "
                      + new TreeSet<>(DIMENSIONS));
            }
          }
        }
      }
      unless(faults);
      return new Listing(wanted, limit);
    }

    private static int limit(String text, List<String> faults) {
      if (text.matches("[0-9]{1,4}")) {
        int limit = Integer.parseInt(text);
        if (limit >= 1 && limit <= MAX_LIMIT) {
          return limit;
        }
      }
      faults.add("limit: must be 1 to " + MAX_LIMIT + ", was " + text);
      return DEFAULT_LIMIT;
    }

    private static List<String> words(
        String name, List<String> values, Set<String> allowed, List<String> faults) {
      List<String> words =
          values.stream().flatMap(value -> List.of(value.split(",", -1)).stream()).toList();
      words.stream()
          .filter(word -> !allowed.contains(word))
          .forEach(
              word ->
                  faults.add(
                      name + ": must be one of " + new TreeSet<>(allowed) + ", was " + word));
      return words;
    }

    private static String lower(Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT);
    }
  }

  /** Who does something, and why. */
  record Act(String by, String reason) {
    /**
     * Of {@code {"by": …}} and, where it may have one, {@code "reason"}.
     *
     * @param withReason whether it may have one
     */
    static Act of(String body, boolean withReason) throws WrongRequestException {
      List<String> faults = new ArrayList<>();
      JsonNode fields = fields(body, withReason ? Set.of("by", "reason") : Set.of("by"), faults);
      Act act =
          new Act(
              text(fields, "by", true, faults),
              withReason ? text(fields, "reason", false, faults) : "");
      unless(faults);
      return act;
    }
  }

  /** Until when an incident is silenced, by whom and why. */
  record Silence(Instant until, String by, String reason) {
    /** Of {@code until}, an ISO 8601 time, or {@code for}, such as {@code 2h}; by and reason. */
    static Silence of(String body, Instant now) throws WrongRequestException {
      List<String> faults = new ArrayList<>();
      JsonNode fields = fields(body, Set.of("until", "for", "by", "reason"), faults);
      String by = text(fields, "by", true, faults);
      String reason = text(fields, "reason", true, faults);
      Instant until = now;
      if (fields.has("until") == fields.has("for")) {
        faults.add("until: must be there or else for, as in {\"for\": \"2h\"}");
      } else if (fields.has("until")) {
        until = time(fields.get("until").asText(), now, faults);
      } else {
        until = after(fields.get("for").asText(), now, faults);
      }
      unless(faults);
      return new Silence(until, by, reason);
    }

    private static Instant time(String text, Instant now, List<String> faults) {
      try {
        Instant until = OffsetDateTime.parse(text).toInstant();
        if (until.isAfter(now) && !until.isAfter(now.plus(LONGEST_SILENCE))) {
          return until;
        }
      } catch (DateTimeException e) {
        // As any other wrong value.
      }
      faults.add(
          "until: must be a time such as 2026-11-21T18:00:00Z, later than now by at most "
              + LONGEST_SILENCE.toDays()
              + " days, was "
              + text);
      return now;
    }

    private static Instant after(String text, Instant now, List<String> faults) {
      Matcher matcher = DURATION.matcher(text);
      if (matcher.matches()) {
        long amount = Long.parseLong(matcher.group(1));
        Duration duration =
            switch (matcher.group(2)) {
              case "s" -> Duration.ofSeconds(amount);
              case "m" -> Duration.ofMinutes(amount);
              case "h" -> Duration.ofHours(amount);
              default -> Duration.ofDays(amount);
            };
        if (duration.compareTo(LONGEST_SILENCE) <= 0) {
          return now.plus(duration);
        }
      }
      faults.add(
          "for: must be a number and s, m, h or d, up to "
              + LONGEST_SILENCE.toDays()
              + "d, was "
              + text);
      return now;
    }
  }

  private static JsonNode fields(String body, Set<String> known, List<String> faults)
      throws WrongRequestException {
    JsonNode fields;
    try {
      fields = JSON.readTree(body.isBlank() ? "{}" : body);
    } catch (JsonProcessingException e) {
      throw new WrongRequestException(List.of("the body is not JSON: " + e.getOriginalMessage()));
    }
    if (!fields.isObject()) {
      throw new WrongRequestException(List.of("the body must be a JSON object, was " + fields));
    }
    fields
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                faults.add(
                    name
                        + ": must be one of "
                        + new TreeSet<>(known)
                        + ", was "
                        + fields.get(name));
              }
            });
    return fields;
  }

  private static String text(JsonNode fields, String name, boolean required, List<String> faults) {
    JsonNode value = fields.get(name);
    if (value == null && !required) {
      return "";
    }
    if (value == null) {
      faults.add(name + ": must be there");
      return "";
    }
    String text = value.asText();
    if (!value.isTextual() || text.isBlank() || text.length() > MAX_TEXT) {
      faults.add(name + ": must be a text of 1 to " + MAX_TEXT + " characters, was " + value);
    }
    return text;
  }

  private static void unless(List<String> faults) throws WrongRequestException {
    if (!faults.isEmpty()) {
      throw new WrongRequestException(faults);
    }
  }
}
