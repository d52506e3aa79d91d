package io.outlay.streams.reprice.store;

import io.outlay.schema.RepricingFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Conditions of a query on facts, their values apart from the text. */
final class Conditions {
  private static final String REST = "*";

  private final List<String> conditions = new ArrayList<>();
  private final Map<String, Object> parameters = new HashMap<>();

  /** What a filter asks for. */
  static Conditions of(RepricingFilter filter) {
    Conditions conditions = new Conditions();
    conditions.named("type", filter.getType(), "type");
    conditions.named("provider", filter.getProvider(), "provider");
    conditions.named(
        "model", filter.getModel(), "model", "baseline_model", "gpu_model", "instance_type");
    conditions.named("team", filter.getTeam(), "team");
    conditions.named("customer", filter.getCustomer(), "customer");
    if (filter.getUnpricedOnly()) {
      conditions.conditions.add("pricing_status = 'UNPRICED'");
    }
    if (filter.getFromMicros() != null) {
      conditions.add(
          "event_time >= fromUnixTimestamp64Micro({fromTime:Int64})",
          "fromTime",
          filter.getFromMicros());
    }
    if (filter.getToMicros() != null) {
      conditions.add(
          "event_time < fromUnixTimestamp64Micro({toTime:Int64})", "toTime", filter.getToMicros());
    }
    return conditions;
  }

  void add(String condition, String parameter, Object value) {
    conditions.add(condition);
    parameters.put(parameter, value);
  }

  /** A {@code WHERE} clause, empty if there is no condition. */
  String where() {
    return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
  }

  Map<String, Object> parameters() {
    return parameters;
  }

  private void named(String parameter, String name, String... columns) {
    if (name.isEmpty()) {
      return;
    }
    boolean rest = name.endsWith(REST);
    List<String> alternatives = new ArrayList<>();
    for (String column : columns) {
      alternatives.add(
          rest
              ? "startsWith(" + column + ", {" + parameter + ":String})"
              : column + " = {" + parameter + ":String}");
    }
    add(
        "(" + String.join(" OR ", alternatives) + ")",
        parameter,
        rest ? name.substring(0, name.length() - REST.length()) : name);
  }
}
