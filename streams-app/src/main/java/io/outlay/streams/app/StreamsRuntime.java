package io.outlay.streams.app;

import io.outlay.config.OutlayConfig;
import io.outlay.health.Backends;
import io.outlay.health.Causes;
import io.outlay.price.PriceFile;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.serde.RegistryException;
import io.outlay.serde.SchemaRegistry;
import io.outlay.streams.dedupe.SeenIds;
import io.outlay.streams.replay.DeadLetterReplay;
import io.outlay.streams.replay.ReplayCounters;
import io.outlay.streams.topology.UsageCodecs;
import io.outlay.streams.topology.UsageCounters;
import io.outlay.streams.topology.UsageTopology;
import io.outlay.topic.TopicProvisioner;
import io.outlay.topic.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, watches and stops the topology. Waits for Kafka and the registry rather than failing, so
 * that programs may start in any order. A stream thread that dies is replaced, since what it meets
 * is mostly a broker that is away; one that keeps dying stops the program's liveness.
 */
public final class StreamsRuntime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamsRuntime.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int TRIES_PER_LOG_LINE = 10;
  private static final int HEAP_SHARE = 10;
  private static final long MIN_IDS_IN_MEMORY = 10_000;
  private static final long MAX_IDS_IN_MEMORY = 4_000_000;
  private static final int MAX_DEATHS_WITHOUT_PROGRESS = 20;

  private final OutlayConfig config;
  private final UsageCounters counters;
  private final ReplayCounters replayCounters;
  private final Thread starter = new Thread(this::startWhenPossible, "streams-starter");
  private final AtomicInteger deaths = new AtomicInteger();
  private final Backends backends;
  private volatile @Nullable KafkaStreams streams;
  private volatile @Nullable PriceBookLoader prices;
  private volatile @Nullable PastRatings pastRatings;
  private volatile @Nullable DeadLetterReplay replay;
  private volatile String waitingFor = "start";
  private volatile long progressAtDeath = -1;
  private volatile boolean closed;

  public StreamsRuntime(
      OutlayConfig config, UsageCounters counters, ReplayCounters replayCounters) {
    this.config = config;
    this.counters = counters;
    this.replayCounters = replayCounters;
    this.backends =
        new Backends(
            () ->
                Admin.create(
                    Map.of(
                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                        config.kafka().bootstrapServers(),
                        AdminClientConfig.CLIENT_ID_CONFIG,
                        "outlay-streams-app-probe")),
            config.registry().url(),
            Clock.systemUTC());
    starter.setDaemon(true);
  }

  /** Starts in the background. */
  public void start() {
    backends.start();
    starter.start();
  }

  /** The running topology, or null before it runs. */
  public @Nullable KafkaStreams streams() {
    return streams;
  }

  /** The price book and what changes it, or null before it was read. */
  public @Nullable PriceBookLoader prices() {
    return streams == null ? null : prices;
  }

  /** What rates the past again, or null before the topology was started. */
  public @Nullable PastRatings pastRatings() {
    return streams == null ? null : pastRatings;
  }

  /** What sends dead letters through again, or null before the topology was started. */
  public @Nullable DeadLetterReplay replay() {
    return streams == null ? null : replay;
  }

  /** Whether Kafka and the registry answer. */
  public Backends backends() {
    return backends;
  }

  /** What the start is waiting for; empty once the topology was started. */
  public String waitingFor() {
    return waitingFor;
  }

  /** Whether the topology runs or can still recover by itself. */
  public boolean isAlive() {
    KafkaStreams current = streams;
    return current == null || !current.state().hasCompletedShutdown() || closed;
  }

  private void startWhenPossible() {
    for (int tries = 0; !closed; tries++) {
      try {
        startOnce();
        waitingFor = "";
        return;
      } catch (RuntimeException e) {
        // Most often Kafka or the registry is away. Whatever it is, the program is not ready, says
        // why, and tries again.
        waitingFor = Causes.of(e);
        closeParts();
        if (tries % TRIES_PER_LOG_LINE == 0) {
          LOG.warn("not started yet, trying again: {}", waitingFor);
          LOG.debug("because of", e);
        }
        try {
          Thread.sleep(RETRY.toMillis());
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private void startOnce() {
    String prefix = config.kafka().topicPrefix();
    try (Admin admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.kafka().bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                5_000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                10_000))) {
      new TopicProvisioner(admin, prefix, config.kafka().partitions()).provision();
    }
    SchemaRegistry registry = new HttpSchemaRegistry(config.registry().url());
    UsageCodecs codecs = UsageCodecs.register(prefix, registry);
    PriceBookLoader loader = loader(prefix, registry);
    prices = loader;
    loader.start(PriceFile.shipped());
    pastRatings = new PastRatings(config, codecs, registry, loader, this::leads);
    KafkaStreams started =
        new KafkaStreams(
            UsageTopology.build(
                new UsageTopology.Settings(
                    prefix,
                    config.timezone(),
                    config.streams().dedupeHorizon(),
                    idsInMemory(),
                    config.streams().retention(),
                    config.streams().commitInterval(),
                    ConfiguredCuts.of(config),
                    codecs,
                    loader,
                    counters,
                    Clock.systemUTC())),
            StreamsProperties.of(config, InstanceName.of(config.streams().stateDir())));
    started.setUncaughtExceptionHandler(this::onDeath);
    started.start();
    replay = ReplaySetup.replay(config, registry, codecs, loader, replayCounters);
    streams = started;
  }

  /** A tenth of the heap for all partitions, should this instance be the only one. */
  private int idsInMemory() {
    long ids =
        Runtime.getRuntime().maxMemory()
            / HEAP_SHARE
            / config.kafka().partitions()
            / SeenIds.BYTES_PER_ID;
    return (int) Math.max(MIN_IDS_IN_MEMORY, Math.min(MAX_IDS_IN_MEMORY, ids));
  }

  /** Whoever rates the first partition of the usage does what only one instance should do. */
  private boolean leads() {
    KafkaStreams current = streams;
    if (current == null || current.state() != KafkaStreams.State.RUNNING) {
      return false;
    }
    TopicPartition first = new TopicPartition(Topics.USAGE.name(config.kafka().topicPrefix()), 0);
    return current.metadataForLocalThreads().stream()
        .flatMap(thread -> thread.activeTasks().stream())
        .anyMatch(task -> task.topicPartitions().contains(first));
  }

  private PriceBookLoader loader(String prefix, SchemaRegistry registry) {
    Properties client = new Properties();
    client.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
    Properties producer = new Properties();
    producer.putAll(client);
    producer.put(ProducerConfig.ACKS_CONFIG, "all");
    // One of all instances: who changes prices fences who began before.
    producer.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, prefix + "prices");
    producer.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000);
    Properties consumer = new Properties();
    consumer.putAll(client);
    consumer.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    consumer.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return new PriceBookLoader(
        new KafkaConsumer<>(consumer, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
        () -> new KafkaProducer<>(producer, new ByteArraySerializer(), new ByteArraySerializer()),
        AvroCodec.of(Topics.PRICES, prefix, registry),
        Topics.PRICES.name(prefix));
  }

  private StreamThreadExceptionResponse onDeath(Throwable thrown) {
    return isOfRegistry(thrown) ? onRegistryAway(thrown) : onDeath(thrown, counters.read().sum());
  }

  /** Passes by itself, however long it takes: says nothing about records or state. */
  private StreamThreadExceptionResponse onRegistryAway(Throwable thrown) {
    backends.registry().failed(Causes.of(thrown));
    try {
      Thread.sleep(RETRY.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  static boolean isOfRegistry(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof RegistryException) {
        return true;
      }
    }
    return false;
  }

  private StreamThreadExceptionResponse onDeath(Throwable cause, long progress) {
    if (progress != progressAtDeath) {
      deaths.set(0);
      progressAtDeath = progress;
    }
    if (deaths.incrementAndGet() > MAX_DEATHS_WITHOUT_PROGRESS) {
      LOG.error("stream threads died {} times without progress, giving up", deaths.get(), cause);
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    LOG.error("a stream thread died and is replaced", cause);
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private void closeParts() {
    PastRatings past = pastRatings;
    pastRatings = null;
    if (past != null) {
      past.close();
    }
    PriceBookLoader loader = prices;
    prices = null;
    if (loader != null) {
      loader.close();
    }
  }

  @Override
  public void close() {
    closed = true;
    starter.interrupt();
    DeadLetterReplay replaying = replay;
    if (replaying != null) {
      replaying.close();
    }
    KafkaStreams current = streams;
    if (current != null) {
      current.close(Duration.ofSeconds(20));
    }
    closeParts();
    backends.close();
  }
}
