package io.outlay.sink.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.outlay.sink.audit.AuditState;
import io.outlay.sink.insert.Status;
import io.outlay.sink.worker.SinkWorker;
import io.outlay.sink.worker.TopicCounters;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/**
 * What the program tells of itself. {@code deploy/prometheus/alerts.yaml} uses the names, with
 * underscores for dots and {@code _total} behind those of counters.
 */
record SinkMetrics(MeterRegistry metrics) {
  /** What is told how many nanoseconds each insert of a worker took. */
  LongConsumer latency(String worker) {
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

  /** Shows the counters and states of the workers. */
  void publish(SinkRuntime started) {
    for (SinkWorker worker : started.workers()) {
      worker.counters().forEach(this::publish);
    }
    started
        .retries()
        .forEach((worker, retries) -> counter("insert.retries", retries, "worker", worker));
    started.statuses().forEach(this::publish);
    started.auditor().ifPresent(this::publish);
  }

  void publish(Auditor auditor) {
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

  void publish(Status status) {
    Gauge.builder("outlay.sink.works", status, s -> s.isWorking() ? 1 : 0)
        .description("1 while what the sink needs works, 0 while it does not")
        .tag("what", status.what())
        .register(metrics);
  }

  void publish(String topic, TopicCounters counters) {
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
}
