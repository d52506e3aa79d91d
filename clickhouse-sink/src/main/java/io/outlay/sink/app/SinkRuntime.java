package io.outlay.sink.app;

import com.clickhouse.client.api.ClickHouseException;
import com.clickhouse.client.api.Client;
import io.outlay.config.OutlayConfig;
import io.outlay.health.Causes;
import io.outlay.health.Status;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.serde.RegistryException;
import io.outlay.serde.SchemaRegistry;
import io.outlay.sink.insert.Backoff;
import io.outlay.sink.insert.ClickHouseTarget;
import io.outlay.sink.insert.Failure;
import io.outlay.sink.insert.Inserter;
import io.outlay.sink.row.BudgetRows;
import io.outlay.sink.row.CostRows;
import io.outlay.sink.row.DeadLetterRows;
import io.outlay.sink.row.IncidentRows;
import io.outlay.sink.row.LedgerRows;
import io.outlay.sink.row.PriceRows;
import io.outlay.sink.row.ReplayRows;
import io.outlay.sink.row.RepricingRows;
import io.outlay.sink.row.RollupRows;
import io.outlay.sink.row.RowEncoder;
import io.outlay.sink.row.ScopeRollupRows;
import io.outlay.sink.worker.DeadLetterWriter;
import io.outlay.sink.worker.Limits;
import io.outlay.sink.worker.SinkWorker;
import io.outlay.sql.MigrationException;
import io.outlay.sql.Migrations;
import io.outlay.topic.Topic;
import io.outlay.topic.TopicProvisioner;
import io.outlay.topic.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, watches and stops the workers. Waits for Kafka, the registry and ClickHouse rather than
 * failing, so that programs may start in any order.
 */
