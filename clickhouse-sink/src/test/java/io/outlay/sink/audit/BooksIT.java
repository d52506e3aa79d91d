package io.outlay.sink.audit;

import com.clickhouse.client.api.Client;
import io.outlay.sink.audit.Audit.Patience;
import io.outlay.sink.audit.Audit.Scope;
import io.outlay.sink.audit.AuditReport.Difference;
import io.outlay.sink.audit.AuditReport.Equation;
import io.outlay.sink.audit.AuditReport.Line;
import io.outlay.sql.Migrations;
import io.outlay.sql.testing.ClickHouseEndpoint;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The checks against the real engine: green on sound books, red for each kind of damage. */
class BooksIT {
  private static final Patience PATIENCE = new Patience(Duration.ZERO, Duration.ofSeconds(15));

  private static ClickHouseEndpoint endpoint;
  private static Client client;
  private static int tests;

  private final String database = "books" + ++tests;
  private final Query query = new ClickHouseQuery(client, database);
  private ZoneId zone = ZoneId.of("UTC");
  private Map<Integer, UsageOffsets> usage =
      Map.of(0, new UsageOffsets(0, 9), 1, new UsageOffsets(0, 0));

  @BeforeAll
  static void startEngine(@TempDir Path data) {
    endpoint = ClickHouseEndpoint.start(data);
    client = endpoint.client();
  }

  @AfterAll
  static void stopEngine() {
    client.close();
    endpoint.close();
  }

  @BeforeEach
  void keepBooks() throws Exception {
    new Migrations(client, database).apply();
    fact("a", "2026-11-20 12:00:01.000001", "search", "gpt", "rank", "PRICED", "1.000000000001");
    fact("b", "2026-11-20 12:00:59.999999", "search", "gpt", "rank", "PRICED", "2");
    fact("c", "2026-11-20 12:01:00.000000", "search", "gpt", "rank", "UNPRICED", "0");
    fact("d", "2026-11-20 23:59:59.000000", "ads", "gpt", "", "PRICED", "-0.000000000007");
    fact("e", "2026-11-21 00:00:00.000000", "ads", "", "", "FREE", "0");
    fact("f", "2026-10-25 00:59:30.000000", "search", "gpt", "rank", "PRICED", "5");
    rollups("UTC");
    deadLetter(0, 6, "invalid");
    deadLetter(0, 7, "too_late");
    ledger(9, 4, 1, 1);
  }

  @Test
  void givenSoundBooks_whenAudited_thenEveryEquationShowsTwoEqualSides() {
    AuditReport report = audit();

    assertThat(report.status()).as(report.toString()).isEqualTo("balanced");
    assertThat(report.equations())
        .extracting(Equation::name)
        .containsExactly(
            "positions",
            "offsets",
            "usage",
            "dead letters",
            "rollup totals",
            "facts",
            "costs",
            "revisions",
            "inserts",
            "rollups");
    assertThat(line(report, "facts", "facts").right()).isEqualTo("6");
    assertThat(line(report, "costs", "cost").right()).isEqualTo("7.999999999994");
    assertThat(line(report, "costs", "list cost").left()).isEqualTo("13.999999999994");
    assertThat(line(report, "costs", "avoided cost").left()).isEqualTo("1.5");
    assertThat(line(report, "dead letters", "all").left()).isEqualTo("2");
    for (String window : List.of("minutes", "hours", "days")) {
      assertThat(line(report, "rollups", window + ": events").left()).isEqualTo("6");
      assertThat(line(report, "rollups", window + ": unpriced events").right()).isEqualTo("1");
      assertThat(line(report, "rollups", window + ": cost").left()).isEqualTo("7.999999999994");
      assertThat(line(report, "rollups", window + ": requests").right()).isEqualTo("6");
      assertThat(line(report, "rollups", window + ": input tokens").left()).isEqualTo("198");
      assertThat(line(report, "rollups", window + ": output tokens").left()).isEqualTo("330");
      assertThat(line(report, "rollups", window + ": errors").left()).isEqualTo("1");
      assertThat(line(report, "rollups", window + ": latency").left()).isEqualTo("600");
      assertThat(line(report, "rollups", window + ": GPU milliseconds busy").left())
          .isEqualTo("3000");
      assertThat(line(report, "rollups", window + ": GPU idle cost").left())
          .isEqualTo("5.249999999995");
      assertThat(line(report, "rollups", window + ": sum of scores").left()).isEqualTo("750000");
    }
  }

