package io.outlay.detector.app;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/** Asks whether Kafka and the registry answer; remembers the answer for a moment. */
final class Backends implements AutoCloseable {
  private static final Duration WITHIN = Duration.ofSeconds(2);
  private static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int SERVER_ERROR = 500;

  private final Admin admin;
  private final HttpRequest registry;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(WITHIN).build();
  private List<String> missing = List.of();
  private long askedAt = System.nanoTime() - REMEMBERED_NANOS;

  Backends(Admin admin, URI registry) {
    this.admin = admin;
    this.registry =
        HttpRequest.newBuilder(URI.create(registry.toString().replaceAll("/+$", "") + "/subjects"))
            .timeout(WITHIN)
            .GET()
            .build();
  }

  /** Names of those that do not answer. */
  synchronized List<String> missing() {
    if (System.nanoTime() - askedAt >= REMEMBERED_NANOS) {
      List<String> silent = new ArrayList<>();
      if (!kafkaAnswers()) {
        silent.add("kafka");
      }
      if (!registryAnswers()) {
        silent.add("registry");
      }
      missing = List.copyOf(silent);
      askedAt = System.nanoTime();
    }
    return missing;
  }

  private boolean kafkaAnswers() {
    try {
      return !admin
          .describeCluster()
          .nodes()
          .get(WITHIN.toMillis(), TimeUnit.MILLISECONDS)
          .isEmpty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  private boolean registryAnswers() {
    try {
      return http.send(registry, HttpResponse.BodyHandlers.discarding()).statusCode()
          < SERVER_ERROR;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }
}
