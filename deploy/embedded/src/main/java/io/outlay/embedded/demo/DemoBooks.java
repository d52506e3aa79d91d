package io.outlay.embedded.demo;

import io.outlay.embedded.cli.ClickHouseQuery;
import io.outlay.embedded.cli.Output;
import io.outlay.embedded.cli.TextTable;
import io.outlay.embedded.scenario.ScenarioEvent;
import io.outlay.embedded.stack.Progress;
import io.outlay.embedded.stack.StackException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** What ClickHouse holds of the demonstration, held against the generator's own reckoning. */
final class DemoBooks {
  private static final List<String> DIMENSIONS = List.of("team", "model", "feature");
  private static final long POLL_MILLIS = 250;
  private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int TOP = 8;

  private final ClickHouseQuery clickhouse;
  private final String source;

  /**
   * @param source of the demonstration's events
   */
  DemoBooks(ClickHouseQuery clickhouse, String source) {
    this.clickhouse = clickhouse;
    this.source = source;
  }

  /**
   * Waits until so many facts, and the rollups over them, can be queried.
   *
   * @throws StackException if they do not come in time
   */
  void awaitFacts(long expected, Duration within, Progress progress)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    long told = begin;
    while (true) {
      long facts = number("SELECT count() FROM usage_costs WHERE source = '" + source + "'");
      long summed = number("SELECT toInt64(sum(events)) FROM cost_rollups WHERE window = 'day'");
      if (facts == expected && summed == expected) {
        progress.line(
            "  %,d facts in ClickHouse %.1f s later"
                .formatted(facts, (System.nanoTime() - begin) / 1e9));
        return;
      }
      if (facts > expected || System.nanoTime() - begin > within.toNanos()) {
        throw new StackException(
            "%,d events were acknowledged, but ClickHouse holds %,d facts and rollups over %,d; see ./outlay status"
                .formatted(expected, facts, summed));
      }
      if (System.nanoTime() - told > TELL_EVERY_NANOS) {
        told = System.nanoTime();
        progress.line("  %,d of %,d facts in ClickHouse".formatted(facts, expected));
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /**
   * Compares facts and rollups with the generator, in total and by dimension; tells what differs.
   */
  boolean check(List<ScenarioEvent> events, Output output)
      throws IOException, InterruptedException {
    List<String> differences = new ArrayList<>();
    BigDecimal total =
        events.stream().map(ScenarioEvent::cost).reduce(BigDecimal.ZERO, BigDecimal::add);
    for (String dimension : DIMENSIONS) {
      Map<String, BigDecimal> expected = new TreeMap<>();
      events.forEach(e -> expected.merge(e.dimension(dimension), e.cost(), BigDecimal::add));
      compare("facts by " + dimension, expected, sums("usage_costs", dimension), differences);
      compare("daily rollups by " + dimension, expected, rollups(dimension), differences);
    }
    for (String difference : differences) {
      output.err().println("outlay: the books do not balance: " + difference);
    }
    if (differences.isEmpty()) {
      output.line(
          "The books balance: %,d events, %s USD by the generator = facts = rollups, by team, model and feature"
              .formatted(
                  events.size(), total.setScale(12, RoundingMode.UNNECESSARY).toPlainString()));
    }
    return differences.isEmpty();
  }

  /** Prints who spent how much. */
  void print(Output output) throws IOException, InterruptedException {
    for (String dimension : DIMENSIONS) {
      TextTable table =
          new TextTable(
                  dimension.toUpperCase(Locale.ROOT), "EVENTS", "TODAY $", "LAST 7 DAYS $", "ALL $")
              .alignRight(1, 2, 3, 4);
      spend(dimension, "GROUP BY name ORDER BY sum(cost) DESC LIMIT " + TOP).forEach(table::row);
      spend("'all'", "").forEach(table::row);
      output.line("");
      table.lines().forEach(output::line);
    }
  }

  private List<String[]> spend(String dimension, String grouping)
      throws IOException, InterruptedException {
    String query =
        """
        SELECT %s AS name, sum(events), sumIf(cost, day = today()), sumIf(cost, day > today() - 7), sum(cost)
        FROM cost_rollups WHERE window = 'day' %s
        """
            .formatted(dimension, grouping);
    List<String[]> rows = new ArrayList<>();
    for (String line : clickhouse.text(query, "TabSeparated").lines().toList()) {
      String[] cells = line.split("\t", -1);
      cells[0] = cells[0].isEmpty() ? "(none)" : cells[0];
      cells[1] = "%,d".formatted(Long.parseLong(cells[1]));
      for (int i = 2; i < cells.length; i++) {
        cells[i] = "%,.2f".formatted(new BigDecimal(cells[i]).setScale(2, RoundingMode.HALF_UP));
      }
      rows.add(cells);
    }
    return rows;
  }

  private Map<String, BigDecimal> sums(String table, String dimension)
      throws IOException, InterruptedException {
    return decimals(
        "SELECT %1$s, toString(sum(cost)) FROM %2$s WHERE source = '%3$s' GROUP BY %1$s"
            .formatted(dimension, table, source));
  }

  private Map<String, BigDecimal> rollups(String dimension)
      throws IOException, InterruptedException {
    return decimals(
        "SELECT %1$s, toString(sum(cost)) FROM cost_rollups WHERE window = 'day' GROUP BY %1$s"
            .formatted(dimension));
  }

  private Map<String, BigDecimal> decimals(String query) throws IOException, InterruptedException {
    Map<String, BigDecimal> sums = new TreeMap<>();
    for (String line : clickhouse.text(query, "TabSeparated").lines().toList()) {
      String[] cells = line.split("\t", -1);
      sums.put(cells[0], new BigDecimal(cells[1]));
    }
    return sums;
  }

  private long number(String query) throws IOException, InterruptedException {
    return Long.parseLong(clickhouse.text(query, "TabSeparated").strip());
  }

  private static void compare(
      String what,
      Map<String, BigDecimal> expected,
      Map<String, BigDecimal> actual,
      List<String> differences) {
    for (String key : union(expected, actual)) {
      BigDecimal want = expected.getOrDefault(key, BigDecimal.ZERO);
      BigDecimal have = actual.getOrDefault(key, BigDecimal.ZERO);
      if (want.compareTo(have) != 0) {
        differences.add("%s '%s': expected %s USD, found %s".formatted(what, key, want, have));
      }
    }
  }

  private static Iterable<String> union(Map<String, ?> a, Map<String, ?> b) {
    Map<String, Object> both = new TreeMap<>(a);
    both.putAll(b);
    return both.keySet();
  }
}