  @Test
  void givenASignalThatIsNotThatOfTheFacts_whenAudited_thenItIsNamed() throws Exception {
    execute(
        "ALTER TABLE {database}.cost_rollups_store UPDATE gpu_busy_millis = gpu_busy_millis + 1"
            + " WHERE window = 'hour' AND team = 'ads' SETTINGS mutations_sync = 1");

    AuditReport report = audit();

    assertThat(differing(report)).containsExactly("rollups");
    assertThat(equation(report, "rollups").cells())
        .extracting(Difference::what)
        .containsOnly("GPU milliseconds busy");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Europe/Berlin", "Asia/Kolkata", "+02:00", "America/St_Johns"})
  void givenAnotherZone_whenAudited_thenHoursAndDaysAreThose(String name) throws Exception {
    zone = ZoneId.of(name);
    execute("TRUNCATE TABLE {database}.cost_rollups_store");
    rollups(name.equals("+02:00") ? "Africa/Maputo" : name);

    assertThat(audit().status()).as(audit().toString()).isEqualTo("balanced");
  }

  @Test
  void givenAChangedCost_whenAudited_thenItsCellsAreNamedWithBothSums() throws Exception {
    execute(
        "ALTER TABLE {database}.usage_costs_store UPDATE cost = cost + 0.000000000001 WHERE"
            + " event_id = 'a' SETTINGS mutations_sync = 1");

    AuditReport report = audit();

    assertThat(differing(report)).containsExactly("costs", "rollups");
    assertThat(line(report, "costs", "cost").difference()).isEqualTo("0.000000000001");
    Equation rollups = equation(report, "rollups");
    assertThat(rollups.cells())
        .extracting(cell -> cell.place() + " " + cell.what())
        .containsExactlyInAnyOrder(
            "minute 2026-11-20T12:00:00Z team=search model=gpt feature=rank cost",
            "hour 2026-11-20T12:00:00Z team=search model=gpt feature=rank cost",
            "day 2026-11-20T00:00:00Z team=search model=gpt feature=rank cost");
    Difference day = cell(rollups, "day", "cost");
    assertThat(day.left()).isEqualTo("3.000000000002");
    assertThat(day.right()).isEqualTo("3.000000000001");
    assertThat(day.difference()).isEqualTo("-0.000000000001");
    assertThat(day.status()).isEqualTo("differs");
  }

  @ParameterizedTest
  @ValueSource(strings = {"minute", "hour", "day"})
  void givenALostRollup_whenAudited_thenItIsNamed(String window) throws Exception {
    execute(
        "ALTER TABLE {database}.cost_rollups_store DELETE WHERE window = '"
            + window
            + "' AND window_start <= '2026-11-20 12:00:00' AND window_start > '2026-11-01' AND"
            + " team = 'search' SETTINGS mutations_sync = 1");

    AuditReport report = audit();

    assertThat(differing(report)).contains("rollups");
    if (window.equals("day")) {
      assertThat(differing(report)).containsExactly("rollup totals", "rollups");
    }
    Difference events = cell(equation(report, "rollups"), window, "events");
    assertThat(events.place().team()).isEqualTo("search");
    assertThat(events.left()).isIn("2", "3");
    assertThat(events.right()).isEqualTo("0");
  }

  @Test
  void givenAFactTwiceUnderAnotherSortingKey_whenAudited_thenTheSecondIsNamed() throws Exception {
    fact("b", "2026-11-20 12:00:59.999999", "search", "gpt", "copy", "PRICED", "2");

    AuditReport report = audit();

    assertThat(differing(report)).containsExactly("facts", "costs", "rollups");
    assertThat(line(report, "facts", "facts").difference()).isEqualTo("1");
    Difference events = cell(equation(report, "rollups"), "minute", "events");
    assertThat(events.place())
        .hasToString("minute 2026-11-20T12:00:00Z team=search model=gpt feature=copy");
    assertThat(events.left()).isEqualTo("1");
    assertThat(events.right()).isEqualTo("0");
  }

  @Test
  void givenARowThatCameTwice_whenAudited_thenReadersSeeOneAndTheInsertIsNamedUntilItIsMerged()
      throws Exception {
    execute("SYSTEM STOP MERGES {database}.usage_costs_store");
    fact("b", "2026-11-20 12:00:59.999999", "search", "gpt", "rank", "PRICED", "2");

    AuditReport report = audit();

    assertThat(differing(report)).containsExactly("inserts");
    assertThat(line(report, "inserts", "rows beyond one of each revision").right()).isEqualTo("1");
    assertThat(line(report, "facts", "facts").right()).isEqualTo("6");
    execute("SYSTEM START MERGES {database}.usage_costs_store");
    execute("OPTIMIZE TABLE {database}.usage_costs_store FINAL");
    assertThat(audit().status()).isEqualTo("balanced");
  }

  @Test
  void givenALostDeadLetter_whenAudited_thenItsPartitionAndReasonAreNamed() throws Exception {
    execute(
        "ALTER TABLE {database}.dead_letters_store DELETE WHERE offset = 7 SETTINGS"
            + " mutations_sync = 1");

    AuditReport report = audit();

    assertThat(differing(report)).containsExactly("dead letters");
    assertThat(line(report, "dead letters", "partition 0: too_late").difference()).isEqualTo("-1");
    assertThat(line(report, "dead letters", "partition 0: invalid").status()).isEqualTo("balanced");
    assertThat(line(report, "dead letters", "all").status()).isEqualTo("differs");
  }

  @Test
  void givenADeadLetterOfAnotherTopic_whenAudited_thenItIsNotOfTheUsage() throws Exception {
    execute(
        "INSERT INTO {database}.dead_letters_store (topic, partition, offset, reason) VALUES"
            + " ('t.costs', 0, 1, 'invalid')");

    assertThat(audit().status()).isEqualTo("balanced");
  }

  @Test
  void givenALostFact_whenAudited_thenItsCellsAreNamed() throws Exception {
    execute(
        "ALTER TABLE {database}.usage_costs_store DELETE WHERE event_id = 'c' SETTINGS"
            + " mutations_sync = 1");

    AuditReport report = audit();

    assertThat(differing(report)).containsExactly("facts", "costs", "rollups");
    assertThat(line(report, "facts", "unpriced").difference()).isEqualTo("-1");
    assertThat(cell(equation(report, "rollups"), "minute", "unpriced events").place().start())
        .isEqualTo("2026-11-20T12:01:00Z");
  }

  @Test
  void givenAFactAndItsRollupsLost_whenRecentBooksAreAudited_thenTheLedgerTells() throws Exception {
    execute(
        "ALTER TABLE {database}.usage_costs_store DELETE WHERE event_id = 'f' SETTINGS"
            + " mutations_sync = 1");
    execute(
        "ALTER TABLE {database}.cost_rollups_store DELETE WHERE window_start < '2026-11-01'"
            + " SETTINGS mutations_sync = 1");

    assertThat(differing(audit(Scope.RECENT))).containsExactly("rollup totals");
  }

  @Test
  void givenRecentBooks_whenAudited_thenOnlyDaysThatWereRatedLatelyAreRead() throws Exception {
    execute(
        "ALTER TABLE {database}.usage_costs_store UPDATE cost = cost + 1 WHERE event_id = 'f'"
            + " SETTINGS mutations_sync = 1");

    assertThat(audit(Scope.RECENT).status()).isEqualTo("balanced");
    assertThat(differing(audit(Scope.ALL))).containsExactly("costs", "rollups");
  }

  @Test
  void givenARepricing_whenAudited_thenWhatItRecordedExplainsTheDifference() throws Exception {
    repricing("'dry', 99, 1, 2, 3, 4, 5, 6, true");
    assertThat(audit().status()).as("a dry run changes nothing").isEqualTo("balanced");

    fact("c", "2026-11-20 12:01:00.000000", "search", "gpt", "rank", "PRICED", "4", 2);
    execute("TRUNCATE TABLE {database}.cost_rollups_store");
    rollups("UTC");
    assertThat(differing(audit())).contains("rollup totals", "costs", "revisions");

    repricing("'j', 1, 0, 4, 1, 5, 0.25, 0.25, false");
    AuditReport report = audit();
    assertThat(report.status()).as(report.toString()).isEqualTo("balanced");
    assertThat(line(report, "revisions", "revisions after the first").left()).isEqualTo("1");
  }

  private void repricing(String values) throws Exception {
    execute(
        "INSERT INTO {database}.repricings_store (id, facts_changed, old_cost, new_cost,"
            + " old_list_cost, new_list_cost, old_avoided_cost, new_avoided_cost, dry_run) VALUES ("
            + values
            + ")");
  }

  @Test
  void givenARecordThatBecameNothing_whenAudited_thenItsPartitionIsNamed() throws Exception {
    ledger(10, 5, 1, 1);
    execute(
        "INSERT INTO {database}.ledger_store SELECT * REPLACE (priced - 1 AS priced, revision + 1"
            + " AS revision) FROM {database}.ledger_store FINAL");

    assertThat(differing(audit())).contains("usage");
    assertThat(line(audit(), "usage", "partition 0: records").difference()).isEqualTo("-1");
  }

  @Test
  void givenRecordsRemovedBeforeTheyWereRead_whenAudited_thenTheyAreNumbered() {
    usage = Map.of(0, new UsageOffsets(12, 9));

    AuditReport report = audit();

    assertThat(differing(report)).containsExactly("offsets");
    assertThat(line(report, "offsets", "partition 0: removed before they were read").right())
        .isEqualTo("3");
  }

  @Test
  void givenAPartitionThatWasReadWithoutALedger_whenAudited_thenItIsNamed() {
    usage = Map.of(0, new UsageOffsets(0, 9), 3, new UsageOffsets(0, 4));

    assertThat(differing(audit())).containsExactly("offsets");
  }

  @Test
  void givenNoBooksAtAll_whenAudited_thenNothingEqualsNothing() throws Exception {
    for (String table : List.of("usage_costs", "cost_rollups", "dead_letters", "ledger")) {
      execute("TRUNCATE TABLE {database}." + table + "_store");
    }
    usage = Map.of(0, new UsageOffsets(0, 0));

    assertThat(audit().status()).isEqualTo("balanced");
  }

  @Test
  void givenAQueryThatIsRefused_whenAsked_thenTheErrorSaysClickHouse() {
    assertThatThrownBy(() -> query.rows("SELECT nothing FROM {database}.nowhere"))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("ClickHouse")
        .hasMessageContaining("nowhere");
  }

  private AuditReport audit() {
    return audit(Scope.ALL);
  }

  private AuditReport audit(Scope scope) {
    return new Books(query, () -> usage, "t.usage", zone, Duration.ofHours(2))
        .audit(within -> List.of(), Clock.systemUTC())
        .run(scope, PATIENCE);
  }

  private static List<String> differing(AuditReport report) {
    return report.equations().stream()
        .filter(equation -> equation.status().equals("differs"))
        .map(Equation::name)
        .toList();
  }

  private static Equation equation(AuditReport report, String name) {
    return report.equations().stream()
        .filter(equation -> equation.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Line line(AuditReport report, String equation, String what) {
    return equation(report, equation).lines().stream()
        .filter(line -> line.what().equals(what))
        .findFirst()
        .orElseThrow();
  }

  private static Difference cell(Equation equation, String window, String what) {
    return equation.cells().stream()
        .filter(cell -> cell.place().window().equals(window) && cell.what().equals(what))
        .findFirst()
        .orElseThrow();
  }

  private void fact(
      String id, String time, String team, String model, String feature, String status, String cost)
      throws Exception {
    fact(id, time, team, model, feature, status, cost, 1);
  }

  private void fact(
      String id,
      String time,
      String team,
      String model,
      String feature,
      String status,
      String cost,
      int revision)
      throws Exception {
    boolean recent = !id.equals("f");
    execute(
        ("INSERT INTO {database}.usage_costs_store (event_key, event_id, event_time, team, model,"
                + " feature, pricing_status, cost, list_cost, avoided_cost, requests,"
                + " input_tokens, cache_read_tokens, cache_write_5m_tokens,"
                + " cache_write_1h_tokens, input_audio_tokens, input_image_tokens, output_tokens,"
                + " reasoning_tokens, output_audio_tokens, output_image_tokens, status, latency_ms,"
                + " gpu_seconds, utilization, cache_layer, cache_hit, score, revision,"
                + " rated_at) VALUES (toUUID('00000000-0000-0000-0000-0000000000%02x'), '%s',"
                + " '%s', '%s', '%s', '%s', '%s', %s, %s + 1, if('%s' = 'e', NULL, 0.3), 1, 3, 4,"
                + " 5, 6, 7, 8, 9, 10, 11, 25, if('%s' = 'b', 'error', 'ok'), 100, 1.4995,"
                + " if('%s' = 'e', NULL, if('%s' = 'a', 1, 0.25)), 'exact', '%s' = 'b', 0.125,"
                + " %d, %s)")
            .formatted(
                (int) id.charAt(0),
                id,
                time,
                team,
                model,
                feature,
                status,
                cost,
                cost,
                id,
                id,
                id,
                id,
                id,
                revision,
                recent ? "now64(6)" : "'2026-10-25 01:00:00'"));
  }

  /** Sums of the facts by other means than the audit's. */
  private void rollups(String zoneName) throws Exception {
    for (String window : List.of("Minute", "Hour", "Day")) {
      execute(
          ("INSERT INTO {database}.cost_rollups_store SELECT"
                  + " toDateTime64(toDateTime(toStartOf%1$s(toTimezone(toDateTime(event_time),"
                  + " '%2$s'))), 6, 'UTC') AS s, '%3$s', toDate(s), team, model, feature, count(),"
                  + " countIf(pricing_status = 'UNPRICED'), sum(cost), sum(list_cost),"
                  + " ifNull(sum(avoided_cost), 0), sum(requests), count() * 33, count() * 55, 1,"
                  + " max(event_time), count(), countIf(event_id = 'b'), count(), count() * 100,"
                  + " count() * 1500, countIf(event_id != 'e') * 1500, countIf(event_id = 'a') *"
                  + " 1500 + countIf(event_id NOT IN ('a', 'e')) * 375, sum(if(event_id IN ('a', 'e'), 0,"
                  + " toDecimal128(round(toDecimal128(cost, 12) * toDecimal128('0.75', 2), 12), 12))), count(),"
                  + " countIf(event_id = 'b'), count(), count() * 125000, 0, 0 FROM {database}.usage_costs_store FINAL GROUP BY s,"
                  + " team, model, feature")
              .formatted(window, zoneName, window.toLowerCase(Locale.ROOT)));
    }
  }

  private void deadLetter(int partition, long offset, String reason) throws Exception {
    execute(
        "INSERT INTO {database}.dead_letters_store (topic, partition, offset, reason) VALUES"
            + " ('t.usage', %d, %d, '%s')".formatted(partition, offset, reason));
  }

  /** Two dead letters and one duplicate beside the facts. */
  private void ledger(long next, long priced, long unpriced, long free) throws Exception {
    execute(
        ("INSERT INTO {database}.ledger_store (partition, next_offset, records, priced, unpriced,"
                + " free, duplicates, dead_letters, cost, list_cost, avoided_cost, revision)"
                + " VALUES (0, %1$d, %1$d, %2$d, %3$d, %4$d, 1, {'invalid': 1, 'too_late': 1},"
                + " 7.999999999994, 13.999999999994, 1.5, %1$d)")
            .formatted(next, priced, unpriced, free));
  }

  private void execute(String sql) throws Exception {
    client.execute(sql.replace("{database}", database)).get().close();
  }
}
