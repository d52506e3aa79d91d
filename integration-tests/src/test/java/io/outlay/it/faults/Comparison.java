package io.outlay.it.faults;

import io.outlay.it.EmbeddedRunningStack;
import io.outlay.it.faults.Oracle.Cut;
import io.outlay.it.faults.UsageTopic.Expected;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What ClickHouse shows, held against the oracle: every row of every cut, to the last digit. */
final class Comparison {
  private static final List<String> WINDOWS = List.of("minute", "hour", "day");
  private static final int SHOWN = 5;
  private static final String SUMS =
      "toString(sum(events)), toString(sum(unpriced)), toString(sum(cost)), toString(sum(avoided))";
  private static final String FACTS =
      "(SELECT event_time, team, model, feature, toUInt64(1) AS events, pricing_status = 'UNPRICED' AS"
          + " unpriced, toDecimal128(cost, 12) AS cost, toDecimal128(ifNull(avoided_cost, 0), 12) AS"
          + " avoided FROM usage_costs WHERE source = '"
          + Load.SOURCE
          + "')";

  private final EmbeddedRunningStack stack;
  private final Oracle oracle;
  private final ZoneId zone;
  private final List<String> differences = new ArrayList<>();
  private final Map<String, Integer> compared = new LinkedHashMap<>();

  Comparison(EmbeddedRunningStack stack, Oracle oracle, ZoneId zone) {
    this.stack = stack;
    this.oracle = oracle;
    this.zone = zone;
  }

  /** Compares everything. */
  void all(Expected topic) throws Exception {
    Map<String, Cut> levels = new LinkedHashMap<>();
    levels.put("'all'", cell -> "all");
    levels.put("team", Oracle.Cell::team);
    levels.put("model", Oracle.Cell::model);
    levels.put("feature", Oracle.Cell::feature);
    for (Map.Entry<String, Cut> level : levels.entrySet()) {
      compare("facts by " + level.getKey(), level.getValue(), level.getKey(), FACTS);
      for (String window : WINDOWS) {
        compare(
            window + " rollups by " + level.getKey(),
            level.getValue(),
            level.getKey(),
            rollups(window));
      }
    }
    compare(
        "facts by minute and scope",
        Oracle.window("minute", zone),
        "toUnixTimestamp(toStartOfMinute(event_time)), team, model, feature",
        FACTS);
    for (String window : WINDOWS) {
      compare(
          "each rollup of a " + window,
          Oracle.window(window, zone),
          "toUnixTimestamp(event_time), team, model, feature",
          rollups(window));
    }
    compare(
        "facts shown twice",
        Map.of(),
        texts(
            "SELECT event_id, count() FROM usage_costs GROUP BY event_id, source HAVING count() > 1"
                + " LIMIT 100",
            1));
    compare(
        "dead letters by partition and offset",
        topic.deadLetters(),
        texts(
            "SELECT concat(toString(partition), '/', toString(offset)), reason FROM dead_letters"
                + " WHERE topic LIKE '%usage'",
            1));
  }

  /** Rows compared, by what. */
  Map<String, Integer> compared() {
    return compared;
  }

  /** What differs; empty if nothing does. */
  List<String> differences() {
    return differences;
  }

  private void compare(String what, Cut cut, String by, String from) throws Exception {
    int columns = by.split(",").length;
    Map<String, String> actual = new TreeMap<>();
    for (String[] row : rows("SELECT %s, %s FROM %s GROUP BY ALL".formatted(by, SUMS, from))) {
      Oracle.Sums sums = new Oracle.Sums();
      sums.events = Long.parseLong(row[columns]);
      sums.unpriced = Long.parseLong(row[columns + 1]);
      sums.cost = new BigDecimal(row[columns + 2]);
      sums.avoided = new BigDecimal(row[columns + 3]);
      actual.put(key(row, columns), sums.toString());
    }
    compare(what, oracle.rows(cut), actual);
  }

  private void compare(String what, Map<String, String> expected, Map<String, String> actual) {
    compared.put(what, expected.size());
    TreeSet<String> keys = new TreeSet<>(expected.keySet());
    keys.addAll(actual.keySet());
    int differ = 0;
    for (String key : keys) {
      String wanted = expected.getOrDefault(key, "nothing");
      String found = actual.getOrDefault(key, "nothing");
      if (!wanted.equals(found) && differ++ < SHOWN) {
        differences.add("%s: %s: expected %s, found %s".formatted(what, key, wanted, found));
      }
    }
    if (differ > SHOWN) {
      differences.add("%s: %d more rows differ".formatted(what, differ - SHOWN));
    }
  }

  private Map<String, String> texts(String sql, int columns) throws Exception {
    Map<String, String> texts = new TreeMap<>();
    for (String[] row : rows(sql)) {
      texts.put(key(row, columns), row[columns]);
    }
    return texts;
  }

  private List<String[]> rows(String sql) throws Exception {
    List<String[]> rows = new ArrayList<>();
    for (String line : stack.clickhouse().text(sql, "TabSeparated").split("\n")) {
      if (!line.isEmpty()) {
        rows.add(line.split("\t", -1));
      }
    }
    return rows;
  }

  private static String key(String[] row, int columns) {
    return String.join("\t", List.of(row).subList(0, columns));
  }

  private static String rollups(String window) {
    return "(SELECT window_start AS event_time, team, model, feature, events, unpriced_events AS"
        + " unpriced, cost, avoided_cost AS avoided FROM cost_rollups WHERE NOT startsWith(team, '"
        + FaultRun.PROBES
        + "') AND window = '"
        + window
        + "')";
  }
}
