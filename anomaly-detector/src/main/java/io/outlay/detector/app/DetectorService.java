package io.outlay.detector.app;

import io.outlay.detector.budget.BudgetBook;
import io.outlay.detector.budget.BudgetLogException;
import io.outlay.detector.budget.BudgetTracker;
import io.outlay.detector.delivery.Dispatcher;
import io.outlay.detector.delivery.ReceiverQueue;
import io.outlay.detector.delivery.RetryPolicy;
import io.outlay.detector.delivery.WebhookSigner;
import io.outlay.detector.delivery.WebhookTransport;
import io.outlay.detector.incident.BudgetIncidents;
import io.outlay.detector.incident.Detector;
import io.outlay.detector.incident.IncidentBook;
import io.outlay.detector.incident.IncidentJson;
import io.outlay.detector.incident.IncidentLogException;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.SpendStore;
import io.outlay.health.Backends;
import io.outlay.health.Causes;
import io.outlay.schema.BudgetState;
import io.outlay.schema.CostRollup;
import io.outlay.schema.Incident;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.serde.RegistryException;
import io.outlay.serde.SchemaRegistry;
import io.outlay.topic.TopicProvisioner;
import io.outlay.topic.Topics;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The detector at work: waits for Kafka and the registry, reads incidents and rollups to their
 * ends, and only then judges, on the same thread that reads.
 */
