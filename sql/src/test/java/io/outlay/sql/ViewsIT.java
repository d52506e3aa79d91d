package io.outlay.sql;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.query.QueryResponse;
import com.clickhouse.client.api.query.QuerySettings;
import io.outlay.sql.testing.ClickHouseEndpoint;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What each view shows, against figures worked out by hand. */
class ViewsIT {
  private static final String DAY = "2026-11-20";
  private static final String LLM = "io.outlay.llm.usage";

  private static ClickHouseEndpoint endpoint;
  private static Client client;
  private int events;

  @BeforeAll
  static void migrate(@TempDir Path data) {
    endpoint = ClickHouseEndpoint.start(data);
    client = endpoint.client();
    new Migrations(client, "outlay").apply();
  }

  @AfterAll
  static void stop() {
    client.close();
    endpoint.close();
  }

  @BeforeEach
  void empty() throws Exception {
    run("TRUNCATE TABLE outlay.usage_costs_store");
    run("TRUNCATE TABLE outlay.cost_rollups_store");
  }

  @Test
  void givenAnEventStoredTwice_whenRead_thenItIsThereOnce() throws Exception {
    fact(1, "team, cost, kafka_offset", "'search', '1.5', 1");
    fact(1, "team, cost, kafka_offset", "'search', '1.5', 2");

    assertThat(tsv("SELECT count(), sum(cost) FROM outlay.usage_costs_store"))
        .containsExactly("2\t3");
    assertThat(tsv("SELECT count(), sum(cost) FROM outlay.usage_costs")).containsExactly("1\t1.5");
  }

  @Test
  void givenALaterRating_whenRead_thenOnlyTheHighestRevisionShowsWhateverTheOrder()
      throws Exception {
    fact(1, "pricing_status, revision, cost", "'UNPRICED', 1, '0'");
    fact(1, "pricing_status, revision, cost", "'PRICED', 3, '0.000000000003'");
    fact(1, "pricing_status, revision, cost", "'PRICED', 2, '0.2'");

    assertThat(tsv("SELECT pricing_status, revision, cost FROM outlay.usage_costs"))
        .containsExactly("PRICED\t3\t0.000000000003");
    assertThat(tsv("SELECT count() FROM outlay.usage_costs WHERE pricing_status = 'UNPRICED'"))
        .containsExactly("0");
  }

  @Test
  void givenEventsOfTwoMonths_whenRead_thenRevisionsMeetWithinTheirMonth() throws Exception {
    fact(1, "event_time, cost, revision", "'2026-10-31 23:59:59.999999', '1', 1");
    fact(1, "event_time, cost, revision", "'2026-10-31 23:59:59.999999', '2', 2");
    fact(2, "event_time, cost, revision", "'2026-11-01 00:00:00.000000', '4', 1");

    assertThat(tsv("SELECT count(), sum(cost) FROM outlay.usage_costs")).containsExactly("2\t6");
    assertThat(tsv("SELECT sum(cost) FROM outlay.usage_costs WHERE event_time < '2026-11-01'"))
        .containsExactly("2");
  }

  @Test
  void givenTheLargestAmounts_whenSummed_thenNothingOverflows() throws Exception {
    run(
        "INSERT INTO outlay.usage_costs_store (event_key, event_time, day, cost) SELECT"
            + " generateUUIDv4(), '2026-11-20 00:00:00', '2026-11-20', '999999.999999999999' FROM"
            + " numbers(100000)");

    assertThat(tsv("SELECT sum(cost) FROM outlay.usage_costs"))
        .containsExactly("99999999999.9999999");
  }

