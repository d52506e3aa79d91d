package io.outlay.streams.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.PricingStatus;
import io.outlay.streams.replay.ReplayCounters;
import io.outlay.streams.topology.UsageCounters;
import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;

/**
 * What the program tells of itself. {@code deploy/prometheus/alerts.yaml} uses the names, with
 * underscores for dots and {@code _total} behind those of counters.
 */
final class StreamsMetrics {
  private StreamsMetrics() {}

  /**
   * @param streams the topology, or null before it runs
   * @param topic full name of the topic whose records wait
   */
  static void register(
      MeterRegistry metrics,
      UsageCounters counters,
      Supplier<@Nullable KafkaStreams> streams,
      String topic) {
    counter(metrics, "outlay.usage.read", counters.read());
    counter(metrics, "outlay.usage.duplicates", counters.duplicates());
    counter(metrics, "outlay.usage.replays", counters.replays());
    for (PricingStatus status : PricingStatus.values()) {
      counter(metrics, "outlay.usage.facts", counters.facts(status), "status", lower(status));
    }
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      counter(
          metrics,
          "outlay.usage.dead.letters",
          counters.deadLetters(reason),
          "reason",
          lower(reason));
    }
    counters
        .unpriced()
        .onFirst(
            (subject, count) ->
                counter(
                    metrics,
                    "outlay.usage.unpriced",
                    count,
                    "provider",
                    subject.provider(),
                    "model",
                    subject.model()));
    Gauge.builder("outlay.streams.running", streams, s -> isRunning(s.get()) ? 1 : 0)
        .description("1 while the topology runs")
        .strongReference(true)
        .register(metrics);
    Gauge.builder("outlay.streams.lag", streams, s -> lag(s.get(), topic))
        .description("Usage records that wait for this instance")
        .strongReference(true)
        .register(metrics);
  }

  static void register(MeterRegistry metrics, ReplayCounters replays) {
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      counter(
          metrics,
          "outlay.dead.letters.replayed",
          replays.replayed(reason),
          "reason",
          lower(reason));
    }
  }

  /**
   * @param past what rates the past again, or null before it does
   */
  static void register(MeterRegistry metrics, Supplier<@Nullable PastRatings> past) {
    FunctionCounter.builder(
            "outlay.repricing.facts.changed",
            past,
            p -> p.get() == null ? 0 : p.get().repricer().changed().sum())
        .description("Facts that were given another rating")
        .register(metrics);
    Gauge.builder(
            "outlay.repricing.running",
            past,
            p -> p.get() != null && p.get().repricer().running() != null ? 1 : 0)
        .description("1 while this instance rates the past again")
        .strongReference(true)
        .register(metrics);
    Gauge.builder(
            "outlay.repricing.works",
            past,
            p -> p.get() == null || p.get().repricer().trouble().isEmpty() ? 1 : 0)
        .description("0 while something keeps this instance from rating the past again")
        .strongReference(true)
        .register(metrics);
  }

  private static boolean isRunning(@Nullable KafkaStreams streams) {
    return streams != null && streams.state() == KafkaStreams.State.RUNNING;
  }

  private static double lag(@Nullable KafkaStreams streams, String topic) {
    return streams == null ? Double.NaN : lag(streams.metrics().values(), topic);
  }

  /** Sum over the topic's partitions; not a number if no consumer has told one yet. */
  static double lag(Collection<? extends Metric> consumers, String topic) {
    return consumers.stream()
        .filter(metric -> metric.metricName().name().equals("records-lag"))
        .filter(metric -> topic.equals(metric.metricName().tags().get("topic")))
        .map(metric -> metric.metricValue() instanceof Double lag ? lag : Double.NaN)
        .filter(lag -> !lag.isNaN())
        .reduce(Double::sum)
        .orElse(Double.NaN);
  }

  private static void counter(MeterRegistry metrics, String name, LongAdder adder, String... tags) {
    FunctionCounter.builder(name, adder, LongAdder::sum).tags(tags).register(metrics);
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
