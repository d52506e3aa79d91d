package io.outlay.sink.app;

import io.outlay.health.Status;
import io.outlay.sink.worker.SinkWorker;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/**
 * Alive while every worker's thread runs; ready while everything that the workers need works, no
 * insert hangs and none of them stands still before records that wait. How many wait does not
 * matter: a sink that catches up does its work.
 */
@ApplicationScoped
public class SinkHealth {
  /** A failure that passes sooner is no reason to be called away. */
  private static final Duration TOLERATED = Duration.ofSeconds(2);

  private static final Duration HANGS = Duration.ofSeconds(8);

  /** Longer than a group takes to go on without a member that was killed. */
  private static final Duration STALLS = Duration.ofSeconds(15);

  private final SinkApp app;

  @Inject
  public SinkHealth(SinkApp app) {
    this.app = app;
  }

  @Produces
  @Liveness
  HealthCheck live() {
    return () ->
        HealthCheckResponse.named("workers")
            .status(app.runtime().workers().stream().allMatch(SinkWorker::isAlive))
            .build();
  }

  @Produces
  @Readiness
  HealthCheck ready() {
    return () -> {
      SinkRuntime runtime = app.runtime();
      HealthCheckResponseBuilder response = HealthCheckResponse.named("sink").up();
      if (!runtime.waitingFor().isEmpty()) {
        return response.down().withData("waitingFor", runtime.waitingFor()).build();
      }
      Map<String, String> problems = problems(runtime);
      if (!problems.isEmpty()) {
        response.down();
        problems.forEach(response::withData);
      }
      return response.build();
    };
  }

  /** What keeps the workers from storing, by its name. */
  static Map<String, String> problems(SinkRuntime runtime) {
    Map<String, String> problems = new LinkedHashMap<>();
    for (Status status : runtime.statuses()) {
      if (status.failingFor().compareTo(TOLERATED) >= 0) {
        problems.put(status.what(), status.reason());
      }
    }
    for (SinkWorker worker : runtime.workers()) {
      if (!worker.isAlive()) {
        problems.put(worker.name(), "has ended");
      } else if (worker.oldestInsert().compareTo(HANGS) >= 0) {
        problems.put(worker.name(), "inserting for " + worker.oldestInsert().withNanos(0));
      } else if (worker.stalledFor().compareTo(STALLS) >= 0) {
        problems.put(
            worker.name(),
            "records wait and none was stored for " + worker.stalledFor().withNanos(0));
      }
    }
    return problems;
  }
}
