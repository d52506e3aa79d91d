package io.outlay.streams.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Parameters of a request; those that nobody asked for are an error. */
final class Parameters {
  private final Map<String, List<String>> parameters;
  private final Set<String> asked = new HashSet<>();

  Parameters(Map<String, List<String>> parameters) {
    this.parameters = parameters;
  }

  boolean has(String name) {
    return parameters.containsKey(name);
  }

  /** Empty if it is absent. */
  String text(String name) {
    List<String> values = all(name);
    if (values.size() > 1) {
      throw new WrongRequestException(name, "is given twice");
    }
    return values.isEmpty() ? "" : values.get(0);
  }

  /** May be given several times. */
  List<String> all(String name) {
    asked.add(name);
    return parameters.getOrDefault(name, List.of());
  }

  /** False if it is absent. */
  boolean flag(String name) {
    String value = text(name);
    if (!Set.of("", "true", "false").contains(value)) {
      throw new WrongRequestException(name, "must be true or false, was " + value);
    }
    return value.equals("true");
  }

  /** A date, meaning midnight UTC, or an instant, as microseconds; null if it is absent. */
  @Nullable Long micros(String name) {
    String value = text(name);
    return value.isEmpty()
        ? null
        : Long.valueOf(ChronoUnit.MICROS.between(Instant.EPOCH, instant(name, value)));
  }

  /** A date, meaning midnight UTC, or an instant. */
  static Instant instant(String parameter, String value) {
    try {
      return value.length() == "2026-01-01".length()
          ? LocalDate.parse(value).atStartOfDay().toInstant(ZoneOffset.UTC)
          : Instant.parse(value);
    } catch (DateTimeException e) {
      throw new WrongRequestException(
          parameter, "must be a date or an instant such as 2026-11-21T02:00:00Z, was " + value);
    }
  }

  /**
   * To be called once all that is known was asked for.
   *
   * @throws WrongRequestException if there is any other parameter
   */
  void requireNoOther() {
    Set<String> unknown = new TreeSet<>(parameters.keySet());
    unknown.removeAll(asked);
    if (!unknown.isEmpty()) {
      throw new WrongRequestException(
          unknown.iterator().next(), "is not a parameter here; those are " + new TreeSet<>(asked));
    }
  }
}
