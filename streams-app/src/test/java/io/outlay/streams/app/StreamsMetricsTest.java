package io.outlay.streams.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.outlay.schema.TokenCounts;
import io.outlay.streams.TestEvents;
import io.outlay.streams.topology.UsageCounters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StreamsMetricsTest {
  private static final Path ALERTS = Path.of("../deploy/prometheus/alerts.yaml");
  private static final Pattern OWN = Pattern.compile("\\boutlay_(?:usage|streams)_\\w+");

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final UsageCounters counters = new UsageCounters();

  @Test
  void givenTheShippedAlerts_thenEveryMetricOfTheirsIsRegistered() throws IOException {
    register();
    unpriced("gpt-99");

    Set<String> used = new TreeSet<>();
    OWN.matcher(Files.readString(ALERTS)).results().forEach(found -> used.add(found.group()));

    assertThat(used).contains("outlay_usage_unpriced_total", "outlay_streams_running");
    assertThat(exposed()).containsAll(used);
  }

  @Test
  void givenUnpricedUsage_thenACounterOfItsModelComesIntoBeing() {
    register();
    assertThat(metrics.find("outlay.usage.unpriced").meters()).isEmpty();

    unpriced("gpt-99");
    unpriced("gpt-99");
    unpriced("gpt-100");

    assertThat(
            metrics
                .get("outlay.usage.unpriced")
                .tags("provider", "openai", "model", "gpt-99")
                .functionCounter()
                .count())
        .isEqualTo(2);
    assertThat(metrics.find("outlay.usage.unpriced").meters()).hasSize(2);
  }

  @Test
  void givenNoTopologyYet_thenItDoesNotRunAndItsLagIsUnknown() {
    register();

    assertThat(metrics.get("outlay.streams.running").gauge().value()).isZero();
    assertThat(metrics.get("outlay.streams.lag").gauge().value()).isNaN();
  }

  @Test
  void givenLagsOfConsumers_thenThoseOfTheTopicAddUp() {
    List<Metric> consumers =
        List.of(
            metric("records-lag", "t.usage", 40.0),
            metric("records-lag", "t.usage", 2.0),
            metric("records-lag", "t.usage", Double.NaN),
            metric("records-lag", "t.deltas", 1_000.0),
            metric("records-lag-max", "t.usage", 9_000.0),
            metric("records-lag", "t.usage", "unknown"));

    assertThat(StreamsMetrics.lag(consumers, "t.usage")).isEqualTo(42);
    assertThat(StreamsMetrics.lag(consumers, "t.costs")).isNaN();
  }

  private void register() {
    StreamsMetrics.register(metrics, counters, () -> null, "t.usage");
  }

  private void unpriced(String model) {
    TokenCounts tokens = new TokenCounts(1L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
    counters.unpriced().count(TestEvents.event("1", TestEvents.llm("openai", model, tokens)));
  }

  /** As Prometheus shows them: counters end in {@code _total}; there are no timers here. */
  private Set<String> exposed() {
    return metrics.getMeters().stream()
        .map(
            meter -> meter.getId().getName().replace('.', '_') + (isCounter(meter) ? "_total" : ""))
        .collect(Collectors.toSet());
  }

  private static boolean isCounter(Meter meter) {
    return meter instanceof FunctionCounter;
  }

  private static Metric metric(String name, String topic, Object value) {
    return new Metric() {
      @Override
      public MetricName metricName() {
        return new MetricName(name, "consumer-fetch-manager-metrics", "", Map.of("topic", topic));
      }

      @Override
      public Object metricValue() {
        return value;
      }
    };
  }
}
