package io.outlay.collectors.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.outlay.collectors.ingest.Admission;
import io.outlay.collectors.ingest.IngestOutcome;
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
 *   + outlay_ingest_events_total{outcome="unacknowledged"}
 * </pre>
 *
 * <p>A request counts its events as received once it has been read to its end: what is refused as a
 * whole (broken, too large, while Kafka is away) has no number of events. Unacknowledged events may
 * or may not be stored; their publisher was told to send them again.
 */
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
  IngestMetrics(MeterRegistry registry, Admission admission) {
    this.registry = registry;
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
    Counter.builder("outlay.ingest.bytes")
        .description("Bytes of request bodies")
        .tag(FORMAT, format)
        .register(registry)
        .increment(bytes);
  }

  void decided(String format, IngestOutcome outcome) {
    Counter.builder("outlay.ingest.received")
        .description("Events of requests that were read to their end")
        .tag(FORMAT, format)
        .register(registry)
        .increment(outcome.received());
    events(format, "accepted").increment(outcome.accepted());
    events(format, "rejected").increment(outcome.rejected());
    events(format, "unacknowledged").increment(outcome.unacknowledged());
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
