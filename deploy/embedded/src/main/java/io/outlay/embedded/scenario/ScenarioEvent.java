package io.outlay.embedded.scenario;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;

/**
 * A generated event, and what it is to cost by the generator's own reckoning.
 *
 * @param type CloudEvents type
 * @param data as a publisher writes it, attribution included
 * @param cost USD
 */
public record ScenarioEvent(
    String id, String type, Instant time, Map<String, Object> data, BigDecimal cost) {
  /** A dimension of the event, empty if it has none. */
  public String dimension(String name) {
    return String.valueOf(data.getOrDefault(name, ""));
  }
}
