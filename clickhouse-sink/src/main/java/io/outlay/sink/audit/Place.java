package io.outlay.sink.audit;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A cell of the rollups.
 *
 * @param window minute, hour or day
 * @param start of the window, as ISO 8601 in UTC
 */
public record Place(String window, String start, String team, String model, String feature) {
  /** A cell whose window starts at a moment in microseconds since 1970. */
  static Place at(String window, long startMicros, String team, String model, String feature) {
    String start = Instant.EPOCH.plus(startMicros, ChronoUnit.MICROS).toString();
    return new Place(window, start, team, model, feature);
  }

  @Override
  public String toString() {
    return window + " " + start + " team=" + team + " model=" + model + " feature=" + feature;
  }
}
