package io.outlay.detector.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.outlay.config.ConfigChecks;
import io.outlay.config.OutlayConfig;
import io.outlay.config.OutlayFile;
import io.outlay.detector.app.DetectorService.Parts;
import io.outlay.detector.budget.Budget;
import io.outlay.detector.delivery.ReceiverQueue;
import io.outlay.health.Status;
import io.outlay.topic.NativeCompression;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Starts and ends the detector with the program. */
@Singleton
class DetectorProgram {
  private static final double MILLIS = 1_000;

  private final ClickHouseContributors contributors;
  private final DetectorService service;
  private final RulesReload reload;
  private final List<String> problems;
  private final Settings settings;
  private volatile @Nullable MultiGauge budgetsUsed;

  @Inject
  DetectorProgram(
      OutlayConfig config, @ConfigProperty(name = OutlayFile.PROPERTY) Optional<String> file) {
    problems = ConfigChecks.problems(config);
    if (!problems.isEmpty()) {
      throw new IllegalStateException("configuration: " + String.join("; ", problems));
    }
    settings = Settings.of(config);
    contributors = new ClickHouseContributors(config.clickhouse());
    service = new DetectorService(settings, contributors, Clock.systemUTC());
    reload =
        new RulesReload(
            file.map(Path::of).orElse(null),
            settings,
            this::judgeBy,
            System.getenv(),
            Clock.systemUTC());
  }

  DetectorService service() {
    return service;
  }

  Settings settings() {
    return settings;
  }

  RulesReload reload() {
    return reload;
  }

  void start(@Observes StartupEvent event, MeterRegistry metrics) {
    measure(metrics);
    NativeCompression.prefer();
    service.start();
    reload.start();
  }

  void stop(@Observes ShutdownEvent event) {
    reload.close();
    service.close();
    contributors.close();
  }

  private void measure(MeterRegistry metrics) {
    for (Status status : List.of(service.backends().kafka(), service.backends().registry())) {
      Gauge.builder("outlay.detector.works", status, s -> s.isWorking() ? 1 : 0)
          .description("1 while what the detector needs answers, 0 while it does not")
          .tag("what", status.what())
          .register(metrics);
    }
    Gauge.builder("outlay.detector.config.valid", reload, any -> any.state().isValid() ? 1 : 0)
        .description("1 while the configuration file is what is judged by, 0 while it is refused")
        .register(metrics);
    Gauge.builder("outlay.detector.leader", service, any -> any.isLeader() ? 1 : 0)
        .description("1 at the detector that judges, 0 at those that stand by")
        .register(metrics);
    gauge(metrics, "outlay.detector.scopes", parts -> parts.store().scopeCount());
    gauge(metrics, "outlay.detector.cells", parts -> parts.store().cellCount());
    gauge(metrics, "outlay.detector.incidents.open", parts -> parts.book().open().size());
    budgetsUsed =
        MultiGauge.builder("outlay.detector.budget.used")
            .description("Share of its limit that a budget has used in its running period")
            .register(metrics);
    measure(settings.budgets());
    counter(
        metrics,
        "outlay.detector.budget.states",
        "step",
        "written",
        parts -> parts.budgets().written());
    gauge(
        metrics,
        "outlay.detector.data.lag.seconds",
        parts ->
            parts
                .store()
                .latestEvent()
                .map(event -> Duration.between(event, Clock.systemUTC().instant()))
                .map(lag -> lag.toMillis() / MILLIS)
                .orElse(Double.NaN));
    counter(metrics, "outlay.detector.rollups", "kind", "hour", parts -> parts.feed().hours());
    counter(metrics, "outlay.detector.rollups", "kind", "minute", parts -> parts.feed().minutes());
    counter(metrics, "outlay.detector.rollups", "kind", "other", parts -> parts.feed().others());
    counter(
        metrics,
        "outlay.detector.rollups",
        "kind",
        "superseded",
        parts -> parts.feed().superseded());
    counter(
        metrics,
        "outlay.detector.rollups",
        "kind",
        "unreadable",
        parts -> parts.feed().unreadable());
    counter(
        metrics,
        "outlay.detector.judgements",
        "type",
        "spend-ratio",
        parts -> parts.detector().judgements());
    counter(
        metrics, "outlay.detector.incidents", "step", "opened", parts -> parts.detector().opened());
    counter(
        metrics,
        "outlay.detector.incidents",
        "step",
        "reopened",
        parts -> parts.detector().reopened());
    counter(
        metrics,
        "outlay.detector.incidents",
        "step",
        "escalated",
        parts -> parts.detector().escalated());
    counter(
        metrics,
        "outlay.detector.incidents",
        "step",
        "resolved",
        parts -> parts.detector().resolved());
    for (Settings.Target target : settings.receivers()) {
      String name = target.name();
      counter(
          metrics,
          "outlay.detector.delivery.attempts",
          "receiver",
          name,
          queue(name, ReceiverQueue::attempts));
      counter(
          metrics,
          "outlay.detector.notifications.delivered",
          "receiver",
          name,
          queue(name, ReceiverQueue::delivered));
      counter(
          metrics,
          "outlay.detector.notifications.failed",
          "receiver",
          name,
          queue(name, ReceiverQueue::failed));
      counter(
          metrics,
          "outlay.detector.notifications.superseded",
          "receiver",
          name,
          queue(name, ReceiverQueue::superseded));
      counter(
          metrics,
          "outlay.detector.notifications.handed.over",
          "receiver",
          name,
          queue(name, ReceiverQueue::handedOver));
      Gauge.builder(
              "outlay.detector.notifications.pending",
              service,
              any -> any.measure(queue(name, ReceiverQueue::pending)))
          .tags(Tags.of("receiver", name))
          .register(metrics);
    }
  }

  private void judgeBy(Settings other) {
    service.judgeBy(other);
    measure(other.budgets());
  }

  private void measure(List<Budget> budgets) {
    MultiGauge gauges = budgetsUsed;
    if (gauges != null) {
      gauges.register(budgets.stream().map(this::used).toList(), true);
    }
  }

  private MultiGauge.Row<DetectorService> used(Budget budget) {
    return MultiGauge.Row.of(
        Tags.of("budget", budget.name()),
        service,
        any -> any.measure(parts -> parts.budgets().used(budget.name())));
  }

  private static ToDoubleFunction<Parts> queue(
      String receiver, ToDoubleFunction<ReceiverQueue> number) {
    return parts ->
        parts.dispatcher().queues().stream()
            .filter(queue -> queue.name().equals(receiver))
            .mapToDouble(number)
            .sum();
  }

  private void gauge(MeterRegistry metrics, String name, ToDoubleFunction<Parts> number) {
    Gauge.builder(name, service, any -> any.measure(number)).register(metrics);
  }

  private void counter(
      MeterRegistry metrics,
      String name,
      String tag,
      String value,
      ToDoubleFunction<Parts> number) {
    FunctionCounter.builder(name, service, any -> any.measure(number))
        .tag(tag, value)
        .register(metrics);
  }
}
