package io.outlay.streams.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.outlay.config.ConfigChecks;
import io.outlay.config.OutlayConfig;
import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.PricingStatus;
import io.outlay.streams.replay.ReplayCounters;
import io.outlay.streams.topology.UsageCounters;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.streams.KafkaStreams;

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
    counter("outlay.usage.read", counters.read());
    counter("outlay.usage.duplicates", counters.duplicates());
    counter("outlay.usage.replays", counters.replays());
    for (PricingStatus status : PricingStatus.values()) {
      counter("outlay.usage.facts", counters.facts(status), "status", lower(status));
    }
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      counter("outlay.usage.dead.letters", counters.deadLetters(reason), "reason", lower(reason));
      counter(
          "outlay.dead.letters.replayed", replayCounters.replayed(reason), "reason", lower(reason));
    }
    Gauge.builder("outlay.streams.running", runtime, r -> isRunning(r) ? 1 : 0).register(metrics);
    runtime.start();
  }

  void stop(@Observes ShutdownEvent event) {
    runtime.close();
  }

  /** The topology. */
  public StreamsRuntime runtime() {
    return runtime;
  }

  private static boolean isRunning(StreamsRuntime runtime) {
    KafkaStreams streams = runtime.streams();
    return streams != null && streams.state() == KafkaStreams.State.RUNNING;
  }

  private void counter(String name, LongAdder adder, String... tags) {
    FunctionCounter.builder(name, adder, LongAdder::sum).tags(tags).register(metrics);
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
