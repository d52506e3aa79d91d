package io.outlay.detector.app;

import io.outlay.detector.budget.BudgetBook;
import io.outlay.detector.budget.BudgetLogException;
import io.outlay.detector.budget.BudgetTracker;
import io.outlay.detector.delivery.DeliveryLog;
import io.outlay.detector.delivery.Dispatcher;
import io.outlay.detector.delivery.HttpTransport;
import io.outlay.detector.delivery.ReceiverPolicy;
import io.outlay.detector.delivery.ReceiverQueue;
import io.outlay.detector.delivery.RetryPolicy;
import io.outlay.detector.incident.BudgetIncidents;
import io.outlay.detector.incident.Contributors;
import io.outlay.detector.incident.Desk;
import io.outlay.detector.incident.Detector;
import io.outlay.detector.incident.IncidentBook;
import io.outlay.detector.incident.IncidentJson;
import io.outlay.detector.incident.IncidentLogException;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Needs;
import io.outlay.detector.spend.SpendStore;
import io.outlay.health.Backends;
import io.outlay.health.Causes;
import io.outlay.schema.BudgetState;
import io.outlay.schema.CostRollup;
import io.outlay.schema.Incident;
import io.outlay.schema.ScopeRollup;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.serde.RegistryException;
import io.outlay.serde.SchemaRegistry;
import io.outlay.topic.TopicProvisioner;
import io.outlay.topic.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
 * ends, and only then judges, on the same thread that reads. Of several detectors one judges and
 * sends; the others stand by, read on, and one of them takes over when it is gone.
 */
