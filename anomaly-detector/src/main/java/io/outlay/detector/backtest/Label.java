package io.outlay.detector.backtest;

import io.outlay.detector.spend.Scope;
import java.time.Instant;
import java.util.Map;

/**
 * Something that happened and should have been found.
 *
 * @param scope values by dimension, of whatever it happened in; not empty
 * @param from inclusive
 * @param to exclusive
 * @param kind for people, such as {@code spike}
 */
public record Label(Map<String, String> scope, Instant from, Instant to, String kind) {
  /**
   * @throws IllegalArgumentException if it names nothing, or no time
   */
  public Label {
    scope = Scope.of(scope).toMap();
    if (!from.isBefore(to)) {
      throw new IllegalArgumentException("to must be after from, was " + from + " to " + to);
    }
  }

  /**
   * Whether an alert may be about it: found after it began, of a window that it has a part of, and
   * no dimension that both name says otherwise.
   */
  public boolean matches(Alert alert) {
    Map<String, String> judged = alert.scope().toMap();
    return !alert.at().isBefore(from)
        && alert.comparison().window().start().isBefore(to)
        && scope.entrySet().stream()
            .allMatch(
                entry ->
                    judged.getOrDefault(entry.getKey(), entry.getValue()).equals(entry.getValue()));
  }
}