  @Test
  void givenRollups_whenSpendIsRead_thenTheHighestRevisionOfEachDayCounts() throws Exception {
    rollup("'minute', '2026-11-20 10:00:00', 'search', 'gpt', 'rank', 1, '9', 1");
    rollup("'day', '2026-11-20 00:00:00', 'search', 'gpt', 'rank', 1, '1.25', 1");
    rollup("'day', '2026-11-20 00:00:00', 'search', 'gpt', 'rank', 2, '2.5', 2");
    rollup("'day', '2026-11-20 00:00:00', 'search', 'o3', 'rank', 1, '0.5', 1");
    rollup("'day', '2026-11-20 00:00:00', 'shop', 'gpt', 'chat', 3, '4', 1");
    rollup("'day', '2026-11-19 00:00:00', 'shop', 'gpt', 'chat', 5, '8', 1");

    assertThat(
            tsv(
                "SELECT day, team, model, feature, events, cost FROM outlay.spend_by_day ORDER BY"
                    + " ALL"))
        .containsExactly(
            "2026-11-19\tshop\tgpt\tchat\t5\t8",
            "2026-11-20\tsearch\tgpt\trank\t2\t2.5",
            "2026-11-20\tsearch\to3\trank\t1\t0.5",
            "2026-11-20\tshop\tgpt\tchat\t3\t4");
    assertThat(tsv("SELECT day, team, events, cost FROM outlay.spend_by_team ORDER BY ALL"))
        .containsExactly(
            "2026-11-19\tshop\t5\t8", "2026-11-20\tsearch\t3\t3", "2026-11-20\tshop\t3\t4");
    assertThat(tsv("SELECT day, model, events, cost FROM outlay.spend_by_model ORDER BY ALL"))
        .containsExactly(
            "2026-11-19\tgpt\t5\t8", "2026-11-20\tgpt\t5\t6.5", "2026-11-20\to3\t1\t0.5");
    assertThat(
            tsv(
                "SELECT day, team, feature, events, cost FROM outlay.spend_by_feature ORDER BY ALL"))
        .containsExactly(
            "2026-11-19\tshop\tchat\t5\t8",
            "2026-11-20\tsearch\trank\t3\t3",
            "2026-11-20\tshop\tchat\t3\t4");
  }

  @Test
  void givenSignals_whenADayIsRead_thenRatiosStandBesideTheirSumsAndAreNullWithoutThem()
      throws Exception {
    run(
        "INSERT INTO outlay.cost_rollups_store (window, window_start, day, team, cost, requests,"
            + " status_events, errors, latency_events, latency_millis, gpu_millis,"
            + " gpu_measured_millis, gpu_busy_millis, gpu_idle_cost, cache_lookups, cache_hits,"
            + " score_events, score_millionths) VALUES ('day', '2026-11-20 00:00:00',"
            + " '2026-11-20', 'search', '1', 3, 4, 1, 2, 300, 9000, 8000, 2000, '0.75', 5, 4, 2,"
            + " 1500000), ('day', '2026-11-20 00:00:00', '2026-11-20', 'shop', '2', 0, 0, 0, 0, 0,"
            + " 0, 0, 0, 0, 0, 0, 0, 0), ('hour', '2026-11-20 00:00:00', '2026-11-20', 'shop',"
            + " '2', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)");

    assertThat(
            tsv(
                "SELECT team, cost_per_request, error_rate, mean_latency_ms, gpu_utilization,"
                    + " gpu_idle_cost, cache_hit_rate, mean_score FROM outlay.signals_by_day ORDER"
                    + " BY team"))
        .containsExactly(
            "search\t0.333333333333\t0.25\t150\t0.25\t0.75\t0.8\t0.75",
            "shop\t\\N\t\\N\t\\N\t\\N\t0\t\\N\t\\N");
  }

  @Test
  void givenRequestsAndCallsWithoutOne_whenCostPerRequestIsRead_thenPercentilesAreOfRequests()
      throws Exception {
    // Two calls of one request: 3. Nine requests by themselves: 1 to 9, of which 9 is unknown.
    call("request_id, cost", "'r-1', '1'");
    call("request_id, cost", "'r-1', '2'");
    for (int cost = 1; cost <= 8; cost++) {
      call("cost", "'" + cost + "'");
    }
    call("cost, pricing_status", "'0', 'UNPRICED'");

    // Known costs, sorted: 1 2 3 3 4 5 6 7 8.
    assertThat(
            tsv(
                "SELECT team, feature, model, requests, unpriced_requests, cost, p50, p90, p99 FROM"
                    + " outlay.cost_per_request"))
        .containsExactly("search\trank\tgpt\t10\t1\t39\t4\t8\t8");
  }

