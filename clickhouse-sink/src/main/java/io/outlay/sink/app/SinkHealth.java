package io.outlay.sink.app;

import io.outlay.sink.insert.Status;
import io.outlay.sink.worker.SinkWorker;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/**
 * Alive while every worker's thread runs; ready while everything that the workers need works and no
 * insert hangs.
 */
@ApplicationScoped
public class SinkHealth {
  /** A failure that passes sooner is no reason to be called away. */
  private static final Duration TOLERATED = Duration.ofSeconds(2);

  private static final Duration HANGS = Duration.ofSeconds(8);

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
      for (Status status : runtime.statuses()) {
        if (status.failingFor().compareTo(TOLERATED) >= 0) {
          response.down().withData(status.what(), status.reason());
        }
      }
      for (SinkWorker worker : runtime.workers()) {
        if (!worker.isAlive()) {
          response.down().withData(worker.name(), "has ended");
        } else if (worker.oldestInsert().compareTo(HANGS) >= 0) {
          response
              .down()
              .withData(worker.name(), "inserting for " + worker.oldestInsert().withNanos(0));
        }
      }
      return response.build();
    };
  }
}