final class DetectorService implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(DetectorService.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration SAY_AGAIN = Duration.ofMinutes(5);
  private static final Duration DISCOVER_EVERY = Duration.ofSeconds(30);
  private static final Duration MAX_SILENCE = Duration.ofSeconds(30);
  private static final Duration MAX_BEHIND = Duration.ofSeconds(2);
  private static final Duration LOAD_POLL = Duration.ofMillis(100);
  private static final long CLOSE_MILLIS = 3_000;

  /** How far it has come. */
  enum Phase {
    WAITING,
    LOADING,
    JUDGING,
    CLOSED
  }

  private final Settings settings;
  private final Clock clock;
  private final Thread thread = new Thread(this::run, "detector");
  private final Backends backends;
  private volatile Phase phase = Phase.WAITING;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile long aliveAt = System.nanoTime();
  private volatile @Nullable Parts parts;
  private volatile @Nullable BudgetBook budgets;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;
  private long saidAt;
  private String said = "";

  /** What exists once Kafka and the registry do. */
  record Parts(
      KafkaIncidentLog log,
      IncidentBook book,
      Dispatcher dispatcher,
      SpendStore store,
      RollupFeed feed,
      Detector detector,
      IncidentJson json,
      KafkaBudgetLog budgetLog,
      BudgetBook budgets) {}

  DetectorService(Settings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
    this.backends =
        new Backends(() -> Clients.admin(settings.bootstrapServers()), settings.registry(), clock);
  }

  /** Whether Kafka and the registry answer. */
  Backends backends() {
    return backends;
  }

  void start() {
    backends.start();
    if (settings.rules().isEmpty() && settings.budgets().isEmpty()) {
      LOG.warn("nothing is watched: the configuration has no rules and no budgets");
    }
    for (Rule rule : settings.rules()) {
      Terms terms = rule.terms();
      LOG.infof("rule %s: %s %s by %s", terms.name(), terms.type(), terms.threshold(), terms.by());
      if (terms.receivers().isEmpty()) {
        LOG.warnf("rule %s tells nobody: it has no receivers", terms.name());
      }
    }
    thread.start();
  }

  Phase phase() {
    return phase;
  }

  /** Whether the thread that judges is there. */
  boolean alive() {
    return thread.isAlive();
  }

  /** What keeps it from judging; empty if nothing does. */
  Optional<String> hindrance() {
    if (phase != Phase.JUDGING) {
      return Optional.of(phase.name().toLowerCase(Locale.ROOT));
    }
    if (System.nanoTime() - aliveAt > MAX_SILENCE.toNanos()) {
      return Optional.of("stuck");
    }
    return Stream.of(backends.kafka(), backends.registry())
        .filter(status -> !status.isWorking())
        .map(status -> "no answer from " + status.what() + " " + status.reason())
        .findFirst();
  }

  /** Its parts; empty until everything has been read. */
  Optional<Parts> loaded() {
    return phase == Phase.JUDGING ? Optional.ofNullable(parts) : Optional.empty();
  }

  /** Budgets as they were written last; empty until these have been read. */
  Optional<BudgetBook> budgets() {
    return Optional.ofNullable(budgets);
  }

  /** A number of its parts; 0 until there are any. */
  double measure(ToDoubleFunction<Parts> number) {
    Parts known = parts;
    return known == null ? 0 : number.applyAsDouble(known);
  }

  @Override
  public void close() {
    closing.countDown();
    KafkaConsumer<byte[], byte[]> reading = consumer;
    if (reading != null) {
      reading.wakeup();
    }
    try {
      thread.join(CLOSE_MILLIS);
      if (thread.isAlive()) {
        thread.interrupt();
        thread.join(CLOSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    backends.close();
  }

  private void run() {
    try {
      SchemaRegistry registry = new HttpSchemaRegistry(settings.registry());
      AvroCodec<Incident> incidents = null;
      AvroCodec<BudgetState> budgetStates = null;
      AvroCodec<CostRollup> rollups = null;
      while (rollups == null) {
        try {
          provision();
          incidents = AvroCodec.of(Topics.INCIDENTS, settings.topicPrefix(), registry);
          budgetStates = AvroCodec.of(Topics.BUDGET_STATES, settings.topicPrefix(), registry);
          rollups = AvroCodec.of(Topics.ROLLUPS, settings.topicPrefix(), registry);
        } catch (IllegalStateException | RegistryException | KafkaException e) {
          pause("waiting for Kafka and the registry", e);
        }
      }
      work(incidents, budgetStates, rollups);
    } catch (InterruptedException | WakeupException | InterruptException e) {
      if (!isClosing()) {
        LOG.error("the detector was interrupted", e);
      }
    } catch (RuntimeException e) {
      // Ends the thread, and with it liveness: whoever watches the program starts it anew.
      LOG.error("the detector cannot go on", e);
    } finally {
      phase = Phase.CLOSED;
      // What is closed now does not close well in an interrupted thread.
      boolean interrupted = Thread.interrupted();
      Parts known = parts;
      if (known != null) {
        known.dispatcher().close();
        known.log().close();
        known.budgetLog().close();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void provision() {
    try (Admin admin = Clients.admin(settings.bootstrapServers())) {
      new TopicProvisioner(admin, settings.topicPrefix(), settings.partitions()).provision();
    }
  }

  private void work(
      AvroCodec<Incident> incidents,
      AvroCodec<BudgetState> budgetStates,
      AvroCodec<CostRollup> rollups)
      throws InterruptedException {
    KafkaIncidentLog log =
        new KafkaIncidentLog(
            Clients.producer(settings.bootstrapServers()),
            Topics.INCIDENTS.name(settings.topicPrefix()),
            incidents);
    IncidentBook book = new IncidentBook(log);
    Dispatcher dispatcher = dispatcher(book);
    Set<Cut> cuts = new HashSet<>();
    settings.rules().forEach(rule -> cuts.addAll(rule.terms().by()));
    // One day more than the day before the latest needs, for a start just after midnight.
    SpendStore store = new SpendStore(settings.zone(), settings.longestBaseline() + 2, cuts);
    IncidentJson json = new IncidentJson(settings.base());
    Detector detector =
        new Detector(
            settings.rules(),
            store,
            settings.zone(),
            book,
            dispatcher::enqueue,
            json,
            dispatcher.receivers(),
            settings.maxAge(),
            clock);
    KafkaBudgetLog budgetLog =
        new KafkaBudgetLog(
            Clients.producer(settings.bootstrapServers()),
            Topics.BUDGET_STATES.name(settings.topicPrefix()),
            budgetStates);
    BudgetTracker tracker = new BudgetTracker(settings.budgets(), settings.zone());
    BudgetBook budgetBook =
        new BudgetBook(
            tracker,
            budgetLog,
            new BudgetIncidents(book, dispatcher::enqueue, json, dispatcher.receivers(), clock),
            clock);
    try (KafkaConsumer<byte[], byte[]> reader = Clients.consumer(settings.bootstrapServers())) {
      consumer = reader;
      RollupFeed feed =
          new RollupFeed(
              reader, Topics.ROLLUPS.name(settings.topicPrefix()), rollups, store, tracker, clock);
      parts = new Parts(log, book, dispatcher, store, feed, detector, json, budgetLog, budgetBook);
      phase = Phase.LOADING;
      // First, because gateways wait for them.
      untilDone("reading budgets", () -> budgetLog.load(reader, budgetBook));
      budgets = budgetBook;
      reader.unsubscribe();
      untilDone("reading incidents", () -> log.load(reader, book));
      reader.unsubscribe();
      dispatcher.start();
      book.owed().forEach(dispatcher::enqueue);
      untilDone("reading rollups", feed::discover);
      Map<TopicPartition, Long> ends = new HashMap<>();
      untilDone("reading rollups", () -> ends.putAll(feed.ends()));
      untilDone("reading rollups", () -> load(feed, ends));
      LOG.infof(
          "loaded %d hours of %d scopes, %d incidents are open; judging",
          feed.hours(), store.scopeCount(), book.open().size());
      phase = Phase.JUDGING;
      judge(feed, store, detector, budgetBook);
    } finally {
      consumer = null;
    }
  }

  private void load(RollupFeed feed, Map<TopicPartition, Long> ends) {
    while (!isClosing() && !feed.reached(ends)) {
      feed.poll(LOAD_POLL);
      aliveAt = System.nanoTime();
    }
  }

  private void judge(RollupFeed feed, SpendStore store, Detector detector, BudgetBook budgetBook)
      throws InterruptedException {
    long every = settings.evaluateEvery().toNanos();
    long judgedAt = System.nanoTime() - every;
    long changeJudgedAt = judgedAt;
    long discoveredAt = System.nanoTime();
    while (!isClosing()) {
      try {
        long sinceChange = System.nanoTime() - changeJudgedAt;
        long wait = store.hasChanged() ? Math.max(0, every - sinceChange) : every;
        feed.poll(Duration.ofNanos(wait));
        long now = System.nanoTime();
        aliveAt = now;
        boolean due = now - (store.hasChanged() ? changeJudgedAt : judgedAt) >= every;
        // Half a batch of a commit is not the state of affairs; but do not wait for ever.
        boolean whole = feed.lag() == 0 || now - judgedAt >= every + MAX_BEHIND.toNanos();
        if (due && whole) {
          changeJudgedAt = store.hasChanged() ? now : changeJudgedAt;
          budgetBook.evaluate();
          detector.evaluate();
          judgedAt = now;
        }
        if (now - discoveredAt >= DISCOVER_EVERY.toNanos()) {
          discoveredAt = now;
          feed.discover();
        }
      } catch (WakeupException | InterruptException e) {
        throw e;
      } catch (RegistryException | IncidentLogException | BudgetLogException | KafkaException e) {
        pause("judging is held up", e);
      }
    }
  }

  private Dispatcher dispatcher(IncidentBook book) {
    HttpClient http = WebhookTransport.client();
    RetryPolicy policy = RetryPolicy.standard(() -> ThreadLocalRandom.current().nextDouble());
    Map<String, ReceiverQueue> queues = new HashMap<>();
    for (Settings.Target target : settings.receivers()) {
      queues.put(
          target.name(),
          new ReceiverQueue(
              target.name(),
              new WebhookTransport(target.url(), new WebhookSigner(target.secret()), http, clock),
              book,
              policy,
              clock));
    }
    return new Dispatcher(queues);
  }

  private void untilDone(String what, Runnable step) throws InterruptedException {
    while (true) {
      try {
        step.run();
        return;
      } catch (WakeupException | InterruptException e) {
        throw e;
      } catch (RegistryException | KafkaException e) {
        pause(what, e);
      }
    }
  }

  /** Says once what is wrong, and again every five minutes. */
  private void pause(String what, RuntimeException e) throws InterruptedException {
    long now = System.nanoTime();
    if (!said.equals(what) || now - saidAt >= SAY_AGAIN.toNanos()) {
      LOG.warnf("%s: %s", what, Causes.of(e));
      said = what;
      saidAt = now;
    }
    if (closing.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new InterruptedException("closing");
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }
}