  @Test
  void givenACallThatStandsForMany_whenCostPerRequestIsRead_thenItWeighsAsMany() throws Exception {
    call("requests, cost", "99, '99'");
    call("requests, cost", "1, '50'");

    assertThat(tsv("SELECT requests, cost, p50, p99 FROM outlay.cost_per_request"))
        .containsExactly("100\t149\t1\t1");
  }

  @Test
  void givenTheStepsOfAQuery_whenItsCostIsRead_thenTheyAddUp() throws Exception {
    call("request_id, operation, cost", "'r-1', 'embedding', '0.01'");
    call("request_id, operation, cost", "'r-1', 'rerank', '0.02'");
    call("request_id, operation, cost", "'r-1', 'retrieve', '0.005'");
    call("request_id, operation, cost", "'r-1', 'chat', '0.4'");
    call("request_id, operation, cost", "'r-1', 'chat', '0.1'");
    call("request_id, operation, cost", "'r-1', 'speech', '0.003'");
    fact(
        events + 1,
        "type, team, request_id, score",
        "'io.outlay.quality.score', 'search', 'r-1', '0.8'");
    call("request_id, operation, cost", "'r-2', 'chat', '7'");
    call("operation, cost", "'chat', '7'");

    assertThat(
            tsv(
                "SELECT request_id, team, events, embed_cost, retrieve_cost, rerank_cost,"
                    + " generate_cost, other_cost, total_cost, mean_score FROM"
                    + " outlay.cost_per_query ORDER BY request_id"))
        .containsExactly(
            "r-1\tsearch\t7\t0.01\t0.005\t0.02\t0.5\t0.003\t0.538\t0.8",
            "r-2\tsearch\t1\t0\t0\t0\t7\t0\t7\t\\N");
  }

  @Test
  void givenLookups_whenCacheSavingsAreRead_thenHitsAndAvoidedCostStandByLayer() throws Exception {
    lookup("'exact', true, '0.25'");
    lookup("'exact', true, '0.5'");
    lookup("'exact', false, '0'");
    lookup("'exact', false, '0'");
    lookup("'semantic', true, NULL");

    assertThat(
            tsv(
                "SELECT layer, lookups, hits, hit_rate, avoided_cost, hits_without_price FROM"
                    + " outlay.cache_savings ORDER BY layer"))
        .containsExactly("exact\t4\t2\t0.5\t0.75\t0", "semantic\t1\t1\t1\t0\t1");
  }

  @Test
  void givenRoutedCalls_whenRoutingSavingsAreRead_thenTheBaselineIsCostPlusSaved()
      throws Exception {
    call("baseline_model, model, cost, avoided_cost", "'o3', 'gpt', '1', '9'");
    call("baseline_model, model, cost, avoided_cost", "'o3', 'gpt', '4', '-1'");
    call("baseline_model, model, cost, avoided_cost", "'o3', 'gpt', '2', NULL");
    call("cost, avoided_cost", "'100', '0'");

    assertThat(
            tsv(
                "SELECT baseline_model, model, requests, cost, baseline_cost, saved,"
                    + " events_without_price FROM outlay.routing_savings"))
        .containsExactly("o3\tgpt\t3\t5\t13\t8\t1");
  }

  @Test
  void givenGpuTime_whenUtilisationIsRead_thenIdleCostIsExactAndUtilisationWeighted()
      throws Exception {
    gpu("'2', '0.25', '0.000000000001'");
    gpu("'3600', '0.5', '2'");
    gpu("'3600', '1', '6'");
    gpu("'3600', NULL, '1'");

    // Idle: 10^-12 * 0.75 + 2 * 0.5 + 6 * 0 = 1.00000000000075; used: 1 - idle / (8 + 10^-12).
    assertThat(
            tsv(
                "SELECT gpu_model, purchase_option, cloud, gpu_seconds, cost, idle_cost,"
                    + " cost_of_unknown_utilization, utilization FROM outlay.gpu_utilization"))
        .containsExactly("H100\tspot\taws\t10802\t9.000000000001\t1.00000000000075\t1\t0.875");
  }

