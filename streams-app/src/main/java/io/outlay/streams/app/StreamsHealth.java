package io.outlay.streams.app;

import io.outlay.config.OutlayConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Alive while the topology can recover by itself; ready while it runs and the broker answers. */
@ApplicationScoped
public class StreamsHealth {
  private static final int BROKER_TIMEOUT_MILLIS = 3_000;
  private static final Duration CACHED_FOR = Duration.ofSeconds(2);

  private final StreamsApp app;
  private final OutlayConfig config;
  private Admin admin;
  private long checkedNanos;
  private boolean brokerAnswers;

  @Inject
  public StreamsHealth(StreamsApp app, OutlayConfig config) {
    this.app = app;
    this.config = config;
  }

  @Produces
  @Liveness
  HealthCheck live() {
    return () -> HealthCheckResponse.named("topology").status(app.runtime().isAlive()).build();
  }

  @Produces
  @Readiness
  HealthCheck ready() {
    return () -> {
      HealthCheckResponseBuilder response = HealthCheckResponse.named("topology");
      KafkaStreams streams = app.runtime().streams();
      if (streams == null) {
        return response.down().withData("waitingFor", app.runtime().waitingFor()).build();
      }
      boolean broker = brokerAnswers();
      return response
          .status(broker && streams.state() == KafkaStreams.State.RUNNING)
          .withData("state", streams.state().name())
          .withData("broker", broker ? "answers" : "away")
          .build();
    };
  }

  private synchronized boolean brokerAnswers() {
    long now = System.nanoTime();
    if (checkedNanos != 0 && now - checkedNanos < CACHED_FOR.toNanos()) {
      return brokerAnswers;
    }
    if (admin == null) {
      admin =
          Admin.create(
              Map.of(
                  AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers()));
    }
    try {
      brokerAnswers =
          !admin
              .describeCluster(new DescribeClusterOptions().timeoutMs(BROKER_TIMEOUT_MILLIS))
              .nodes()
              .get(BROKER_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
              .isEmpty();
    } catch (ExecutionException | TimeoutException e) {
      brokerAnswers = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      brokerAnswers = false;
    }
    checkedNanos = System.nanoTime();
    return brokerAnswers;
  }

  @jakarta.annotation.PreDestroy
  synchronized void close() {
    if (admin != null) {
      admin.close(Duration.ofSeconds(1));
    }
  }
}
