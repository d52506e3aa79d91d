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
import org.jspecify.annotations.Nullable;

/** A replay that somebody asks for, from the parameters of a request. */
final class ReplayQuery {
  private final Parameters parameters;

  private ReplayQuery(Parameters parameters) {
    this.parameters = parameters;
  }

  /**
   * The replay that parameters describe.
   *
   * @throws WrongRequestException naming parameter and value
   * @throws IllegalArgumentException likewise
   */
  static ReplayRequest request(Map<String, List<String>> values) {
    Parameters parameters = new Parameters(values);
    ReplayQuery query = new ReplayQuery(parameters);
    ReplayRequest request =
        new ReplayRequest(
            query.topic(),
            query.reasons(),
            query.orNull("source"),
            query.instant("from"),
            query.instant("to"),
            parameters.flag("dryRun"),
            parameters.text("by"),
            parameters.text("why"));
    parameters.requireNoOther();
    return request;
  }

  private Topic<?> topic() {
    String asked = parameters.text("topic");
    String name = asked.isEmpty() ? Topics.USAGE.suffix() : asked;
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
    for (String value : parameters.all("reason")) {
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
    String value = orNull(name);
    return value == null ? null : Parameters.instant(name, value);
  }

  private @Nullable String orNull(String name) {
    String value = parameters.text(name);
    return value.isEmpty() ? null : value;
  }

  private static String lower(DeadLetterReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }
}
