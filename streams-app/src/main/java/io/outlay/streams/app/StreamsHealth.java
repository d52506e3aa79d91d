package io.outlay.streams.app;

import io.outlay.health.Status;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import org.apache.kafka.streams.KafkaStreams;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Alive while the topology can recover by itself; ready while it runs and the broker answers. */
@ApplicationScoped
public class StreamsHealth {
  private final StreamsApp app;

  @Inject
  public StreamsHealth(StreamsApp app) {
    this.app = app;
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
      Status kafka = app.runtime().backends().kafka();
      response
          .status(kafka.isWorking() && streams.state() == KafkaStreams.State.RUNNING)
          .withData("state", streams.state().name());
      if (!kafka.isWorking()) {
        response.withData(kafka.what(), kafka.reason());
      }
      return response.build();
    };
  }
}