  @Test
  void givenStorage_whenTiersAreRead_thenGigabyteMonthsAreOfThirtyDays() throws Exception {
    // 3 * 10^9 bytes for 15 days, and 10^18 bytes for 30 days: 1.5 and 10^9 gigabyte-months.
    storage("'io.outlay.storage.usage', 'hot', '', 3000000000, '1296000', '0.0345'");
    storage("'io.outlay.storage.usage', 'cold', '', 1000000000000000000, '2592000', '4000'");
    storage("'io.outlay.storage.move', '', 'cold', 5000, '0', '0.01'");

    assertThat(
            tsv(
                "SELECT store, tier, gb_months, storage_cost, moved_bytes, moves_cost FROM"
                    + " outlay.storage_by_tier ORDER BY tier"))
        .containsExactly(
            "lake\tcold\t1000000000\t4000\t5000\t0.01", "lake\thot\t1.5\t0.0345\t0\t0");
  }

  @Test
  void givenUnpricedUsage_whenRead_thenWhatWaitsStandsByModel() throws Exception {
    call(
        "provider, model, pricing_status, reason, input_tokens, cache_read_tokens, output_tokens",
        "'acme', 'new-1', 'UNPRICED', 'no price', 10, 5, 7");
    call(
        "provider, model, pricing_status, reason, input_tokens, team",
        "'acme', 'new-1', 'UNPRICED', 'no price', 100, 'shop'");
    fact(
        90,
        "type, team, gpu_model, gpu_seconds, pricing_status, reason",
        "'io.outlay.gpu.usage', 'search', 'TPU9', '60', 'UNPRICED', 'no price'");
    call("model, pricing_status", "'gpt', 'PRICED'");

    assertThat(
            tsv(
                "SELECT type, provider, model, events, teams, input_tokens, output_tokens,"
                    + " gpu_seconds FROM outlay.unpriced_usage ORDER BY model"))
        .containsExactly(
            "io.outlay.gpu.usage\t\tTPU9\t1\t1\t0\t0\t60", LLM + "\tacme\tnew-1\t2\t2\t115\t7\t0");
  }

  @Test
  void givenCompactedTopics_whenRead_thenTheLatestHoldsAndTombstonesAreGone() throws Exception {
    for (String row :
        List.of(
            "('a', 1, 0, 1)",
            "('a', 2, 0, 7)",
            "('b', 1, 0, 2)",
            "('b', 1, 1, 3)",
            "('c', 1, 1, 4)",
            "('c', 9, 0, 5)")) {
      run("INSERT INTO outlay.prices_store (id, version, deleted, kafka_offset) VALUES " + row);
    }

    assertThat(tsv("SELECT id, version FROM outlay.prices ORDER BY id"))
        .containsExactly("a\t2", "c\t9");
  }

  @Test
  void givenAPriceOfBeforeRulesWereStored_whenRead_thenItHoldsAllDayForExactlyItsName()
      throws Exception {
    run(
        "INSERT INTO outlay.prices_store (id, version, rates, kafka_offset) VALUES"
            + " ('old', 1, [(0, '', 'input_tokens', 2.5), (9, 'batch', 'output_tokens', 10)], 1)");

    assertThat(
            tsv(
                "SELECT match, aliases, region, rates, tier_multipliers, discount"
                    + " FROM outlay.prices WHERE id = 'old'"))
        .containsExactly(
            "exact\t[]\t\t[(0,'','input_tokens',2.5,0,1440),(9,'batch','output_tokens',10,0,1440)]"
                + "\t{}\t0");
  }

