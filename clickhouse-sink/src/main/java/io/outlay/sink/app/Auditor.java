package io.outlay.sink.app;

import com.clickhouse.client.api.Client;
import io.outlay.config.OutlayConfig;
import io.outlay.sink.audit.Audit;
import io.outlay.sink.audit.Audit.Patience;
import io.outlay.sink.audit.Audit.Scope;
import io.outlay.sink.audit.AuditException;
import io.outlay.sink.audit.AuditReport;
import io.outlay.sink.audit.AuditState;
import io.outlay.sink.audit.Books;
import io.outlay.sink.audit.ClickHouseQuery;
import io.outlay.sink.audit.KafkaFlow;
import io.outlay.sink.audit.KafkaFlow.Step;
import io.outlay.topic.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.IsolationLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Audits the books from time to time and when asked; one audit at a time. */
public final class Auditor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Auditor.class);
  private static final Duration SETTLE = Duration.ofSeconds(15);
  private static final Duration ARRIVE = Duration.ofSeconds(60);
  private static final Duration WHOLE_EVERY = Duration.ofDays(1);
  private static final Duration LATELY = Duration.ofHours(2);

  private final Audit audit;
  private final AuditState state = new AuditState(LOG::info, LOG::error);
  private final Duration every;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(Auditor::daemon);
  private final Object oneAtATime = new Object();
  private final long startNanos = System.nanoTime();
  private long wholeNanos = startNanos - WHOLE_EVERY.toNanos();
  private volatile long lastNanos = startNanos;

  /**
   * @param admin closed by its owner
   * @param client patient enough for a scan of all facts; closed by its owner
   */
  Auditor(OutlayConfig config, Clients clients, Admin admin, Client client) {
    this.every = config.sink().audit().every();
    String prefix = config.kafka().topicPrefix();
    String streams = prefix + "streams";
    String usage = Topics.USAGE.name(prefix);
    KafkaFlow flow =
        new KafkaFlow(
            admin,
            clients::auditConsumer,
            List.of(
                new Step("streams", streams, Set.of(usage), IsolationLevel.READ_COMMITTED),
                step("streams", streams, Topics.ROLLUP_DELTAS.name(prefix)),
                step("sink", Clients.group(prefix, "costs"), Topics.COSTS.name(prefix)),
                step("sink", Clients.group(prefix, "rollups"), Topics.ROLLUPS.name(prefix)),
                step(
                    "sink",
                    Clients.group(prefix, "state"),
                    Topics.LEDGER.name(prefix),
                    Topics.REPRICINGS.name(prefix),
                    Topics.DEAD_LETTERS.name(prefix))),
            usage);
    Duration lately = every.multipliedBy(2);
    this.audit =
        new Books(
                new ClickHouseQuery(client, config.clickhouse().database()),
                flow::usage,
                usage,
                config.timezone(),
                lately.compareTo(LATELY) > 0 ? lately : LATELY)
            .audit(flow, Clock.systemUTC());
  }

  /** Starts to audit by itself, if that is configured. */
  @SuppressWarnings("FutureReturnValueIgnored") // ends with the timer
  void start() {
    if (!every.isZero()) {
      timer.scheduleWithFixedDelay(
          this::auditByItself, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Audits all of the books now.
   *
   * @param arrive how long to wait for what is on its way
   * @throws AuditException if Kafka or ClickHouse do not answer
   */
  AuditReport now(Duration arrive) {
    return run(Scope.ALL, arrive);
  }

  /** What is known of the books. */
  AuditState state() {
    return state;
  }

  /** Time since the last audit that was made, or since the start if none was. */
  Duration sinceLast() {
    return Duration.ofNanos(System.nanoTime() - lastNanos);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private void auditByItself() {
    try {
      long now = System.nanoTime();
      boolean whole = now - wholeNanos >= WHOLE_EVERY.toNanos();
      run(whole ? Scope.ALL : Scope.RECENT, ARRIVE);
    } catch (RuntimeException e) {
      // What does not answer now may do so the next time; the timer must not end.
      if (!timer.isShutdown()) {
        state.failed(String.valueOf(e.getMessage()));
        LOG.debug("because of", e);
      }
    }
  }

  private AuditReport run(Scope scope, Duration arrive) {
    synchronized (oneAtATime) {
      long begin = System.nanoTime();
      AuditReport report = audit.run(scope, new Patience(arrive, SETTLE));
      if (scope == Scope.ALL) {
        wholeNanos = begin;
      }
      lastNanos = System.nanoTime();
      state.took(report);
      return report;
    }
  }

  private static Step step(String reader, String group, String... topics) {
    return new Step(reader, group, Set.of(topics), IsolationLevel.READ_UNCOMMITTED);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "sink-audit");
    thread.setDaemon(true);
    return thread;
  }
}
