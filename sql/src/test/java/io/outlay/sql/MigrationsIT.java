package io.outlay.sql;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.query.GenericRecord;
import io.outlay.sql.testing.ClickHouseEndpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MigrationsIT {
  private static ClickHouseEndpoint endpoint;
  private static Client client;

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

  @Test
  void givenAnEmptyEngine_whenApplied_thenEverythingIsThereAndRecorded() {
    List<Migration> applied = new Migrations(client, "fresh").apply();

    assertThat(applied).isEqualTo(Migrations.shipped());
    assertThat(texts("SELECT checksum AS x FROM fresh.schema_migrations FINAL ORDER BY version"))
        .containsExactlyElementsOf(Migrations.shipped().stream().map(Migration::checksum).toList());
    assertThat(texts("SELECT name AS x FROM system.tables WHERE database = 'fresh'"))
        .contains("usage_costs", "cost_rollups", "prices", "dead_letters", "incidents")
        .contains("budget_states", "ledger", "replays", "spend_by_day", "unpriced_usage")
        .contains("scope_rollups", "signals_by_day");
  }

  @Test
  void givenAnAppliedSchema_whenAppliedAgain_thenNothingHappens() {
    new Migrations(client, "twice").apply();

    assertThat(new Migrations(client, "twice").apply()).isEmpty();
    assertThat(texts("SELECT toString(count()) AS x FROM twice.schema_migrations"))
        .containsExactly(Integer.toString(Migrations.shipped().size()));
  }

  @Test
  void givenFourProgramsAtOnce_whenApplied_thenAllSucceedAndTheRecordIsOne() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<List<Migration>>> results = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        results.add(threads.submit(() -> new Migrations(client, "crowded").apply()));
      }
      for (Future<List<Migration>> result : results) {
        result.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(texts("SELECT toString(count()) AS x FROM crowded.schema_migrations FINAL"))
        .containsExactly(Integer.toString(Migrations.shipped().size()));
    assertThat(new Migrations(client, "crowded").apply()).isEmpty();
  }

  @Test
  void givenAStepThatWasInterrupted_whenApplied_thenItIsFinished() throws Exception {
    Migration step =
        Migration.parse(
            "V001__two_tables.sql",
            "CREATE TABLE IF NOT EXISTS {database}.a (x UInt8) ENGINE = Memory;\n"
                + "CREATE TABLE IF NOT EXISTS {database}.b (x UInt8) ENGINE = Memory;\n");
    client.execute("CREATE DATABASE halfway").get().close();
    client.execute("CREATE TABLE halfway.a (x UInt8) ENGINE = Memory").get().close();

    assertThat(new Migrations(client, "halfway", List.of(step)).apply()).containsExactly(step);
    assertThat(texts("SELECT name AS x FROM system.tables WHERE database = 'halfway'"))
        .contains("a", "b");
  }

  @Test
  void givenPricesThatAnOlderReleaseStored_whenMigrated_thenTheyHoldAsTheyDid() throws Exception {
    List<Migration> before =
        Migrations.shipped().stream().filter(step -> step.version() < 8).toList();
    new Migrations(client, "older", before).apply();
    client
        .execute(
            "INSERT INTO older.prices_store (id, version, rates, kafka_offset) VALUES"
                + " ('o', 1, [(0, 'batch', 'input_tokens', 2.5)], 1)")
        .get()
        .close();

    new Migrations(client, "older").apply();

    assertThat(
            texts(
                "SELECT concat(match, ' ', toString(rates), ' ', toString(discount)) AS x"
                    + " FROM older.prices"))
        .containsExactly("exact [(0,'batch','input_tokens',2.5,0,1440)] 0");
  }

  @Test
  void givenAnAppliedFileThatChanged_whenApplied_thenTheErrorNamesItAndBothChecksums() {
    Migration before = Migration.parse("V001__things.sql", "SELECT 1;\n");
    Migration after = Migration.parse("V001__things.sql", "SELECT 2;\n");
    new Migrations(client, "changed", List.of(before)).apply();

    assertThatThrownBy(() -> new Migrations(client, "changed", List.of(after)).apply())
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("V001 things")
        .hasMessageContaining(before.checksum())
        .hasMessageContaining(after.checksum());
  }

  @Test
  void givenAStatementThatIsRefused_whenApplied_thenTheErrorQuotesIt() {
    Migration wrong = Migration.parse("V001__wrong.sql", "CREATE TABEL {database}.a;\n");

    assertThatThrownBy(() -> new Migrations(client, "wrong", List.of(wrong)).apply())
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("CREATE TABEL wrong.a");
    assertThat(texts("SELECT toString(count()) AS x FROM wrong.schema_migrations"))
        .containsExactly("0");
  }

  @Test
  void givenADatabaseNameThatIsNone_whenConstructed_thenItIsRefused() {
    assertThatThrownBy(() -> new Migrations(client, "a;b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a;b");
  }

  private static List<String> texts(String query) {
    return client.queryAll(query).stream().map((GenericRecord row) -> row.getString("x")).toList();
  }
}
