package io.outlay.detector.incident;

import io.outlay.schema.Incident;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** SQL about the usage of scopes. */
public final class FactsQuery {
  private static final String TAG = "tags.";

  private FactsQuery() {}

  /**
   * For whoever looks into an incident: spend of the scope in its window by team, model and
   * feature, dearest first.
   */
  static String of(Incident incident) {
    return "SELECT team, model, feature, count() AS events, sum(cost) AS usd FROM usage_costs WHERE "
        + conditions(incident.getScope())
        + " AND event_time >= "
        + time(incident.getWindowStartMicros())
        + " AND event_time < "
        + time(incident.getWindowEndMicros())
        + " GROUP BY ALL ORDER BY usd DESC LIMIT 20";
  }

  /**
   * What usage of a scope has.
   *
   * @param scope values by dimension, at least one
   */
  public static String conditions(Map<String, String> scope) {
    return new TreeMap<>(scope)
        .entrySet().stream().map(FactsQuery::condition).collect(Collectors.joining(" AND "));
  }

  private static String condition(Map.Entry<String, String> value) {
    String key = value.getKey();
    String column = key.startsWith(TAG) ? "tags[" + quoted(key.substring(TAG.length())) + "]" : key;
    return column + " = " + quoted(value.getValue());
  }

  private static String time(long micros) {
    return "fromUnixTimestamp64Micro(" + micros + ")";
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
