package io.outlay.detector.app;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.query.GenericRecord;
import io.outlay.config.OutlayConfig;
import io.outlay.detector.incident.Contributors;
import io.outlay.detector.incident.FactsQuery;
import io.outlay.detector.incident.Micros;
import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.Window;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Asks the facts in ClickHouse who contributed: what each value of a dimension cost in the part of
 * the window that has passed, against the average of the same part on the seven days before.
 * Bounded: two questions at a time, two seconds each; what cannot be asked soon fails.
 */
final class ClickHouseContributors implements Contributors, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ClickHouseContributors.class);
  private static final int DAYS = 7;
  private static final int THREADS = 2;
  private static final int WAITING = 40;
  private static final int SHARE_PLACES = 4;
  private static final long CONNECT_MILLIS = 500;
  private static final long SILENCE_MILLIS = 2_000;
  private static final String MAX_SECONDS = "1.5";
  private static final Duration SAY_AGAIN = Duration.ofMinutes(5);

  private static final List<Dimension> DIMENSIONS =
      List.of(
          Dimension.TEAM,
          Dimension.MODEL,
          Dimension.FEATURE,
          new Dimension("customer"),
          new Dimension("project"),
          new Dimension("environment"),
          new Dimension("region"),
          new Dimension("provider"),
          new Dimension("user"),
          new Dimension("operation"));

  private final Client client;
  private final String database;
  private final ThreadPoolExecutor threads;
  private long saidAt = System.nanoTime() - SAY_AGAIN.toNanos();

  ClickHouseContributors(OutlayConfig.ClickHouse config) {
    database = config.database();
    client =
        new Client.Builder()
            .addEndpoint(config.url().toString())
            .setUsername(config.user())
            .setPassword(config.password().orElse(""))
            .setClientName("outlay-anomaly-detector")
            .setConnectTimeout(CONNECT_MILLIS, ChronoUnit.MILLIS)
            .setConnectionRequestTimeout(SILENCE_MILLIS, ChronoUnit.MILLIS)
            .setSocketTimeout(SILENCE_MILLIS, ChronoUnit.MILLIS)
            .setMaxRetries(0)
            .build();
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(WAITING),
            task -> {
              Thread thread = new Thread(task, "contributors");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public CompletableFuture<List<Explanation.Cause>> ask(Comparison comparison) {
    if (!comparison.metric().isMoney()) {
      // Contributors are told in dollars.
      return CompletableFuture.completedFuture(List.of());
    }
    try {
      return CompletableFuture.supplyAsync(() -> answer(comparison), threads);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private List<Explanation.Cause> answer(Comparison comparison) {
    List<Explanation.Cause> causes = new ArrayList<>();
    try {
      for (GenericRecord row : client.queryAll(sql(database, comparison))) {
        BigDecimal delta = row.getBigDecimal("delta");
        causes.add(
            new Explanation.Cause(
                new Dimension(row.getString("dimension")),
                row.getString("value"),
                delta,
                share(delta, comparison.impactUsd())));
      }
    } catch (RuntimeException e) {
      say(e);
      throw e;
    }
    return List.copyOf(causes);
  }

  private synchronized void say(RuntimeException e) {
    if (System.nanoTime() - saidAt >= SAY_AGAIN.toNanos()) {
      saidAt = System.nanoTime();
      LOG.warnf("alerts go out without contributors from ClickHouse: %s", e);
    }
  }

  private static BigDecimal share(BigDecimal delta, BigDecimal whole) {
    return whole.signum() == 0
        ? BigDecimal.ZERO
        : delta.divide(whole, SHARE_PLACES, RoundingMode.HALF_EVEN);
  }

  static String sql(String database, Comparison comparison) {
    Window window = comparison.window();
    List<String> parts = new ArrayList<>();
    for (int ago = 0; ago <= DAYS; ago++) {
      parts.add(
          "event_time BETWEEN "
              + time(before(window, window.start(), ago))
              + " AND "
              + time(before(window, comparison.asOf(), ago)));
    }
    boolean isOfCells = comparison.scope().cut().isOfCells();
    String dimensions =
        DIMENSIONS.stream()
            .filter(dimension -> !comparison.scope().cut().dimensions().contains(dimension))
            .filter(dimension -> !isOfCells || !dimension.isOfCells())
            .map(dimension -> "('" + dimension.key() + "', toString(" + dimension.key() + "))")
            .collect(Collectors.joining(", ", "[", "]"));
    String start = time(window.start());
    return "SELECT d.1 AS dimension, d.2 AS value, spent - spent_before / "
        + DAYS
        + " AS delta FROM (SELECT arrayJoin("
        + dimensions
        + ") AS d, sumIf(cost, event_time >= "
        + start
        + ") AS spent, sumIf(cost, event_time < "
        + start
        + ") AS spent_before FROM `"
        + database
        + "`.usage_costs WHERE "
        + FactsQuery.conditions(comparison.scope().toMap())
        + " AND ("
        + String.join(" OR ", parts)
        + ") GROUP BY d) WHERE delta > 0 ORDER BY delta DESC, dimension, value LIMIT "
        + Explanation.MAX_CAUSES_PER_DIMENSION
        + " BY dimension SETTINGS max_execution_time = "
        + MAX_SECONDS;
  }

  private static Instant before(Window window, Instant time, int days) {
    return time.atZone(window.zone()).minusDays(days).toInstant();
  }

  private static String time(Instant time) {
    return "fromUnixTimestamp64Micro(" + Micros.of(time) + ")";
  }

  @Override
  public void close() {
    threads.shutdownNow();
    client.close();
  }
}
