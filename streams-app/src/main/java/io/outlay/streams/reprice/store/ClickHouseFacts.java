package io.outlay.streams.reprice.store;

import com.clickhouse.client.api.ClickHouseException;
import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.data_formats.ClickHouseBinaryFormatReader;
import com.clickhouse.client.api.query.QueryResponse;
import com.clickhouse.client.api.query.QuerySettings;
import com.clickhouse.data.ClickHouseFormat;
import io.outlay.schema.CostRollup;
import io.outlay.schema.RepricingFilter;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.ScopeRollup;
import io.outlay.streams.reprice.Fact;
import io.outlay.streams.reprice.FactStore;
import io.outlay.streams.reprice.StoreAwayException;
import io.outlay.usage.Cut;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Facts and rollups in ClickHouse. */
public final class ClickHouseFacts implements FactStore {
  private static final long FIRST_ROW_WITHIN_SECONDS = 120;
  private static final String TAGS = "tags.";

  /**
   * Sums of a day's facts for each window and scope, beside the stored ones where they differ. The
   * window is the number of the enum.
   */
  private static final String WRONG_ROLLUPS =
      """
      WITH facts AS (
          SELECT
              window,
              toUnixTimestamp64Micro(toDateTime64(multiIf(
                  window = 0, toStartOfMinute(event_time),
                  window = 1, toStartOfHour(event_time, {zone:String}),
                  toStartOfDay(event_time, {zone:String})), 6, 'UTC')) AS start,
              team, model, feature,
              max(toUnixTimestamp64Micro(event_time)) AS last,
              $ofFacts
          FROM usage_costs AS f
          ARRAY JOIN [0, 1, 2] AS window
          WHERE day = {day:Date} AND event_time >= fromUnixTimestamp64Micro({from:Int64}) AND event_time < fromUnixTimestamp64Micro({to:Int64})
          GROUP BY window, start, team, model, feature
      ), stored AS (
          SELECT
              CAST(window AS Int8) AS window,
              toUnixTimestamp64Micro(window_start) AS start,
              team, model, feature,
              toInt64(r.revision) AS revision,
              $stored
          FROM cost_rollups AS r
          WHERE window_start >= fromUnixTimestamp64Micro({from:Int64}) AND window_start < fromUnixTimestamp64Micro({to:Int64})
      )
      SELECT
          f.window AS window, f.start AS start, f.team AS team, f.model AS model, f.feature AS feature,
          f.last AS last, s.revision AS revision, $named
      FROM facts AS f
      LEFT JOIN stored AS s ON f.window = s.window AND f.start = s.start AND f.team = s.team AND f.model = s.model AND f.feature = s.feature
      WHERE ($left) != ($right)
      """
          .replace("$ofFacts", FactSums.ofFacts())
          .replace("$stored", FactSums.stored())
          .replace("$named", FactSums.named("f"))
          .replace("$left", FactSums.columns("f"))
          .replace("$right", FactSums.columns("s"));

  /**
   * The same for a cut, of stored rollups only. $dims are the values of the dimensions in a fact,
   * $stored_dims those in a stored scope, d0, d1, … both.
   */
  private static final String WRONG_SCOPE_ROLLUPS =
      """
      WITH facts AS (
          SELECT
              window,
              toUnixTimestamp64Micro(toDateTime64(if(
                  window = 0, toStartOfMinute(event_time), toStartOfHour(event_time, {zone:String})), 6, 'UTC')) AS start,
              $dims,
              max(toUnixTimestamp64Micro(event_time)) AS last,
              $ofFacts
          FROM usage_costs AS f
          ARRAY JOIN [0, 1] AS window
          WHERE day = {day:Date} AND event_time >= fromUnixTimestamp64Micro({from:Int64}) AND event_time < fromUnixTimestamp64Micro({to:Int64})
          GROUP BY window, start, $names
      ), stored AS (
          SELECT
              CAST(window AS Int8) AS window,
              toUnixTimestamp64Micro(window_start) AS start,
              $storedDims,
              toInt64(r.revision) AS revision,
              $stored
          FROM scope_rollups AS r
          WHERE cut = {cut:String} AND window_start >= fromUnixTimestamp64Micro({from:Int64}) AND window_start < fromUnixTimestamp64Micro({to:Int64})
      )
      SELECT f.window AS window, f.start AS start, $named, f.last AS last, s.revision AS revision, $sums
      FROM facts AS f
      INNER JOIN stored AS s ON f.window = s.window AND f.start = s.start AND $same
      WHERE ($left) != ($right)
      """
          .replace("$ofFacts", FactSums.ofFacts())
          .replace("$stored\n", FactSums.stored() + "\n")
          .replace("$sums", FactSums.named("f"))
          .replace("$left", FactSums.columns("f"))
          .replace("$right", FactSums.columns("s"));

  private final Client client;
  private final String database;
  private final ZoneId zone;

  /**
   * @param client not closed by this
   * @param zone of days
   */
  public ClickHouseFacts(Client client, String database, ZoneId zone) {
    this.client = client;
    this.database = database;
    this.zone = zone;
  }

  @Override
  public List<Day> days(RepricingFilter filter, @Nullable LocalDate from) {
    Conditions conditions = Conditions.of(filter);
    if (from != null) {
      conditions.add("day >= {firstDay:Date}", "firstDay", from.toString());
    }
    List<Day> days = new ArrayList<>();
    query(
        "SELECT toString(day) AS date, toInt64(count()) AS facts FROM usage_costs"
            + conditions.where()
            + " GROUP BY day ORDER BY day",
        conditions.parameters(),
        row -> days.add(new Day(LocalDate.parse(row.getString("date")), row.getLong("facts"))));
    return days;
  }