  @Test
  void givenRatesByTimeOfDay_whenRead_thenEachSaysItsMinutesByName() throws Exception {
    run(
        "INSERT INTO outlay.prices_store (id, version, rates, rate_minutes, kafka_offset) VALUES"
            + " ('daily', 1, [(0, '', 'input_tokens', 2), (0, '', 'input_tokens', 1)],"
            + " [(0, 1440), (990, 30)], 1)");

    assertThat(
            tsv(
                "SELECT r.meter, r.amount, r.from_minute, r.to_minute FROM outlay.prices ARRAY JOIN"
                    + " rates AS r WHERE id = 'daily' ORDER BY r.from_minute"))
        .containsExactly("input_tokens\t2\t0\t1440", "input_tokens\t1\t990\t30");
  }

  @Test
  void givenTheAnalystsQueries_whenRun_thenEachAnswersAndSaysWhatItAsks() throws Exception {
    List<Path> files;
    try (Stream<Path> found = Files.list(Path.of("queries"))) {
      files = found.sorted().toList();
    }
    call("request_id, operation, cost", "'r-1', 'chat', '1'");
    lookup("'exact', true, '0.25'");
    gpu("'3600', '0.5', '2'");

    assertThat(files).hasSizeGreaterThanOrEqualTo(8);
    for (Path file : files) {
      String sql = Files.readString(file).strip();
      assertThat(sql).as(file.toString()).startsWith("-- ").endsWith(";");
      tsv(sql.substring(0, sql.length() - 1));
    }
  }

  @Test
  void givenTheOfficialJdbcDriver_whenItReads_thenDecimalsAndTimesAreExact() throws Exception {
    call(
        "event_time, cost, latency_ms, tags",
        "'2026-11-20 12:34:56.123456', '123456.000000000001', NULL, map('k', 'v')");
    rollup(
        "'day', '2026-11-20 00:00:00', 'search', 'gpt', 'rank', 1, '99999999999.000000000001', 1");

    String url = "jdbc:clickhouse:" + endpoint.url() + "/outlay";
    try (Connection connection = DriverManager.getConnection(url, "default", "");
        Statement statement = connection.createStatement()) {
      try (ResultSet row = single(statement, "SELECT * FROM usage_costs")) {
        assertThat(row.getBigDecimal("cost")).isEqualTo(new BigDecimal("123456.000000000001"));
        assertThat(row.getObject("event_time", LocalDateTime.class))
            .isEqualTo(LocalDateTime.parse("2026-11-20T12:34:56.123456"));
        assertThat(row.getString("team")).isEqualTo("search");
        assertThat(row.getString("pricing_status")).isEqualTo("PRICED");
        row.getLong("latency_ms");
        assertThat(row.wasNull()).isTrue();
      }
      try (ResultSet row = single(statement, "SELECT sum(cost) AS total FROM spend_by_team")) {
        assertThat(row.getBigDecimal("total"))
            .isEqualTo(new BigDecimal("99999999999.000000000001"));
      }
    }
  }

