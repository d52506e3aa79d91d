package io.outlay.detector.rule;

import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.Window;
import java.time.Instant;
import java.util.Map;

/**
 * A stretch of time in which more spend than usual is meant to be.
 *
 * @param name for people
 * @param from inclusive
 * @param to exclusive
 * @param scope values that a scope must have, by dimension; empty for all scopes
 */
public record Planned(String name, Instant from, Instant to, Map<String, String> scope) {
  /**
   * @throws IllegalArgumentException if it is empty
   */
  public Planned {
    scope = Map.copyOf(scope);
    if (!from.isBefore(to)) {
      throw new IllegalArgumentException(
          "planned " + name + ": to must be after from, was " + from + " to " + to);
    }
  }

  /** Whether it has begun and is part of the window, and the scope is meant. */
  boolean covers(Scope judged, Window window, Instant asOf) {
    return from.isBefore(window.end())
        && window.start().isBefore(to)
        && !asOf.isBefore(from)
        && judged.toMap().entrySet().containsAll(scope.entrySet());
  }
}
