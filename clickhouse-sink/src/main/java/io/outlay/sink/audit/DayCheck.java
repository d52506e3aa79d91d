package io.outlay.sink.audit;

import io.outlay.sink.audit.Item.Kind;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The facts of a day against its minutes, hours and the day itself, cell by cell. ClickHouse groups
 * and compares; only sums and some of the cells that differ come over. A day at a time bounds its
 * memory by the cells of a day.
 */
final class DayCheck implements Check {
  static final String NAME = "rollups";

  private static final int MAX_CELLS = 200;
  private static final long MINUTE_SECONDS = 60;
  private static final List<String> MEASURES =
      List.of(
          "events",
          "unpriced events",
          "cost",
          "list cost",
          "avoided cost",
          "requests",
          "input tokens",
          "output tokens");

  private final Query query;
  private final LocalDate day;
  private final String cells;

  /**
   * @param zone of hours and days
   */
  DayCheck(Query query, LocalDate day, ZoneId zone) {
    this.query = query;
    this.day = day;
    this.cells = cells(day, zone);
  }

  @Override
  public String name() {
    return NAME + " of " + day;
  }

  @Override
  public Look look() {
    List<Item> items = new ArrayList<>();
    long differing = 0;
    for (List<String> row :
        query.rows(
            "SELECT window, countIf(differs), "
                + columns("sum(sf%1$d), sum(sr%1$d)")
                + " FROM ("
                + cells
                + ") GROUP BY window ORDER BY indexOf(['minute', 'hour', 'day'], window)"
                + " SETTINGS max_threads = 2")) {
      differing += Long.parseLong(row.get(1));
      for (int i = 0; i < MEASURES.size(); i++) {
        items.add(
            Item.line(
                NAME,
                row.get(0) + "s: " + MEASURES.get(i),
                new BigDecimal(row.get(2 + 2 * i)),
                new BigDecimal(row.get(3 + 2 * i)),
                Kind.SHOWN));
      }
    }
    if (differing == 0) {
      return new Look(items);
    }
    List<List<String>> found =
        query.rows(
            "SELECT window, start, team, model, feature, "
                + columns("sf%1$d, sr%1$d")
                + " FROM ("
                + cells
                + ") WHERE differs ORDER BY start, window, team, model, feature LIMIT "
                + MAX_CELLS
                + " SETTINGS max_threads = 2");
    for (List<String> row : found) {
      Place place =
          Place.at(row.get(0), Long.parseLong(row.get(1)), row.get(2), row.get(3), row.get(4));
      for (int i = 0; i < MEASURES.size(); i++) {
        BigDecimal left = new BigDecimal(row.get(5 + 2 * i));
        BigDecimal right = new BigDecimal(row.get(6 + 2 * i));
        if (left.compareTo(right) != 0) {
          items.add(new Item(NAME, MEASURES.get(i), place, left, right, Kind.EXACT));
        }
      }
    }
    return new Look(items, Math.max(0, differing - found.size()));
  }

  /**
   * Every cell of the day with both sides: sf1, sf2, … of the facts, sr1, sr2, … of the rollups.
   */
  private static String cells(LocalDate day, ZoneId zone) {
    Instant from = day.atStartOfDay(zone).toInstant();
    Instant to = day.plusDays(1).atStartOfDay(zone).toInstant();
    String hours =
        hours(from, to, zone).stream().map(String::valueOf).collect(Collectors.joining(", "));
    String within =
        " >= fromUnixTimestamp64Micro(%1$d, 'UTC') AND %3$s < fromUnixTimestamp64Micro(%2$d, 'UTC')";
    return """
        SELECT window, start, team, model, feature, %s, %s AS differs
        FROM
        (
            SELECT w.1 AS window, w.2 AS start, team, model, feature,
              f1, f2, f3, f4, f5, f6, f7, f8,
              toUInt64(0) AS r1, toUInt64(0) AS r2, toDecimal128(0, 12) AS r3, toDecimal128(0, 12) AS r4,
              toDecimal128(0, 12) AS r5, toUInt64(0) AS r6, toUInt64(0) AS r7, toUInt64(0) AS r8
            FROM
            (
                SELECT intDiv(toUnixTimestamp64Micro(event_time), 60000000) * 60000000 AS minute,
                  toString(team) AS team, toString(model) AS model, toString(feature) AS feature,
                  count() AS f1, countIf(pricing_status = 'UNPRICED') AS f2, sum(cost) AS f3, sum(list_cost) AS f4,
                  ifNull(sum(avoided_cost), toDecimal128(0, 12)) AS f5, sum(requests) AS f6,
                  sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens
                    + input_audio_tokens + input_image_tokens) AS f7,
                  sum(output_tokens + reasoning_tokens + output_audio_tokens + output_image_tokens) AS f8
                FROM {database}.usage_costs
                WHERE event_time %s
                GROUP BY minute, team, model, feature
            )
            ARRAY JOIN [('minute', minute), ('hour', arrayLast(h -> h <= minute, [%s])), ('day', toInt64(%d))] AS w
            UNION ALL
            SELECT toString(window) AS window, toUnixTimestamp64Micro(window_start) AS start,
              toString(team) AS team, toString(model) AS model, toString(feature) AS feature,
              toUInt64(0) AS f1, toUInt64(0) AS f2, toDecimal128(0, 12) AS f3, toDecimal128(0, 12) AS f4,
              toDecimal128(0, 12) AS f5, toUInt64(0) AS f6, toUInt64(0) AS f7, toUInt64(0) AS f8,
              events AS r1, unpriced_events AS r2, cost AS r3, list_cost AS r4, avoided_cost AS r5,
              requests AS r6, input_tokens AS r7, output_tokens AS r8
            FROM {database}.cost_rollups
            WHERE window_start %s
        )
        GROUP BY window, start, team, model, feature
        """
        .formatted(
            columns("sum(f%1$d) AS sf%1$d, sum(r%1$d) AS sr%1$d"),
            IntStream.rangeClosed(1, MEASURES.size())
                .mapToObj("sf%1$d != sr%1$d"::formatted)
                .collect(Collectors.joining(" OR ")),
            within.formatted(micros(from), micros(to), "event_time"),
            hours,
            micros(from),
            within.formatted(micros(from), micros(to), "window_start"));
  }

  /** The starts of a day's hours, in microseconds since 1970, as the rollups cut them. */
  static List<String> hours(Instant from, Instant to, ZoneId zone) {
    TreeSet<Long> starts = new TreeSet<>();
    for (Instant minute = from; minute.isBefore(to); minute = minute.plusSeconds(MINUTE_SECONDS)) {
      starts.add(micros(minute.atZone(zone).truncatedTo(ChronoUnit.HOURS).toInstant()));
    }
    return starts.stream().map("toInt64(%d)"::formatted).toList();
  }

  private static String columns(String pattern) {
    return IntStream.rangeClosed(1, MEASURES.size())
        .mapToObj(pattern::formatted)
        .collect(Collectors.joining(", "));
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}