  @Override
  public void read(RepricingFilter filter, LocalDate day, Consumer<Fact> to) {
    Conditions conditions = Conditions.of(filter);
    onDay(conditions, day);
    read(
        "SELECT " + FactRows.COLUMNS + " FROM usage_costs" + conditions.where(),
        conditions.parameters(),
        reader -> {
          FactRows rows = new FactRows(reader);
          while (reader.next() != null) {
            to.accept(rows.fact());
          }
        });
  }

  @Override
  public long unpriced() {
    List<Long> counts = new ArrayList<>();
    query(
        "SELECT toInt64(count()) AS facts FROM usage_costs WHERE pricing_status = 'UNPRICED'",
        Map.of(),
        row -> counts.add(row.getLong("facts")));
    return counts.get(0);
  }

  @Override
  public void wrongRollups(LocalDate day, Consumer<CostRollup> to) {
    query(
        WRONG_ROLLUPS,
        ofDay(day),
        row -> {
          CostRollup rollup = new CostRollup();
          rollup.setWindow(RollupWindow.values()[(int) row.getLong("window")]);
          rollup.setWindowStartMicros(row.getLong("start"));
          rollup.setTeam(row.getString("team"));
          rollup.setModel(row.getString("model"));
          rollup.setFeature(row.getString("feature"));
          rollup.setRevision(row.getLong("revision") + 1);
          rollup.setLastEventMicros(row.getLong("last"));
          FactSums.read(row, rollup);
          to.accept(rollup);
        });
  }

  @Override
  public void wrongScopeRollups(LocalDate day, Cut cut, Consumer<ScopeRollup> to) {
    Map<String, Object> parameters = ofDay(day);
    parameters.put("cut", cut.name());
    List<String> dimensions = cut.dimensions();
    for (int i = 0; i < dimensions.size(); i++) {
      parameters.put("dimension" + i, dimensions.get(i));
      if (dimensions.get(i).startsWith(TAGS)) {
        parameters.put("tag" + i, dimensions.get(i).substring(TAGS.length()));
      }
    }
    query(
        WRONG_SCOPE_ROLLUPS
            .replace("$dims", each(dimensions, i -> ofFact(dimensions.get(i), i) + " AS d" + i))
            .replace(
                "$storedDims",
                each(dimensions, i -> "r.scope[{dimension" + i + ":String}] AS d" + i))
            .replace("$names", each(dimensions, i -> "d" + i))
            .replace("$named", each(dimensions, i -> "f.d" + i + " AS d" + i))
            .replace(
                "$same",
                IntStream.range(0, dimensions.size())
                    .mapToObj(i -> "f.d%1$d = s.d%1$d".formatted(i))
                    .collect(Collectors.joining(" AND "))),
        parameters,
        row -> {
          ScopeRollup rollup = new ScopeRollup();
          rollup.setWindow(RollupWindow.values()[(int) row.getLong("window")]);
          rollup.setWindowStartMicros(row.getLong("start"));
          rollup.setScope(
              cut.scope(
                  IntStream.range(0, dimensions.size())
                      .mapToObj(i -> row.getString("d" + i))
                      .toList()));
          rollup.setRevision(row.getLong("revision") + 1);
          rollup.setLastEventMicros(row.getLong("last"));
          FactSums.read(row, rollup);
          to.accept(rollup);
        });
  }

  private static String ofFact(String dimension, int index) {
    return dimension.startsWith(TAGS)
        ? "f.tags[{tag" + index + ":String}]"
        : "toString(f." + dimension + ")";
  }

  private static String each(List<String> dimensions, IntFunction<String> expression) {
    return IntStream.range(0, dimensions.size())
        .mapToObj(expression)
        .collect(Collectors.joining(", "));
  }

  private Map<String, Object> ofDay(LocalDate day) {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("zone", zone.getId());
    parameters.put("day", day.toString());
    parameters.put("from", start(day));
    parameters.put("to", start(day.plusDays(1)));
    return parameters;
  }

  /**
   * The column `day` says which day it is; the time lets ClickHouse leave the other days unread.
   */
  private void onDay(Conditions conditions, LocalDate day) {
    conditions.add("day = {day:Date}", "day", day.toString());
    conditions.add(
        "event_time >= fromUnixTimestamp64Micro({dayStart:Int64})", "dayStart", start(day));
    conditions.add(
        "event_time < fromUnixTimestamp64Micro({dayEnd:Int64})", "dayEnd", start(day.plusDays(1)));
  }

  private long start(LocalDate day) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, day.atStartOfDay(zone).toInstant());
  }

  private void query(
      String sql, Map<String, Object> parameters, Consumer<ClickHouseBinaryFormatReader> each) {
    read(
        sql,
        parameters,
        reader -> {
          while (reader.next() != null) {
            each.accept(reader);
          }
        });
  }

  private void read(
      String sql, Map<String, Object> parameters, Consumer<ClickHouseBinaryFormatReader> all) {
    QuerySettings settings =
        new QuerySettings()
            .setDatabase(database)
            .setFormat(ClickHouseFormat.RowBinaryWithNamesAndTypes);
    try (QueryResponse response =
            client
                .query(sql, parameters, settings)
                .get(FIRST_ROW_WITHIN_SECONDS, TimeUnit.SECONDS);
        ClickHouseBinaryFormatReader reader = client.newBinaryFormatReader(response)) {
      all.accept(reader);
    } catch (ClickHouseException | ExecutionException | TimeoutException e) {
      throw away(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw away(e);
    } catch (StoreAwayException e) {
      throw e;
    } catch (Exception e) {
      // close() of the client's classes declares no narrower type.
      if (e instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw away(e);
    }
  }

  private static StoreAwayException away(Exception e) {
    Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
    return new StoreAwayException("ClickHouse: " + cause.getMessage(), cause);
  }
}
