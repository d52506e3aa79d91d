package io.outlay.collectors.ingest;

import io.outlay.health.Causes;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.SchemaRegistry;
import io.outlay.topic.TopicProvisioner;
import io.outlay.topic.Topics;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartitionInfo;
import org.jspecify.annotations.Nullable;

/**
 * The link to Kafka and the schema registry, made and watched by one background thread: topics are
 * created, the schema is registered, then the broker is asked every few seconds whether every
 * partition of the usage topic has a leader. What is away is waited for, however long; {@link
 * #problem()} says what it is.
 */
public final class KafkaLink implements WriterSource, AutoCloseable {
  private static final Logger LOG = System.getLogger(KafkaLink.class.getName());
  private static final Duration RETRY = Duration.ofMillis(500);
  private static final Duration PROBE = Duration.ofSeconds(2);
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration SILENCE = Duration.ofSeconds(6);

  private final KafkaSettings settings;
  private final SchemaRegistry registry;
  private final String topic;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  private @Nullable Admin admin;
  private boolean provisioned;
  private String complaint = "";
  private Instant complainedSince = Instant.EPOCH;

  private volatile @Nullable UsageWriter writer;
  private volatile String waitingFor = "Kafka";
  private volatile long heardAt;
  private volatile Instant heardWhen = Instant.EPOCH;

  /**
   * @param registry where the schema of usage events is registered
   */
  public KafkaLink(KafkaSettings settings, SchemaRegistry registry) {
    this.settings = settings;
    this.registry = registry;
    this.topic = Topics.USAGE.name(settings.topicPrefix());
    this.thread = new Thread(this::run, "outlay-kafka-link");
    this.thread.setDaemon(true);
  }

  /** Begins to connect. */
  public void start() {
    thread.start();
  }

  /** What keeps events from being written, or null if nothing is known to. */
  public @Nullable String problem() {
    if (writer == null) {
      return waitingFor + " is not reachable yet";
    }
    return System.nanoTime() - heardAt > SILENCE.toNanos()
        ? "Kafka does not answer since " + heardWhen
        : null;
  }

  @Override
  public UsageWriter writer() throws UnavailableException {
    String problem = problem();
    UsageWriter current = writer;
    if (problem != null || current == null) {
      throw new UnavailableException(String.valueOf(problem));
    }
    return current;
  }

  /** Stops watching and lets sent records reach the broker, for a few seconds at most. */
  @Override
  public void close() {
    closing.countDown();
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(2).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    UsageWriter current = writer;
    if (current != null) {
      current.close();
    }
  }

  private void run() {
    try {
      Duration pause;
      do {
        try {
          if (writer == null) {
            connect();
          } else {
            probe();
          }
          pause = PROBE;
        } catch (RuntimeException e) {
          complain(e);
          pause = RETRY;
        }
      } while (!closing.await(pause.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      LOG.log(Level.DEBUG, "stopped watching Kafka");
    } finally {
      if (admin != null) {
        admin.close(Duration.ZERO);
      }
    }
  }

  private void connect() {
    waitingFor = "Kafka at " + settings.bootstrapServers();
    if (admin == null) {
      admin = Admin.create(settings.admin());
    }
    if (!provisioned) {
      new TopicProvisioner(admin, settings.topicPrefix(), settings.partitions()).provision();
      provisioned = true;
    }
    waitingFor = "the schema registry";
    AvroCodec<UsageEvent> codec = AvroCodec.of(Topics.USAGE, settings.topicPrefix(), registry);
    waitingFor = "Kafka at " + settings.bootstrapServers();
    UsageWriter made =
        new UsageWriter(
            topic,
            codec,
            () -> new KafkaProducer<>(settings.producer()),
            settings.acknowledgeWithin(),
            this::heard);
    heard();
    writer = made;
    complaint = "";
    LOG.log(Level.INFO, "writing to topic {0} at {1}", topic, settings.bootstrapServers());
  }

  /** Cheap: one request for one topic, and none that the broker has to write for. */
  private void probe() throws InterruptedException {
    Admin client = admin;
    if (client == null) {
      throw new IllegalStateException("a writer without an admin client");
    }
    try {
      TopicDescription description =
          client
              .describeTopics(List.of(topic))
              .allTopicNames()
              .get(PROBE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
              .get(topic);
      if (description == null
          || description.partitions().stream().anyMatch(KafkaLink::isHeadless)) {
        throw new IllegalStateException("topic " + topic + " has a partition without a leader");
      }
      heard();
      calm();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer within " + PROBE_TIMEOUT.toSeconds() + " s", e);
    }
  }

  private static boolean isHeadless(TopicPartitionInfo partition) {
    return partition.leader() == null || partition.leader().isEmpty();
  }

  private void heard() {
    heardAt = System.nanoTime();
    heardWhen = Instant.now();
  }

  /** Once for each thing that is away: an outage must not fill the disk. */
  private void complain(RuntimeException e) {
    String what = writer == null ? waitingFor : "Kafka at " + settings.bootstrapServers();
    if (!complaint.equals(what)) {
      complaint = what;
      complainedSince = Instant.now();
      LOG.log(
          Level.WARNING, "waiting for {0}, trying again until it works: {1}", what, Causes.of(e));
    }
  }

  private void calm() {
    if (!complaint.isEmpty()) {
      LOG.log(
          Level.INFO,
          "{0} answers again after {1}",
          complaint,
          Duration.between(complainedSince, Instant.now()).withNanos(0));
      complaint = "";
    }
  }
}
