package io.outlay.streams.http;

import io.outlay.schema.DeadLetterReason;
import io.outlay.streams.replay.ReplayRequest;
import io.outlay.topic.Topic;
import io.outlay.topic.Topics;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A replay that somebody asks for, from the parameters of a request. */
final class ReplayQuery {
  private static final Set<String> PARAMETERS =
      new TreeSet<>(Set.of("topic", "reason", "source", "from", "to", "dryRun", "by", "why"));

  private final Map<String, List<String>> parameters;

  private ReplayQuery(Map<String, List<String>> parameters) {
    this.parameters = parameters;
  }

  /**
   * The replay that parameters describe.
   *
   * @throws WrongRequestException naming parameter and value
   * @throws IllegalArgumentException likewise
   */
  static ReplayRequest request(Map<String, List<String>> parameters) {
    for (String parameter : new TreeSet<>(parameters.keySet())) {
      if (!PARAMETERS.contains(parameter)) {
        throw new WrongRequestException(
            parameter, "is not a parameter here; those are " + PARAMETERS);
      }
    }
    ReplayQuery query = new ReplayQuery(parameters);
    return new ReplayRequest(
        query.topic(),
        query.reasons(),
        query.text("source"),
        query.instant("from"),
        query.instant("to"),
        query.flag("dryRun"),
        query.or("by", ""),
        query.or("why", ""));
  }

  private Topic<?> topic() {
    String name = or("topic", Topics.USAGE.suffix());
    return ReplayRequest.TOPICS.stream()
        .filter(topic -> topic.suffix().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new WrongRequestException(
                    "topic",
                    "must be one of "
                        + ReplayRequest.TOPICS.stream().map(Topic::suffix).toList()
                        + ", was "
                        + name));
  }

  /** May be repeated, and hold several with commas between. */
  private Set<DeadLetterReason> reasons() {
    Set<DeadLetterReason> reasons = EnumSet.noneOf(DeadLetterReason.class);
    for (String value : parameters.getOrDefault("reason", List.of())) {
      for (String name : value.split(",", -1)) {
        reasons.add(reason(name.strip()));
      }
    }
    return reasons;
  }

  private static DeadLetterReason reason(String name) {
    return Arrays.stream(DeadLetterReason.values())
        .filter(reason -> lower(reason).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new WrongRequestException(
                    "reason",
                    "must be one of "
                        + Arrays.stream(DeadLetterReason.values()).map(ReplayQuery::lower).toList()
                        + ", was "
                        + name));
  }

  private @Nullable Instant instant(String name) {
    String value = text(name);
    return value == null ? null : ExplainQuery.instant(name, value);
  }

  private boolean flag(String name) {
    String value = or(name, "false");
    if (!Set.of("true", "false").contains(value)) {
      throw new WrongRequestException(name, "must be true or false, was " + value);
    }
    return value.equals("true");
  }

  private String or(String name, String fallback) {
    String value = text(name);
    return value == null ? fallback : value;
  }

  private @Nullable String text(String name) {
    List<String> values = parameters.getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw new WrongRequestException(name, "is given twice");
    }
    return values.isEmpty() || values.get(0).isEmpty() ? null : values.get(0);
  }

  private static String lower(DeadLetterReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }
}
