package io.outlay.collectors.http;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jspecify.annotations.Nullable;

/** Ready while events can be written: Kafka answers and the schema is registered. */
@Readiness
@ApplicationScoped
public class EdgeReadiness implements HealthCheck {
  @Inject Problem problem;

  /** What keeps events from being written. */
  @FunctionalInterface
  public interface Problem {
    /** For people; null if nothing is known to. */
    @Nullable String current();
  }

  @Override
  public HealthCheckResponse call() {
    String current = problem.current();
    var response = HealthCheckResponse.named("usage can be written");
    return current == null
        ? response.up().build()
        : response.down().withData("reason", current).build();
  }
}