public final class SinkRuntime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SinkRuntime.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int TRIES_PER_LOG_LINE = 10;
  private static final long MEBIBYTE = 1024L * 1024;
  private static final long MAX_BUFFERED_BYTES = 64 * MEBIBYTE;

  /** Part of the heap that the batches of one worker may take. */
  private static final int HEAP_SHARE = 10;

  private static final int CONCURRENT_INSERTS = 2;
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));
  private static final Backoff REPAIR_BACKOFF =
      new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(5));

  private final OutlayConfig config;
  private final Clients clients;
  private final Clock clock = Clock.systemUTC();
  private final Function<String, LongConsumer> insertLatency;
  private final Consumer<SinkRuntime> onStarted;
  private final Consumer<String> onFatal;
  private final Thread starter = new Thread(this::startWhenPossible, "sink-starter");
  private final List<AutoCloseable> resources = new ArrayList<>();
  private final Status kafka = new Status("Kafka", clock);
  private final Status clickHouse = new Status("ClickHouse", clock);
  private final Map<String, LongAdder> retries = new TreeMap<>();
  private volatile List<Status> statuses = List.of(kafka, clickHouse);
  private volatile List<SinkWorker> workers = List.of();
  private volatile @Nullable Auditor auditor;
  private volatile String waitingFor = "start";
  private volatile boolean closed;

  /**
   * @param insertLatency for a worker's name, what is told how many nanoseconds each insert took
   * @param onStarted told once the workers exist
   * @param onFatal told if starting is hopeless, and why
   */
  public SinkRuntime(
      OutlayConfig config,
      Function<String, LongConsumer> insertLatency,
      Consumer<SinkRuntime> onStarted,
      Consumer<String> onFatal) {
    this.config = config;
    this.clients = new Clients(config);
    this.insertLatency = insertLatency;
    this.onStarted = onStarted;
    this.onFatal = onFatal;
    starter.setDaemon(true);
  }

  /** Starts in the background. */
  public void start() {
    starter.start();
  }

  /** What the start is waiting for; empty once the workers run. */
  public String waitingFor() {
    return waitingFor;
  }

  /** The workers; none before the start is through. */
  public List<SinkWorker> workers() {
    return workers;
  }

  /** Who audits the books; empty before the start is through. */
  public Optional<Auditor> auditor() {
    return Optional.ofNullable(auditor);
  }

  /** Everything that may fail and come back. */
  public List<Status> statuses() {
    return statuses;
  }

  /** Repeated inserts by name of the worker. */
  public Map<String, LongAdder> retries() {
    return Map.copyOf(retries);
  }

  @Override
  public void close() {
    closed = true;
    starter.interrupt();
    try {
      starter.join(Duration.ofSeconds(5).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // All leave their groups at once.
    workers.parallelStream().forEach(SinkWorker::close);
    closeResources();
  }

  private void startWhenPossible() {
    for (int tries = 0; !closed; tries++) {
      try {
        startOnce();
        waitingFor = "";
        onStarted.accept(this);
        return;
      } catch (MigrationException e) {
        if (e.getCause() == null || Failure.of(e) == Failure.REFUSED) {
          onFatal.accept(String.valueOf(e.getMessage()));
          return;
        }
        waitFor(e, tries);
      } catch (IllegalStateException | RegistryException | KafkaException | ClickHouseException e) {
        waitFor(e, tries);
      }
    }
  }

  private void waitFor(RuntimeException missing, int tries) {
    closeResources();
    waitingFor = Causes.of(missing);
    if (tries % TRIES_PER_LOG_LINE == 0 && !closed) {
      LOG.warn("not started yet, trying again: {}", waitingFor);
    }
    try {
      Thread.sleep(RETRY.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  private void startOnce() {
    String prefix = config.kafka().topicPrefix();
    Admin admin = keep(clients.admin());
    waitingFor = "Kafka";
    new TopicProvisioner(admin, prefix, config.kafka().partitions()).provision();
    waitingFor = "schema registry";
    SchemaRegistry registry = new HttpSchemaRegistry(config.registry().url());
    Map<String, Map<String, RowEncoder>> encoders = encoders(prefix, registry);
    DeadLetterWriter deadLetters = deadLetters(prefix, registry);
    waitingFor = "ClickHouse";
    Client client = keep(clients.clickHouse(Clients.INSERT_TIMEOUT_MILLIS));
    new Migrations(client, config.clickhouse().database()).apply();
    keep(new Probe(admin, keep(clients.clickHouse(Probe.SILENCE.toMillis())), kafka, clickHouse))
        .start();
    List<Status> all = new ArrayList<>(List.of(kafka, clickHouse));
    List<SinkWorker> created = new ArrayList<>();
    encoders.forEach(
        (name, mine) -> created.add(worker(name, mine, admin, client, deadLetters, all)));
    statuses = List.copyOf(all);
    workers = List.copyOf(created);
    created.forEach(SinkWorker::start);
    Auditor audits =
        keep(
            new Auditor(
                config,
                clients,
                keep(clients.admin()),
                keep(clients.clickHouse(Clients.AUDIT_TIMEOUT_MILLIS))));
    audits.start();
    auditor = audits;
    LOG.info(
        "moving {} into {} at {}",
        encoders.values().stream().flatMap(mine -> mine.keySet().stream()).sorted().toList(),
        config.clickhouse().database(),
        config.clickhouse().url());
  }

  /** What each worker moves: traffic apart from state, so that neither waits for the other. */
  private Map<String, Map<String, RowEncoder>> encoders(String prefix, SchemaRegistry registry) {
    return Map.of(
        "costs",
        Map.of(
            Topics.COSTS.name(prefix),
            new CostRows(codec(Topics.COSTS, prefix, registry), config.timezone())),
        "rollups",
        Map.of(
            Topics.ROLLUPS.name(prefix),
            new RollupRows(codec(Topics.ROLLUPS, prefix, registry), config.timezone()),
            Topics.SCOPE_ROLLUPS.name(prefix),
            new ScopeRollupRows(codec(Topics.SCOPE_ROLLUPS, prefix, registry), config.timezone())),
        "state",
        Map.of(
            Topics.PRICES.name(prefix),
            new PriceRows(codec(Topics.PRICES, prefix, registry)),
            Topics.DEAD_LETTERS.name(prefix),
            new DeadLetterRows(codec(Topics.DEAD_LETTERS, prefix, registry)),
            Topics.REPLAYS.name(prefix),
            new ReplayRows(codec(Topics.REPLAYS, prefix, registry)),
            Topics.INCIDENTS.name(prefix),
            new IncidentRows(codec(Topics.INCIDENTS, prefix, registry)),
            Topics.BUDGET_STATES.name(prefix),
            new BudgetRows(codec(Topics.BUDGET_STATES, prefix, registry)),
            Topics.REPRICINGS.name(prefix),
            new RepricingRows(codec(Topics.REPRICINGS, prefix, registry)),
            Topics.LEDGER.name(prefix),
            new LedgerRows(codec(Topics.LEDGER, prefix, registry))));
  }

  private DeadLetterWriter deadLetters(String prefix, SchemaRegistry registry) {
    KafkaProducer<byte[], byte[]> producer = clients.producer();
    resources.add(() -> producer.close(Duration.ofSeconds(2)));
    return new DeadLetterWriter(
        producer,
        codec(Topics.DEAD_LETTERS, prefix, registry),
        Topics.DEAD_LETTERS.name(prefix),
        kafka,
        BACKOFF);
  }

  private SinkWorker worker(
      String name,
      Map<String, RowEncoder> encoders,
      Admin admin,
      Client client,
      DeadLetterWriter deadLetters,
      List<Status> all) {
    Status accepted = status("inserting " + name, all);
    Inserter inserter =
        new Inserter(
            new ClickHouseTarget(
                client, config.clickhouse().database(), Clients.INSERT_TIMEOUT_MILLIS),
            clickHouse,
            accepted,
            BACKOFF,
            REPAIR_BACKOFF,
            retries.computeIfAbsent(name, n -> new LongAdder()),
            insertLatency.apply(name));
    long buffered = Math.min(MAX_BUFFERED_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    return new SinkWorker(
        name,
        () -> clients.consumer(name),
        topics -> topicIds(admin, topics),
        encoders,
        inserter,
        deadLetters,
        new Limits(
            config.sink().batchRows(),
            buffered / 2,
            buffered,
            config.sink().linger(),
            CONCURRENT_INSERTS),
        status("reading " + name, all),
        status("schema registry, for " + name, all),
        BACKOFF,
        clock);
  }

  private Status status(String what, List<Status> all) {
    Status status = new Status(what, clock);
    all.add(status);
    return status;
  }

  private static Map<String, Uuid> topicIds(Admin admin, Set<String> topics) {
    try {
      return admin.describeTopics(topics).allTopicNames().get().entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, topic -> topic.getValue().topicId()));
    } catch (ExecutionException e) {
      throw new KafkaException("cannot describe " + topics, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while describing " + topics, e);
    }
  }

  private static <V extends SpecificRecord> AvroCodec<V> codec(
      Topic<V> topic, String prefix, SchemaRegistry registry) {
    return AvroCodec.of(topic, prefix, registry);
  }

  private <R extends AutoCloseable> R keep(R resource) {
    resources.add(resource);
    return resource;
  }

  private void closeResources() {
    for (int i = resources.size() - 1; i >= 0; i--) {
      try {
        resources.get(i).close();
      } catch (Exception e) {
        LOG.debug("closing", e);
      }
    }
    resources.clear();
  }
}
