package io.outlay.sink.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.outlay.sink.insert.Status;
import io.outlay.sink.worker.TopicCounters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SinkMetricsTest {
  private static final Path ALERTS = Path.of("../deploy/prometheus/alerts.yaml");
  private static final Pattern OWN = Pattern.compile("\\boutlay_sink_\\w+");

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final TopicCounters counters = new TopicCounters();
  private final Status status =
      new Status("ClickHouse", Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));

  @Test
  void givenTheShippedAlerts_thenEveryMetricOfTheirsIsRegistered() throws IOException {
    SinkMetrics own = new SinkMetrics(metrics);
    own.publish("costs", counters);
    own.publish(status);
    Set<String> used = new TreeSet<>();
    OWN.matcher(Files.readString(ALERTS)).results().forEach(found -> used.add(found.group()));

    assertThat(used).contains("outlay_sink_works");
    assertThat(exposed()).containsAll(used);
  }

  @Test
  void givenWhatTheSinkNeedsFails_thenItsMetricSaysSoUntilItWorks() {
    new SinkMetrics(metrics).publish(status);

    status.failed("connection refused");

    assertThat(metrics.get("outlay.sink.works").tag("what", "ClickHouse").gauge().value()).isZero();
  }

  /** As Prometheus shows them: counters end in {@code _total}. */
  private Set<String> exposed() {
    return metrics.getMeters().stream()
        .map(
            meter ->
                meter.getId().getName().replace('.', '_')
                    + (meter instanceof FunctionCounter ? "_total" : ""))
        .collect(Collectors.toSet());
  }
}
