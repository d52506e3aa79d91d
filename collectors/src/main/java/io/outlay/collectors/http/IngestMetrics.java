package io.outlay.collectors.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.outlay.collectors.ingest.Admission;
import io.outlay.collectors.ingest.IngestOutcome;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Counts what comes in and what becomes of it. For every format
 *
 * <pre>
 * outlay_ingest_received_total =
 *     outlay_ingest_events_total{outcome="accepted"}
 *   + outlay_ingest_events_total{outcome="rejected"}
 *   + outlay_ingest_events_total{outcome="ignored"}
 *   + outlay_ingest_events_total{outcome="unacknowledged"}
 * </pre>
 *
 * <p>A request counts its events as received once it has been read to its end: what is refused as a
 * whole (broken, too large, while Kafka is away) has no number of events. A streamed body counts
 * what was taken of it. Unacknowledged events may or may not be stored; their publisher was told to
 * send them again. Ignored is what is in order but no usage, such as spans without tokens. {@code
 * outlay_ingest_unattributed_total} counts those among the accepted that no team could be named
 * for.
 */
@Startup
@ApplicationScoped
public class IngestMetrics {
  private static final String FORMAT = "format";
  private static final String NO_FORMAT = "none";
  private static final Duration[] LATENCIES = {
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(15)
  };

  private final MeterRegistry registry;

  @Inject
  IngestMetrics(MeterRegistry registry, Admission admission, EdgeReadiness.Problem problem) {
    this.registry = registry;
    Gauge.builder("outlay.ingest.works", problem, p -> p.current() == null ? 1 : 0)
        .description("1 while events can be written, 0 while they cannot")
        .strongReference(true)
        .register(registry);
    Gauge.builder("outlay.ingest.in.flight", admission, Admission::requests)
        .description("Requests being taken")
        .register(registry);
    Gauge.builder("outlay.ingest.in.flight.bytes", admission, Admission::bytes)
        .description("Body bytes of the requests being taken")
        .register(registry);
  }

  /** A request that no format takes. */
  void refused(int status) {
    requests(NO_FORMAT, status).increment();
  }

  void bytesRead(String format, long bytes) {
    counter("outlay.ingest.bytes", "Bytes of request bodies, as they came", format)
        .increment(bytes);
  }

  void decided(String format, IngestOutcome.Counts counts) {
    counter("outlay.ingest.received", "Events that were read", format).increment(counts.received());
    events(format, "accepted").increment(counts.accepted());
    events(format, "rejected").increment(counts.rejected());
    events(format, "ignored").increment(counts.ignored());
    events(format, "unacknowledged").increment(counts.unacknowledged());
    counter("outlay.ingest.unattributed", "Accepted events that no team is known for", format)
        .increment(counts.unattributed());
  }

  void answered(String format, int status, long nanos) {
    requests(format, status).increment();
    Timer.builder("outlay.ingest.request")
        .description("From the start of a request to its answer")
        .tag(FORMAT, format)
        .serviceLevelObjectives(LATENCIES)
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  private Counter counter(String name, String description, String format) {
    return Counter.builder(name).description(description).tag(FORMAT, format).register(registry);
  }

  private Counter events(String format, String outcome) {
    return Counter.builder("outlay.ingest.events")
        .description("Events by what became of them")
        .tag(FORMAT, format)
        .tag("outcome", outcome)
        .register(registry);
  }

  private Counter requests(String format, int status) {
    return Counter.builder("outlay.ingest.requests")
        .description("Requests by status of the answer")
        .tag(FORMAT, format)
        .tag("status", Integer.toString(status))
        .register(registry);
  }
}
