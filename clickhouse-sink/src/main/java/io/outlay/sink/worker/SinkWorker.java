package io.outlay.sink.worker;

import io.outlay.health.Status;
import io.outlay.sink.insert.Backoff;
import io.outlay.sink.insert.Inserter;
import io.outlay.sink.row.RowEncoder;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * Moves some topics into ClickHouse, on a thread that polls and a few that insert. How it does that
 * exactly once stands at {@link Session}. Whatever ends a session but a bug in its own bookkeeping
 * is met by starting another one.
 */
public final class SinkWorker implements AutoCloseable {
  private static final Duration LEAVE_WITHIN = Duration.ofSeconds(12);

  private final String name;
  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final Function<Set<String>, Map<String, Uuid>> topicIds;
  private final WorkerSetup setup;
  private final ExecutorService inserts;
  private final Status session;
  private final Backoff backoff;
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable Consumer<byte[], byte[]> polling;

  /**
   * @param name names the worker in logs and threads
   * @param consumers makes a consumer for each session: of one group, reading committed records,
   *     without automatic commits
   * @param topicIds the topics' own ids, by full name
   * @param encoders by full topic name; for this worker alone
   * @param session told whether the worker can read
   * @param registry told whether the schema registry answers when it is needed
   */
  public SinkWorker(
      String name,
      Supplier<Consumer<byte[], byte[]>> consumers,
      Function<Set<String>, Map<String, Uuid>> topicIds,
      Map<String, RowEncoder> encoders,
      Inserter inserter,
      DeadLetterWriter deadLetters,
      Limits limits,
      Status session,
      Status registry,
      Backoff backoff,
      Clock clock) {
    this.name = name;
    this.consumers = consumers;
    this.topicIds = topicIds;
    this.session = session;
    this.backoff = backoff;
    AtomicInteger number = new AtomicInteger();
    this.inserts =
        Executors.newFixedThreadPool(
            limits.concurrentInserts(),
            task -> new Thread(task, "insert-" + name + "-" + number.incrementAndGet()));
    Map<String, TopicCounters> counters = new TreeMap<>();
    encoders.keySet().forEach(topic -> counters.put(topic, new TopicCounters()));
    this.setup =
        new WorkerSetup(
            Map.copyOf(encoders),
            Map.copyOf(counters),
            (batch, abandoned) ->
                deadLetters.write(batch.deadLetters(), abandoned)
                    && inserter.insert(batch, abandoned),
            inserts,
            limits,
            new DeadLetters(clock),
            registry,
            new AtomicLong(),
            new AtomicLong(System.nanoTime()));
    this.thread = new Thread(this::run, "sink-" + name);
  }

  /** Starts to work. */
  public void start() {
    thread.start();
  }

  /** Names it in logs and threads. */
  public String name() {
    return name;
  }

  /** By full topic name. */
  public Map<String, TopicCounters> counters() {
    return setup.counters();
  }

  /** Whether its thread runs. */
  public boolean isAlive() {
    return thread.isAlive();
  }

  /** How long the oldest insert has been under way; zero if none is. */
  public Duration oldestInsert() {
    return Duration.ofNanos(setup.oldestInsertNanos().get());
  }

  /** How long records have waited without any being stored; near zero while none waits. */
  public Duration stalledFor() {
    return Duration.ofNanos(System.nanoTime() - setup.progressAt().get());
  }

  /** Finishes what is being inserted if that is quick, commits, and ends. */
  @Override
  public void close() {
    closed = true;
    Consumer<byte[], byte[]> current = polling;
    if (current != null) {
      current.wakeup();
    }
    try {
      thread.join(LEAVE_WITHIN.toMillis());
      inserts.shutdownNow();
      if (!inserts.awaitTermination(1, TimeUnit.SECONDS)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      inserts.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    setup.progressAt().set(System.nanoTime());
    for (int failures = 0; !closed; ) {
      try {
        session();
        failures = 0;
      } catch (RuntimeException e) {
        if (closed) {
          return;
        }
        failures++;
        session.failed(e.toString());
        pause(backoff.after(failures));
      }
    }
  }

  private void session() {
    Map<String, Uuid> ids = topicIds.apply(setup.encoders().keySet());
    try (Consumer<byte[], byte[]> consumer = consumers.get()) {
      polling = consumer;
      Session current = new Session(consumer, setup, ids);
      current.subscribe();
      try {
        while (!closed) {
          current.step();
          session.works();
        }
      } catch (WakeupException e) {
        // Only close() wakes it up.
        if (!closed) {
          throw e;
        }
      } finally {
        polling = null;
        current.leave();
      }
    }
  }

  private void pause(Duration wait) {
    try {
      Thread.sleep(wait.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }
}
