package io.outlay.health;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.jspecify.annotations.Nullable;

/**
 * Asks Kafka and the schema registry every other second whether they answer, also while nothing
 * flows. Either is missed after at most six seconds.
 */
public final class Backends implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(2);
  private static final Duration WITHIN = Duration.ofSeconds(3);
  private static final int GRACE_MILLIS = 1_000;
  private static final int SERVER_ERROR = 500;

  private final Supplier<Admin> admins;
  private final HttpRequest question;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(WITHIN).build();
  private final Status kafka;
  private final Status registry;
  private final ScheduledExecutorService timer =
      Executors.newScheduledThreadPool(2, Backends::daemon);
  private @Nullable Admin admin;

  /**
   * @param admins makes a client, which is closed with this; asked until it does, since a name may
   *     not be resolvable yet
   * @param registry base of its Confluent-compatible API
   */
  public Backends(Supplier<Admin> admins, URI registry, Clock clock) {
    this.admins = admins;
    this.question =
        HttpRequest.newBuilder(URI.create(registry.toString().replaceAll("/+$", "") + "/subjects"))
            .timeout(WITHIN)
            .GET()
            .build();
    this.kafka = new Status("Kafka", clock);
    this.registry = new Status("schema registry", clock);
  }

  /** Begins to ask. */
  public void start() {
    every(this::askKafka);
    every(this::askRegistry);
  }

  public Status kafka() {
    return kafka;
  }

  public Status registry() {
    return registry;
  }

  @Override
  public void close() {
    timer.shutdownNow();
    synchronized (this) {
      if (admin != null) {
        admin.close(Duration.ofSeconds(1));
      }
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // ends with the timer
  private void every(Runnable ask) {
    timer.scheduleWithFixedDelay(ask, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void askKafka() {
    int millis = (int) WITHIN.toMillis();
    try {
      client()
          .describeCluster(new DescribeClusterOptions().timeoutMs(millis))
          .nodes()
          // A little longer, so that Kafka's client says what it waited for.
          .get(millis + GRACE_MILLIS, TimeUnit.MILLISECONDS);
      kafka.works();
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      failed(kafka, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Admin client() {
    Admin known = admin;
    if (known == null) {
      if (timer.isShutdown()) {
        throw new IllegalStateException("closed");
      }
      known = admins.get();
      admin = known;
    }
    return known;
  }

  private void askRegistry() {
    try {
      int status = http.send(question, HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status < SERVER_ERROR) {
        registry.works();
      } else {
        registry.failed("answered " + status);
      }
    } catch (IOException | RuntimeException e) {
      failed(registry, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void failed(Status status, Exception e) {
    if (!timer.isShutdown()) {
      status.failed(Causes.of(e));
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "outlay-backends");
    thread.setDaemon(true);
    return thread;
  }
}
