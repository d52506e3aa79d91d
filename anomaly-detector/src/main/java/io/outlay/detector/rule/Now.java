package io.outlay.detector.rule;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The time at which rules are judged.
 *
 * @param event latest event time of all usage; null before the first
 * @param wall wall-clock time
 */
public record Now(@Nullable Instant event, Instant wall) {
  /** How far the events are behind the wall clock; nothing before the first. */
  public Duration lag() {
    return event == null ? Duration.ZERO : Duration.between(event, wall);
  }
}
