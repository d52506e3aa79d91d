package io.outlay.sql;

import com.clickhouse.client.api.ClickHouseException;
import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ServerException;
import com.clickhouse.client.api.query.GenericRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a ClickHouse database up to the schema of this release. What has been applied stands in
 * {@code schema_migrations}; a step is recorded after its last statement, so one that was
 * interrupted is run again. Programs that start at once may apply the same step at once: its
 * statements do nothing the second time, and the record is one row whoever wrote it.
 */
public final class Migrations {
  private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);
  private static final String FOLDER = "migrations/";
  private static final Pattern DATABASE_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

  /** Codes that two programs may meet when they create the same things at the same moment. */
  private static final Set<Integer> RACES = Set.of(57, 82);

  private static final int ATTEMPTS = 5;

  private final Client client;
  private final String database;
  private final List<Migration> migrations;

  /**
   * The migrations of this release.
   *
   * @param client must not have a default database that does not exist yet
   * @param database letters, digits and underscores
   * @throws IllegalArgumentException if {@code database} is no plain name
   */
  public Migrations(Client client, String database) {
    this(client, database, shipped());
  }

  Migrations(Client client, String database, List<Migration> migrations) {
    if (!DATABASE_NAME.matcher(database).matches()) {
      throw new IllegalArgumentException(
          "clickhouse.database must be 1 to 64 letters, digits or underscores and not begin with a"
              + " digit, was "
              + database);
    }
    this.client = client;
    this.database = database;
    this.migrations = ordered(migrations);
  }

  /** The migrations of this release, by version. */
  public static List<Migration> shipped() {
    return resource("index").lines().map(Migrations::read).toList();
  }

  /**
   * Applies what is missing.
   *
   * @return what was applied now, in order
   * @throws MigrationException if an applied step has changed since, or ClickHouse refuses a
   *     statement
   * @throws ClickHouseException if ClickHouse is away; worth trying again
   */
  public List<Migration> apply() {
    execute("CREATE DATABASE IF NOT EXISTS " + Migration.DATABASE);
    execute(
        """
        CREATE TABLE IF NOT EXISTS {database}.schema_migrations
        (
            version UInt32,
            name String,
            checksum String COMMENT 'SHA-256 of the file',
            applied_at DateTime64(6, 'UTC')
        )
        ENGINE = ReplacingMergeTree
        ORDER BY (version, checksum)""");
    Map<Integer, String> applied = applied();
    List<Migration> now = new ArrayList<>();
    for (Migration migration : migrations) {
      String checksum = applied.get(migration.version());
      if (checksum == null) {
        apply(migration);
        now.add(migration);
      } else if (!checksum.equals(migration.checksum())) {
        throw new MigrationException(
            "migration V%03d %s was applied to %s with checksum %s, but this release has it with %s: applied migrations must not change, add a new one"
                .formatted(
                    migration.version(),
                    migration.name(),
                    database,
                    checksum,
                    migration.checksum()));
      }
    }
    return now;
  }

  private Map<Integer, String> applied() {
    Map<Integer, String> checksums = new HashMap<>();
    List<GenericRecord> rows =
        client.queryAll(
            "SELECT DISTINCT version, name, checksum FROM "
                + database
                + ".schema_migrations ORDER BY version");
    for (GenericRecord row : rows) {
      int version = row.getInteger("version");
      String other = checksums.put(version, row.getString("checksum"));
      if (other != null) {
        throw new MigrationException(
            "migration V%03d was applied to %s in two versions, with checksums %s and %s"
                .formatted(version, database, other, row.getString("checksum")));
      }
      if (migrations.stream().noneMatch(known -> known.version() == version)) {
        LOG.warn(
            "{} has migration V{} {}, which this release does not know: a newer one was here",
            database,
            version,
            row.getString("name"));
      }
    }
    return checksums;
  }

  private void apply(Migration migration) {
    for (String statement : migration.statements()) {
      execute(statement);
    }
    execute(
        "INSERT INTO {database}.schema_migrations SETTINGS async_insert = 0 VALUES (%d, '%s', '%s', now64(6))"
            .formatted(migration.version(), migration.name(), migration.checksum()));
    LOG.info("{}: applied V{} {}", database, migration.version(), migration.name());
  }

  private void execute(String statement) {
    String sql = statement.replace(Migration.DATABASE, database);
    for (int attempt = 1; ; attempt++) {
      try {
        client.execute(sql).get().close();
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new MigrationException("interrupted while applying migrations", e);
      } catch (ExecutionException e) {
        rethrowUnlessRace(sql, e.getCause(), attempt);
      } catch (ClickHouseException e) {
        rethrowUnlessRace(sql, e, attempt);
      } catch (Exception e) {
        throw new MigrationException("cannot close the answer to " + firstLine(sql), e);
      }
    }
  }

  private static void rethrowUnlessRace(String sql, Throwable cause, int attempt) {
    if (cause instanceof ServerException refused) {
      if (RACES.contains(refused.getCode()) && attempt < ATTEMPTS) {
        return;
      }
      throw new MigrationException(
          "ClickHouse refused " + firstLine(sql) + ": " + refused.getMessage(), refused);
    }
    if (cause instanceof ClickHouseException away) {
      throw away;
    }
    throw new MigrationException("cannot run " + firstLine(sql), cause);
  }

  private static String firstLine(String sql) {
    return sql.lines().findFirst().orElse(sql);
  }

  private static List<Migration> ordered(List<Migration> migrations) {
    List<Migration> sorted =
        migrations.stream().sorted(Comparator.comparingInt(Migration::version)).toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).version() == sorted.get(i - 1).version()) {
        throw new IllegalArgumentException(
            "two migrations have version " + sorted.get(i).version());
      }
    }
    return sorted;
  }

  private static Migration read(String fileName) {
    return Migration.parse(fileName, resource(fileName));
  }

  private static String resource(String name) {
    try (InputStream in = Migrations.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + FOLDER + name + " in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + FOLDER + name, e);
    }
  }
}