final class DetectorService implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(DetectorService.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration SAY_AGAIN = Duration.ofMinutes(5);
  private static final Duration DISCOVER_EVERY = Duration.ofSeconds(30);
  private static final Duration MAX_SILENCE = Duration.ofSeconds(30);
  private static final Duration MAX_BEHIND = Duration.ofSeconds(2);
  private static final Duration LOAD_POLL = Duration.ofMillis(100);

  /** A detector that is alone leads within this time, as a rule. */
  private static final Duration STANDBY_AFTER = Duration.ofSeconds(1);

  private static final long CLOSE_MILLIS = 3_000;

  /** How far it has come. */
  enum Phase {
    WAITING,
    LOADING,
    STANDBY,
    JUDGING,
    CLOSED
  }

  private final Settings settings;

  /** What rules and budgets are taken from; all else is as it was at the start. */
  private volatile Settings inForce;

  private final Contributors contributors;
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
      DeliveryLog deliveries,
      SpendStore store,
      RollupFeed feed,
      Detector detector,
      IncidentJson json,
      Desk desk,
      KafkaBudgetLog budgetLog,
      BudgetBook budgets) {}

  /**
   * What is known of incidents.
   *
   * @param isLeader whether it is known here first
   */
  record Reading(IncidentBook book, IncidentJson json, boolean isLeader) {}

  /** What changes incidents. */
  record Writing(Desk desk) {}

  /** All is to be read anew, and the role to be found out. */
  private static final class StartOverException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartOverException(String why) {
      super(why);
    }
  }

  DetectorService(Settings settings, Clock clock) {
    this(settings, Contributors.NONE, clock);
  }

  /**
   * @param contributors asked when an incident opens
   */
  DetectorService(Settings settings, Contributors contributors, Clock clock) {
    this.settings = settings;
    this.inForce = settings;
    this.contributors = contributors;
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
    describe(settings);
    thread.start();
  }

  private static void describe(Settings settings) {
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
  }

  /**
   * Judges by the rules and budgets of other settings from now on, as soon as the rollups that they
   * need have been read. Nothing else of the settings is taken.
   */
  void judgeBy(Settings other) {
    describe(other);
    inForce = other;
  }

  /** Rules that are judged by. */
  List<Rule> rules() {
    return inForce.rules();
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
    if (hasToRead()) {
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

  /** Whether it is the one that judges and sends. */
  boolean isLeader() {
    return phase == Phase.JUDGING;
  }

  /** Incidents; empty until everything has been read. */
  Optional<Reading> reading() {
    Parts known = parts;
    boolean isLeader = isLeader();
    return known == null || hasToRead()
        ? Optional.empty()
        : Optional.of(new Reading(known.book(), known.json(), isLeader));
  }

  /** What changes incidents; empty unless this is the one that judges. */
  Optional<Writing> writing() {
    Parts known = parts;
    return known == null || !isLeader() ? Optional.empty() : Optional.of(new Writing(known.desk()));
  }

  private boolean hasToRead() {
    return phase != Phase.JUDGING && phase != Phase.STANDBY;
  }

  /** Its parts as soon as there are any; what was owed may still be being read. */
  Optional<Parts> parts() {
    return phase == Phase.CLOSED ? Optional.empty() : Optional.ofNullable(parts);
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
      AvroCodec<ScopeRollup> scopeRollups = null;
      while (scopeRollups == null) {
        try {
          provision();
          incidents = AvroCodec.of(Topics.INCIDENTS, settings.topicPrefix(), registry);
          budgetStates = AvroCodec.of(Topics.BUDGET_STATES, settings.topicPrefix(), registry);
          rollups = AvroCodec.of(Topics.ROLLUPS, settings.topicPrefix(), registry);
          scopeRollups = AvroCodec.of(Topics.SCOPE_ROLLUPS, settings.topicPrefix(), registry);
        } catch (IllegalStateException | RegistryException | KafkaException e) {
          pause("waiting for Kafka and the registry", e);
        }
      }
      while (!isClosing()) {
        try {
          work(incidents, budgetStates, rollups, scopeRollups);
        } catch (StartOverException e) {
          phase = Phase.WAITING;
          pause("starting over", e);
        }
      }
    } catch (InterruptedException | WakeupException | InterruptException e) {
      if (!isClosing()) {
        LOG.error("the detector was interrupted", e);
      }
    } catch (RuntimeException e) {
      // Ends the thread, and with it liveness: whoever watches the program starts it anew.
      LOG.error("the detector cannot go on", e);
    } finally {
      phase = Phase.CLOSED;
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
      AvroCodec<CostRollup> rollups,
      AvroCodec<ScopeRollup> scopeRollups)
      throws InterruptedException {
    String topic = Topics.INCIDENTS.name(settings.topicPrefix());
    String kafka = settings.bootstrapServers();
    KafkaIncidentLog log =
        new KafkaIncidentLog(Clients.producer(kafka, settings.topicPrefix()), topic, incidents);
    IncidentBook book = new IncidentBook(log);
    DeliveryLog deliveries = new DeliveryLog();
    Dispatcher dispatcher = dispatcher(book, deliveries);
    IncidentJson json = new IncidentJson(settings.base());
    KafkaBudgetLog budgetLog =
        new KafkaBudgetLog(
            Clients.stateProducer(settings.bootstrapServers()),
            Topics.BUDGET_STATES.name(settings.topicPrefix()),
            budgetStates);
    BudgetBook budgetBook =
        new BudgetBook(
            tracker(inForce),
            budgetLog,
            new BudgetIncidents(book, dispatcher::enqueue, json, dispatcher.receivers(), clock),
            clock);
    Desk desk =
        new Desk(book, json, dispatcher.receivers(), dispatcher::enqueue, this::dataLag, clock);
    try (KafkaConsumer<byte[], byte[]> reader = Clients.consumer(kafka);
        KafkaConsumer<byte[], byte[]> follower = Clients.consumer(kafka);
        KafkaConsumer<byte[], byte[]> budgetFollower = Clients.consumer(kafka);
        Leadership leadership =
            new Leadership(
                Clients.member(kafka, settings.topicPrefix(), settings.instance()), topic)) {
      consumer = reader;
      phase = Phase.LOADING;
      Followed<KafkaIncidentLog, IncidentBook> incidentsFollowed =
          new Followed<>(follower, log, book);
      Followed<KafkaBudgetLog, BudgetBook> budgetsFollowed =
          new Followed<>(budgetFollower, budgetLog, budgetBook);
      Role role = new Role(leadership, incidentsFollowed, budgetsFollowed, dispatcher);
      try {
        // First, because gateways wait for them.
        untilDone("reading budgets", () -> budgetLog.follow(budgetFollower));
        untilDone("reading budgets", () -> budgetLog.catchUp(budgetFollower, budgetBook));
        budgets = budgetBook;
        untilDone("reading incidents", () -> log.follow(follower));
        untilDone("reading incidents", () -> log.catchUp(follower, book));
        while (!isClosing()) {
          Settings rules = inForce;
          SpendStore store = store(rules);
          BudgetTracker tracker = tracker(rules);
          budgetBook.goOnWith(tracker);
          RollupFeed feed =
              new RollupFeed(
                  reader,
                  Topics.ROLLUPS.name(settings.topicPrefix()),
                  rollups,
                  Topics.SCOPE_ROLLUPS.name(settings.topicPrefix()),
                  scopeRollups,
                  store,
                  tracker,
                  clock);
          Detector detector =
              new Detector(
                  rules.rules(),
                  store,
                  settings.zone(),
                  book,
                  dispatcher::enqueue,
                  json,
                  dispatcher.receivers(),
                  contributors,
                  settings.maxAge(),
                  clock);
          parts =
              new Parts(
                  log,
                  book,
                  dispatcher,
                  deliveries,
                  store,
                  feed,
                  detector,
                  json,
                  desk,
                  budgetLog,
                  budgetBook);
          untilDone("reading rollups", feed::discover);
          Map<TopicPartition, Long> ends = new HashMap<>();
          untilDone("reading rollups", () -> ends.putAll(feed.ends()));
          store.loading(true);
          untilDone("reading rollups", () -> load(role, feed, ends));
          store.loading(false);
          LOG.infof(
              "loaded %d hours and %d minutes of %d scopes, %d incidents are open",
              feed.hours(), feed.minutes(), store.scopeCount(), book.open().size());
          standBy(role, feed, rules);
          judge(role, feed, store, detector, budgetBook, rules);
          reader.unsubscribe();
        }
      } finally {
        // Nothing is sent any more once another may lead.
        closed(dispatcher, log, budgetLog);
      }
    } finally {
      consumer = null;
    }
  }

  private BudgetTracker tracker(Settings rules) {
    return new BudgetTracker(rules.budgets(), settings.zone(), settings.lateness());
  }

  private SpendStore store(Settings rules) {
    Set<Cut> cuts = new HashSet<>();
    rules.rules().forEach(rule -> cuts.addAll(rule.terms().by()));
    // One day more than the day before the latest needs, for a start just after midnight.
    return new SpendStore(
        settings.zone(),
        rules.longestBaseline() + 2,
        cuts,
        rules.rules().stream().map(Rule::needs).reduce(Needs.NONE, Needs::and),
        settings.maxAge());
  }

  /** Closes what does not close well in an interrupted thread. */
  private static void closed(
      Dispatcher dispatcher, KafkaIncidentLog log, KafkaBudgetLog budgetLog) {
    boolean interrupted = Thread.interrupted();
    dispatcher.close();
    log.close();
    budgetLog.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Duration dataLag() {
    Parts known = parts;
    return known == null
        ? Duration.ZERO
        : known
            .store()
            .latestEvent()
            .map(event -> Duration.between(event, clock.instant()))
            .orElse(Duration.ZERO);
  }

  /**
   * What the leader writes and the others read.
   *
   * @param follower reads it for as long as this is not the leader
   */
  private record Followed<L, B>(KafkaConsumer<byte[], byte[]> follower, L log, B book) {}

  /** Who of several detectors this is. */
  private final class Role {
    private final Leadership leadership;
    private final Followed<KafkaIncidentLog, IncidentBook> incidents;
    private final Followed<KafkaBudgetLog, BudgetBook> states;
    private final Dispatcher dispatcher;
    private boolean leads;

    Role(
        Leadership leadership,
        Followed<KafkaIncidentLog, IncidentBook> incidents,
        Followed<KafkaBudgetLog, BudgetBook> states,
        Dispatcher dispatcher) {
      this.leadership = leadership;
      this.incidents = incidents;
      this.states = states;
      this.dispatcher = dispatcher;
    }

    boolean leads() {
      return leads;
    }

    /**
     * Finds out; takes over if this is the one from now on.
     *
     * @param wait for news
     * @throws StartOverException if it is not any more
     */
    void look(Duration wait) throws InterruptedException {
      aliveAt = System.nanoTime();
      try {
        leadership.poll(wait);
      } catch (WakeupException | InterruptException e) {
        throw e;
      } catch (KafkaException e) {
        throw new StartOverException("the group of detectors: " + e);
      }
      if (leads && !leadership.leads()) {
        throw new StartOverException("another detector judges from now on");
      }
      if (leads && incidents.log().isOver()) {
        throw new StartOverException("incidents cannot be written any more");
      }
      if (leads) {
        return;
      }
      if (!leadership.leads()) {
        incidents.log().read(incidents.follower(), incidents.book(), Duration.ZERO);
        states.log().read(states.follower(), states.book());
        return;
      }
      untilDone("taking over", incidents.log()::begin);
      // Nobody else can write from here on: this is all there is.
      untilDone("taking over", this::catchUp);
      incidents.follower().unsubscribe();
      states.follower().unsubscribe();
      leads = true;
      dispatcher.start();
      incidents.book().owed().forEach(dispatcher::enqueue);
      LOG.info("this detector judges and sends");
    }

    private void catchUp() {
      incidents.log().catchUp(incidents.follower(), incidents.book());
      states.log().catchUp(states.follower(), states.book());
    }
  }

  private void load(Role role, RollupFeed feed, Map<TopicPartition, Long> ends)
      throws InterruptedException {
    while (!isClosing() && !feed.reached(ends)) {
      feed.poll(LOAD_POLL);
      role.look(Duration.ZERO);
    }
  }

  /** Reads on until this is the detector that judges, or by other rules. */
  private void standBy(Role role, RollupFeed feed, Settings rules) throws InterruptedException {
    long begun = System.nanoTime();
    while (!isClosing() && !role.leads() && rules == inForce) {
      try {
        role.look(LOAD_POLL);
        feed.poll(Duration.ZERO);
        if (phase != Phase.STANDBY
            && System.nanoTime() - begun > STANDBY_AFTER.toNanos()
            && !role.leads()) {
          LOG.info("another detector judges; this one stands by");
          phase = Phase.STANDBY;
        }
      } catch (WakeupException | InterruptException e) {
        throw e;
      } catch (RegistryException | KafkaException e) {
        pause("standing by is held up", e);
      }
    }
  }

  /** Judges until it is to judge by other rules. */
  private void judge(
      Role role,
      RollupFeed feed,
      SpendStore store,
      Detector detector,
      BudgetBook budgetBook,
      Settings rules)
      throws InterruptedException {
    if (role.leads()) {
      phase = Phase.JUDGING;
    }
    long every = settings.evaluateEvery().toNanos();
    long judgedAt = System.nanoTime() - every;
    long changeJudgedAt = judgedAt;
    long discoveredAt = System.nanoTime();
    while (!isClosing() && role.leads() && rules == inForce) {
      try {
        role.look(Duration.ZERO);
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

  private Dispatcher dispatcher(IncidentBook book, DeliveryLog deliveries) {
    Map<String, ReceiverQueue> queues = new HashMap<>();
    for (Settings.Target target : settings.receivers()) {
      RetryPolicy retry =
          RetryPolicy.standard(target.expiry(), () -> ThreadLocalRandom.current().nextDouble());
      queues.put(
          target.name(),
          new ReceiverQueue(
              target.name(),
              new HttpTransport(target.url(), target.format(), target.allowPrivate(), clock),
              book,
              new ReceiverPolicy(
                  retry, target.collapse(), target.fallback(), target.fallbackAfter()),
              deliveries,
              clock));
    }
    return new Dispatcher(queues);
  }

  /** A step that waits. */
  private interface Step {
    void run() throws InterruptedException;
  }

  private void untilDone(String what, Step step) throws InterruptedException {
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
