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
import java.util.function.Function;
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

  /** The facts' accelerator time, milliseconds. */
  private static final String GPU_MILLIS =
      "intDiv(toInt64(toDecimal128(gpu_seconds, 6) * 1000000) + 500, 1000)";

  private static final String UTILIZATION = "toDecimal128(assumeNotNull(utilization), 6)";

  private static final List<Measure> MEASURES =
      List.of(
          Measure.count("events", "count()", "events"),
          Measure.count(
              "unpriced events", "countIf(pricing_status = 'UNPRICED')", "unpriced_events"),
          Measure.money("cost", "sum(cost)", "cost"),
          Measure.money("list cost", "sum(list_cost)", "list_cost"),
          Measure.money(
              "avoided cost", "ifNull(sum(avoided_cost), toDecimal128(0, 12))", "avoided_cost"),
          Measure.count("requests", "sum(requests)", "requests"),
          Measure.count(
              "input tokens",
              "sum(input_tokens + cache_read_tokens + cache_write_5m_tokens"
                  + " + cache_write_1h_tokens + input_audio_tokens + input_image_tokens)",
              "input_tokens"),
          Measure.count(
              "output tokens",
              "sum(output_tokens + reasoning_tokens + output_audio_tokens + output_image_tokens)",
              "output_tokens"),
          Measure.count("facts with a status", "countIf(status != '')", "status_events"),
          Measure.count("errors", "countIf(status != '' AND status != 'ok')", "errors"),
          Measure.count("facts with a latency", "count(latency_ms)", "latency_events"),
          Measure.count("latency", "ifNull(sum(latency_ms), 0)", "latency_millis"),
          Measure.count("GPU milliseconds", "sum(" + GPU_MILLIS + ")", "gpu_millis"),
          Measure.count(
              "GPU milliseconds measured",
              "sumIf(" + GPU_MILLIS + ", utilization IS NOT NULL)",
              "gpu_measured_millis"),
          Measure.count(
              "GPU milliseconds busy",
              "sumIf(toInt64(floor("
                  + GPU_MILLIS
                  + " * "
                  + UTILIZATION
                  + " + toDecimal128('0.5', 6))), utilization IS NOT NULL)",
              "gpu_busy_millis"),
          Measure.money(
              "GPU idle cost",
              "sumIf(toDecimal128(roundBankers(toDecimal128(cost, 12) * (1 - "
                  + UTILIZATION
                  + "), 12), 12), utilization IS NOT NULL)",
              "gpu_idle_cost"),
          Measure.count("cache lookups", "countIf(cache_layer != '')", "cache_lookups"),
          Measure.count("cache hits", "countIf(cache_layer != '' AND cache_hit)", "cache_hits"),
          Measure.count("scores", "count(score)", "score_events"),
          Measure.count(
              "sum of scores",
              "toInt64(ifNull(sum(toDecimal128(score, 6)), 0) * 1000000)",
              "score_millionths"));

  /** The measures from here on are signals. */
  private static final int SIGNALS = 8;

  /** A sum over facts and the column of the rollups that must hold it. */
  private record Measure(String name, String type, String ofFacts, String column) {
    static Measure count(String name, String ofFacts, String column) {
      return new Measure(name, "toInt64(%s)", ofFacts, column);
    }

    static Measure money(String name, String ofFacts, String column) {
      return new Measure(name, "toDecimal128(%s, 12)", ofFacts, column);
    }
  }

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
                row.get(0) + "s: " + MEASURES.get(i).name(),
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
      int before = items.size();
      // Where facts are missing or cost something else, their signals differ too: no news.
      for (int i = 0; i < MEASURES.size() && (i < SIGNALS || items.size() == before); i++) {
        BigDecimal left = new BigDecimal(row.get(5 + 2 * i));
        BigDecimal right = new BigDecimal(row.get(6 + 2 * i));
        if (left.compareTo(right) != 0) {
          items.add(new Item(NAME, MEASURES.get(i).name(), place, left, right, Kind.EXACT));
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
              %s, %s
            FROM
            (
                SELECT intDiv(toUnixTimestamp64Micro(event_time), 60000000) * 60000000 AS minute,
                  toString(team) AS team, toString(model) AS model, toString(feature) AS feature,
                  %s
                FROM {database}.usage_costs
                WHERE event_time %s
                GROUP BY minute, team, model, feature
            )
            ARRAY JOIN [('minute', minute), ('hour', arrayLast(h -> h <= minute, [%s])), ('day', toInt64(%d))] AS w
            UNION ALL
            SELECT toString(window) AS window, toUnixTimestamp64Micro(window_start) AS start,
              toString(team) AS team, toString(model) AS model, toString(feature) AS feature,
              %s, %s
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
            columns("f%1$d"),
            each("r", measure -> "0"),
            each("f", Measure::ofFacts),
            within.formatted(micros(from), micros(to), "event_time"),
            hours,
            micros(from),
            each("f", measure -> "0"),
            each("r", Measure::column),
            within.formatted(micros(from), micros(to), "window_start"));
  }

  /** An expression of each measure, in the measure's type, as f1, f2, … or r1, r2, …. */
  private static String each(String side, Function<Measure, String> expression) {
    return IntStream.range(0, MEASURES.size())
        .mapToObj(
            i ->
                MEASURES.get(i).type().formatted(expression.apply(MEASURES.get(i)))
                    + " AS "
                    + side
                    + (i + 1))
        .collect(Collectors.joining(", "));
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
