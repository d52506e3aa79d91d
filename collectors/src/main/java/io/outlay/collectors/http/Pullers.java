package io.outlay.collectors.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.ingest.ContentEncoding;
import io.outlay.collectors.ingest.Ingest;
import io.outlay.collectors.ingest.IngestOutcome;
import io.outlay.collectors.pull.GpuTarget;
import io.outlay.collectors.pull.InventoryTarget;
import io.outlay.collectors.pull.PullSchedule;
import io.outlay.config.OutlayConfig;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Starts what the collectors fetch by themselves, and stops it before the link to Kafka. */
@Startup
@ApplicationScoped
public class Pullers {
  private final OutlayConfig config;
  private final Ingest ingest;
  private final IngestMetrics metrics;
  private final MeterRegistry registry;

  private @Nullable PullSchedule schedule;

  @Inject
  Pullers(OutlayConfig config, Ingest ingest, IngestMetrics metrics, MeterRegistry registry) {
    this.config = config;
    this.ingest = ingest;
    this.metrics = metrics;
    this.registry = registry;
  }

  @PostConstruct
  void start() {
    OutlayConfig.Pullers pullers = config.pullers();
    if (pullers.gpus().isEmpty() && pullers.inventories().isEmpty()) {
      return;
    }
    InstantSource clock = InstantSource.system();
    PullSchedule started =
        new PullSchedule(
            new PullSchedule.Settings(
                pullers.gpus().stream().map(Pullers::gpu).toList(),
                pullers.inventories().stream().map(Pullers::inventory).toList(),
                config.collectors().stateDir(),
                config.collectors().maxBodyBytes()),
            this::deliver,
            new PullerMetrics(registry, clock),
            clock);
    started.start();
    schedule = started;
  }

  void stop(@Observes ShutdownEvent stopping) {
    if (schedule != null) {
      schedule.close();
    }
  }

  private IngestOutcome deliver(EventFormat format, Publisher publisher, byte[] body)
      throws IOException {
    IngestOutcome outcome =
        ingest.ingest(
            format,
            new Ingest.Request(
                publisher, ContentEncoding.IDENTITY, body.length, new ByteArrayInputStream(body)),
            bytes -> metrics.bytesRead(format.name(), bytes));
    metrics.decided(format.name(), outcome.counts());
    return outcome;
  }

  private static GpuTarget gpu(OutlayConfig.GpuTarget target) {
    return new GpuTarget(
        target.name(),
        target.url(),
        target.interval(),
        target.timeout(),
        target.team(),
        target.purchaseOption(),
        target.cloud().orElse(""),
        target.region().orElse(""),
        target.environment().orElse(""));
  }

  private static InventoryTarget inventory(OutlayConfig.InventoryTarget target) {
    return new InventoryTarget(
        target.name(),
        target.url(),
        target.interval(),
        target.timeout(),
        target.store().orElse(""),
        target.team(),
        target.region().orElse(""),
        target.environment().orElse(""));
  }
}
