package io.outlay.sink.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.outlay.config.ConfigChecks;
import io.outlay.config.OutlayConfig;
import io.outlay.topic.NativeCompression;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ties the workers to the life of the program. */
@ApplicationScoped
public class SinkApp {
  private static final Logger LOG = LoggerFactory.getLogger(SinkApp.class);

  private final OutlayConfig config;
  private final SinkRuntime runtime;

  @Inject
  public SinkApp(OutlayConfig config, MeterRegistry metrics) {
    this.config = config;
    SinkMetrics own = new SinkMetrics(metrics);
    this.runtime = new SinkRuntime(config, own::latency, own::publish, SinkApp::giveUp);
  }

  void start(@Observes StartupEvent event) {
    List<String> problems = ConfigChecks.problems(config);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("wrong configuration: " + String.join("; ", problems));
    }
    NativeCompression.prefer();
    runtime.start();
  }

  void stop(@Observes ShutdownEvent event) {
    runtime.close();
  }

  /** The workers. */
  public SinkRuntime runtime() {
    return runtime;
  }

  private static void giveUp(String why) {
    LOG.error("cannot start: {}", why);
    Quarkus.asyncExit(1);
  }
}
