package io.outlay.streams.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.outlay.config.ConfigChecks;
import io.outlay.config.OutlayConfig;
import io.outlay.streams.replay.ReplayCounters;
import io.outlay.streams.topology.UsageCounters;
import io.outlay.topic.NativeCompression;
import io.outlay.topic.Topics;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;

/** Ties the topology to the life of the program and its counters to the metrics. */
@ApplicationScoped
public class StreamsApp {
  private final UsageCounters counters = new UsageCounters();
  private final ReplayCounters replayCounters = new ReplayCounters();
  private final StreamsRuntime runtime;
  private final MeterRegistry metrics;
  private final OutlayConfig config;

  @Inject
  public StreamsApp(OutlayConfig config, MeterRegistry metrics) {
    this.config = config;
    this.metrics = metrics;
    this.runtime = new StreamsRuntime(config, counters, replayCounters);
  }

  void start(@Observes StartupEvent event) {
    List<String> problems = ConfigChecks.problems(config);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("wrong configuration: " + String.join("; ", problems));
    }
    StreamsMetrics.register(
        metrics, counters, runtime::streams, Topics.USAGE.name(config.kafka().topicPrefix()));
    StreamsMetrics.register(metrics, replayCounters);
    StreamsMetrics.register(metrics, runtime.backends());
    StreamsMetrics.register(metrics, runtime::pastRatings);
    NativeCompression.prefer();
    runtime.start();
  }

  void stop(@Observes ShutdownEvent event) {
    runtime.close();
  }

  /** The topology. */
  public StreamsRuntime runtime() {
    return runtime;
  }
}
