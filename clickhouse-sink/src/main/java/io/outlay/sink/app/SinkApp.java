package io.outlay.sink.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.outlay.config.ConfigChecks;
import io.outlay.config.OutlayConfig;
import io.outlay.sink.audit.AuditState;
import io.outlay.sink.insert.Status;
import io.outlay.sink.worker.SinkWorker;
import io.outlay.sink.worker.TopicCounters;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ties the workers to the life of the program and their counters to the metrics. */
@ApplicationScoped
public class SinkApp {
  private static final Logger LOG = LoggerFactory.getLogger(SinkApp.class);

  private final OutlayConfig config;
  private final MeterRegistry metrics;
  private final SinkRuntime runtime;

  @Inject
  public SinkApp(OutlayConfig config, MeterRegistry metrics) {
    this.config = config;
    this.metrics = metrics;
    this.runtime = new SinkRuntime(config, this::latency, this::publish, SinkApp::giveUp);
  }

  void start(@Observes StartupEvent event) {
    List<String> problems = ConfigChecks.problems(config);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("wrong configuration: " + String.join("; ", problems));
    }
    runtime.start();
  }

  void stop(@Observes ShutdownEvent event) {
    runtime.close();
  }

  /** The workers. */
  public SinkRuntime runtime() {
    return runtime;
  }

  private LongConsumer latency(String worker) {
    Timer timer =
        Timer.builder("outlay.sink.insert")
            .description("Time of an insert that succeeded")
            .tag("worker", worker)
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofMillis(1))
            .maximumExpectedValue(Duration.ofSeconds(30))
            .register(metrics);
    return nanos -> timer.record(nanos, TimeUnit.NANOSECONDS);
  }

  private void publish(SinkRuntime started) {
    for (SinkWorker worker : started.workers()) {
      worker.counters().forEach(this::publish);
    }
    started
        .retries()
        .forEach((worker, retries) -> counter("insert.retries", retries, "worker", worker));
    started.auditor().ifPresent(this::publish);
    for (Status status : started.statuses()) {
      Gauge.builder("outlay.sink.works", status, s -> s.isWorking() ? 1 : 0)
          .description("1 while what the sink needs works, 0 while it does not")
          .tag("what", status.what())
          .register(metrics);
    }
  }

  private void publish(Auditor auditor) {
    for (String equation : AuditState.NAMES) {
      Gauge.builder("outlay.audit.balanced", auditor, a -> a.state().balances(equation) ? 1 : 0)
          .description("1 while no settled difference is known, 0 from one until it is gone")
          .tag("equation", equation)
          .register(metrics);
      Gauge.builder("outlay.audit.differences", auditor, a -> a.state().differences(equation))
          .description("Settled differences that the last audit of the equation found")
          .tag("equation", equation)
          .register(metrics);
    }
    Gauge.builder("outlay.audit.last.run", auditor, a -> a.sinceLast().toMillis() / 1e3)
        .description("Time since an audit was last made, or since the start if none was")
        .baseUnit("seconds")
        .register(metrics);
  }

  private void publish(String topic, TopicCounters counters) {
    counter("records.read", counters.read(), "topic", topic);
    counter("rows.inserted", counters.inserted(), "topic", topic);
    counter("records.skipped", counters.skipped(), "topic", topic);
    counter("records.dead.lettered", counters.deadLettered(), "topic", topic);
    counter("records.replayed", counters.replayed(), "topic", topic);
    counter("batches", counters.batches(), "topic", topic);
    counter("offsets.lost", counters.lost(), "topic", topic);
    Gauge.builder("outlay.sink.lag", counters.lag(), lag -> lag.doubleValue())
        .description("Records that wait in the topic")
        .tag("topic", topic)
        .register(metrics);
  }

  private void counter(String name, LongAdder adder, String tag, String value) {
    FunctionCounter.builder("outlay.sink." + name, adder, LongAdder::sum)
        .tag(tag, value)
        .register(metrics);
  }

  private static void giveUp(String why) {
    LOG.error("cannot start: {}", why);
    Quarkus.asyncExit(1);
  }
}