  @Test
  void givenSavingsOfEveryKind_whenADayIsRead_thenEachColumnIsTheSumOfItsFacts() throws Exception {
    String saved = "cost, list_cost, avoided_cost, prompt_cache_saved, tier_saved";
    // A negotiated batch call with a cached prompt, one routed at standard, one that is unknown.
    call(saved, "'0.4', '0.5', '0', '0.25', '0.4'");
    call("baseline_model, " + saved, "'o3', '1', '1', '7', '-0.125', '0'");
    call("baseline_model, " + saved, "'o3', '2', '2', NULL, NULL, NULL");
    call("pricing_status, " + saved, "'UNPRICED', '0', '0', '0', NULL, NULL");
    fact(
        ++events,
        "type, team, feature, model, " + saved,
        "'io.outlay.cache.lookup', 'search', 'rank', 'gpt', '0', '0', '3', '0', '0'");
    fact(
        ++events,
        "type, team, provider, gpu_model, purchase_option, " + saved,
        "'io.outlay.gpu.usage', 'search', 'aws', 'H100', 'spot', '0.96', '3.2', '0', '0', '0'");

    assertThat(
            tsv(
                "SELECT day, team, feature, model, events, unpriced_events, unknown_savings, cost,"
                    + " list_cost, capacity_saved, negotiated_saved, cache_hit_saved,"
                    + " routing_saved, prompt_cache_saved, tier_saved FROM outlay.savings_by_day"
                    + " ORDER BY ALL"))
        .containsExactly(
            "2026-11-20\tsearch\t\t\t1\t0\t0\t0.96\t3.2\t2.24\t0\t0\t0\t0\t0",
            "2026-11-20\tsearch\trank\tgpt\t5\t1\t1\t3.4\t3.5\t0\t0.1\t3\t7\t0.125\t0.4");
    assertThat(
            tsv(
                "SELECT sum(s.list_cost) = sum(s.cost) + sum(s.capacity_saved) +"
                    + " sum(s.negotiated_saved), sum(s.list_cost) FROM outlay.savings_by_day AS"
                    + " s"))
        .containsExactly("1\t6.7");
  }

  private static ResultSet single(Statement statement, String sql) throws SQLException {
    ResultSet rows = statement.executeQuery(sql);
    assertThat(rows.next()).as(sql).isTrue();
    return rows;
  }

  private void call(String columns, String values) throws Exception {
    StringBuilder names = new StringBuilder("type, " + columns);
    StringBuilder all = new StringBuilder("'" + LLM + "', " + values);
    addUnless(names, all, "team", "'search'");
    addUnless(names, all, "feature", "'rank'");
    addUnless(names, all, "model", "'gpt'");
    addUnless(names, all, "requests", "1");
    fact(++events, names.toString(), all.toString());
  }

  private static void addUnless(
      StringBuilder names, StringBuilder values, String name, String value) {
    if (!List.of(names.toString().split(", ")).contains(name)) {
      names.append(", ").append(name);
      values.append(", ").append(value);
    }
  }

  private void lookup(String values) throws Exception {
    fact(
        ++events,
        "type, team, cache_layer, cache_hit, avoided_cost",
        "'io.outlay.cache.lookup', 'search', " + values);
  }

  private void gpu(String values) throws Exception {
    fact(
        ++events,
        "type, team, provider, gpu_model, purchase_option, gpu_seconds, utilization, cost",
        "'io.outlay.gpu.usage', 'search', 'aws', 'H100', 'spot', " + values);
  }

  private void storage(String values) throws Exception {
    fact(
        ++events,
        "team, store, type, tier, to_tier, bytes, seconds, cost",
        "'search', 'lake', " + values);
  }

  /** One fact; events of the same number are revisions of one another. */
  private static void fact(int number, String columns, String values) throws Exception {
    boolean timed = columns.contains("event_time");
    run(
        "INSERT INTO outlay.usage_costs_store (event_key, day, "
            + (timed ? "" : "event_time, ")
            + columns
            + ") VALUES ('00000000-0000-0000-0000-%012d', '%s', ".formatted(number, DAY)
            + (timed ? "" : "'" + DAY + " 10:00:00', ")
            + values
            + ")");
  }

  private static void rollup(String values) throws Exception {
    run(
        "INSERT INTO outlay.cost_rollups_store (window, window_start, team, model, feature, events,"
            + " cost, revision, day) VALUES ("
            + values
            + ", toDate('"
            + values.substring(values.indexOf("2026-"), values.indexOf("2026-") + 10)
            + "'))");
  }

  private static void run(String sql) throws Exception {
    client.execute(sql).get().close();
  }

  private static List<String> tsv(String sql) throws Exception {
    QuerySettings settings = new QuerySettings().setDatabase("outlay");
    try (QueryResponse response = client.query(sql + " FORMAT TabSeparated", settings).get()) {
      return new String(readAll(response), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static byte[] readAll(QueryResponse response) throws IOException {
    return response.getInputStream().readAllBytes();
  }
}
