package io.outlay.collectors.http;

import io.outlay.collectors.access.ApiKeys;
import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.access.RateLimits;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.attribution.Owner;
import io.outlay.collectors.event.JsonFormat;
import io.outlay.collectors.event.NdjsonFormat;
import io.outlay.collectors.format.Formats;
import io.outlay.collectors.ingest.Admission;
import io.outlay.collectors.ingest.Ingest;
import io.outlay.collectors.ingest.KafkaLink;
import io.outlay.collectors.ingest.KafkaSettings;
import io.outlay.collectors.otlp.MetricServices;
import io.outlay.config.ConfigChecks;
import io.outlay.config.OutlayConfig;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.topic.NativeCompression;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts the program together and holds what lives as long as it does. */
@Startup
@ApplicationScoped
public class Edge {
  /** Fewer than the worker threads, so that one is always there to say that it is too much. */
  private static final int MAX_REQUESTS = 128;

  private static final long MIN_BYTES_IN_FLIGHT = 64L * 1024 * 1024;
  private static final int BODIES_IN_FLIGHT = 4;

  @Inject OutlayConfig config;

  private KafkaLink link;
  private Admission admission;
  private ApiKeys apiKeys;
  private Ingest ingest;

  @PostConstruct
  void start() {
    List<String> problems = ConfigChecks.problems(config);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(
          "the configuration is wrong:\n" + String.join("\n", problems));
    }
    NativeCompression.prefer();
    admission =
        new Admission(
            MAX_REQUESTS,
            Math.max(
                MIN_BYTES_IN_FLIGHT, (long) BODIES_IN_FLIGHT * config.collectors().maxBodyBytes()));
    link =
        new KafkaLink(
            new KafkaSettings(
                config.kafka().bootstrapServers(),
                config.kafka().topicPrefix(),
                config.kafka().partitions(),
                config.collectors().acknowledgeWithin()),
            new HttpSchemaRegistry(config.registry().url()));
    Map<String, Publisher> publishers = new HashMap<>();
    Map<Publisher, Integer> rates = new HashMap<>();
    for (OutlayConfig.ApiKey key : config.apiKeys()) {
      Publisher publisher = new Publisher(key.name(), key.team().orElse(null));
      publishers.put(key.key(), publisher);
      key.eventsPerSecond().ifPresent(rate -> rates.put(publisher, rate));
    }
    apiKeys = new ApiKeys(publishers, config.collectors().allowAnonymous());
    ingest =
        new Ingest(
            link,
            admission,
            new RateLimits(rates),
            attribution(config.attribution()),
            new Ingest.Limits(
                config.collectors().maxBodyBytes(),
                config.collectors().maxEvents(),
                config.collectors().maxFuture()),
            InstantSource.system());
    link.start();
  }

  @PreDestroy
  void stop() {
    if (link != null) {
      link.close();
    }
  }

  private static Attribution attribution(List<OutlayConfig.Attribution> entries) {
    return new Attribution(
        entries.stream()
            .map(
                entry -> {
                  Owner owner =
                      new Owner(
                          entry.team(),
                          entry.project().orElse(""),
                          entry.feature().orElse(""),
                          entry.environment().orElse(""));
                  if (entry.service().isPresent()) {
                    return new Attribution.Entry(
                        Attribution.By.SERVICE, entry.service().get(), owner);
                  }
                  return entry.key().isPresent()
                      ? new Attribution.Entry(Attribution.By.KEY, entry.key().get(), owner)
                      : new Attribution.Entry(
                          Attribution.By.NAMESPACE, entry.namespace().orElseThrow(), owner);
                })
            .toList());
  }

  @Produces
  @Singleton
  @Named("events")
  Formats events() {
    return new Formats()
        .with("application/json", JsonFormat.json())
        .with("application/cloudevents+json", JsonFormat.structured())
        .with("application/cloudevents-batch+json", JsonFormat.batched())
        .with("application/x-ndjson", new NdjsonFormat(config.collectors().maxLineBytes()));
  }

  @Produces
  @Singleton
  MetricServices metricServices() {
    return new MetricServices(config.collectors().otlpMetricsOf().orElse(List.of()));
  }

  @Produces
  @Singleton
  ApiKeys apiKeys() {
    return apiKeys;
  }

  @Produces
  @Singleton
  Admission admission() {
    return admission;
  }

  @Produces
  @Singleton
  Ingest ingest() {
    return ingest;
  }

  @Produces
  @Singleton
  EdgeReadiness.Problem problem() {
    return link::problem;
  }
}
