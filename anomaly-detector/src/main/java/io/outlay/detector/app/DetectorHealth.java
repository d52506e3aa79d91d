package io.outlay.detector.app;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/**
 * Live while the judging thread is; ready while it judges or stands by, and Kafka and the registry
 * answer.
 */
final class DetectorHealth {
  private static final String NAME = "detector";

  private DetectorHealth() {}

  @Liveness
  @Singleton
  static class Live implements HealthCheck {
    private final DetectorProgram program;

    @Inject
    Live(DetectorProgram program) {
      this.program = program;
    }

    @Override
    public HealthCheckResponse call() {
      return HealthCheckResponse.named(NAME).status(program.service().alive()).build();
    }
  }

  @Readiness
  @Singleton
  static class Ready implements HealthCheck {
    private final DetectorProgram program;

    @Inject
    Ready(DetectorProgram program) {
      this.program = program;
    }

    @Override
    public HealthCheckResponse call() {
      Optional<String> hindrance = program.service().hindrance();
      return hindrance
          .map(what -> HealthCheckResponse.named(NAME).down().withData("reason", what).build())
          .orElseGet(() -> HealthCheckResponse.named(NAME).up().build());
    }
  }
}
