package io.outlay.sink.app;

import com.clickhouse.client.api.Client;
import io.outlay.health.Status;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;

/** Asks Kafka and ClickHouse every other second whether they answer, also while nothing flows. */
final class Probe implements AutoCloseable {
  /** How long either may be silent. */
  static final Duration SILENCE = Duration.ofSeconds(3);

  private static final Duration EVERY = Duration.ofSeconds(2);

  private final Admin admin;
  private final Client clickHouse;
  private final Status kafkaStatus;
  private final Status clickHouseStatus;
  private final ScheduledExecutorService timer =
      Executors.newScheduledThreadPool(2, task -> daemon(task));

  /**
   * @param clickHouse gives up after {@link #SILENCE}
   */
  Probe(Admin admin, Client clickHouse, Status kafkaStatus, Status clickHouseStatus) {
    this.admin = admin;
    this.clickHouse = clickHouse;
    this.kafkaStatus = kafkaStatus;
    this.clickHouseStatus = clickHouseStatus;
  }

  void start() {
    every(this::askKafka);
    every(this::askClickHouse);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // ends with the timer
  private void every(Runnable question) {
    timer.scheduleWithFixedDelay(question, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void askKafka() {
    int millis = (int) SILENCE.toMillis();
    try {
      admin
          .describeCluster(new DescribeClusterOptions().timeoutMs(millis))
          .nodes()
          .get(millis, TimeUnit.MILLISECONDS);
      kafkaStatus.works();
    } catch (ExecutionException | TimeoutException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      kafkaStatus.failed(cause.getMessage() == null ? "no answer" : cause.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void askClickHouse() {
    try {
      if (clickHouse.ping(SILENCE.toMillis())) {
        clickHouseStatus.works();
      } else if (!timer.isShutdown()) {
        clickHouseStatus.failed("no answer");
      }
    } catch (RuntimeException e) {
      clickHouseStatus.failed(String.valueOf(e.getMessage()));
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "sink-probe");
    thread.setDaemon(true);
    return thread;
  }
}
