package io.outlay.sink.worker;

import io.outlay.sink.batch.Batch;
import io.outlay.sink.batch.RangePlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One membership in the consumer group, from subscription to leaving. For one thread.
 *
 * <p>For each topic partition the commits in the group tell the whole story. A commit of offset
 * {@code f} with a {@link RangePlan} to {@code t} says: everything before {@code f} is in
 * ClickHouse, and {@code [f, t)} may be, as a whole or in some of its table partitions. It is
 * written before the first insert of the range is sent. A commit without a plan says only the first
 * half. So:
 *
 * <ul>
 *   <li>After a crash at any point, the next owner finds the plan, reads the same records again
 *       (transactions that were committed stay committed, and compaction only removes what a later
 *       record replaces), builds the same batch and sends it under the same tokens. ClickHouse
 *       drops those parts that it has.
 *   <li>The commit that announces a range also finishes the one before it, so that a busy partition
 *       takes one commit per range.
 *   <li>A worker that was stalled and has lost the partition cannot announce anything: the group
 *       refuses its commit. What it had announced before, it may still insert, under the tokens
 *       that its successor sends too.
 *   <li>The tokens bridge as many inserts into a table as its deduplication window counts. Beyond
 *       that, a repeated row is stored twice and the table's own key makes one of them on reading.
 * </ul>
 */
final class Session implements ConsumerRebalanceListener {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);
  private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POSITION_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration HANDOVER = Duration.ofSeconds(5);
  private static final Duration IDLE_COMMIT = Duration.ofSeconds(1);
  private static final Duration SHORT_POLL = Duration.ofMillis(10);
  private static final Duration LONG_POLL = Duration.ofMillis(200);
  private static final Duration LAG_EVERY = Duration.ofSeconds(1);

  private final Consumer<byte[], byte[]> consumer;
  private final WorkerSetup setup;
  private final Map<String, Uuid> topicIds;
  private final Map<TopicPartition, Flow> flows = new HashMap<>();
  private long lagNanos;

  Session(Consumer<byte[], byte[]> consumer, WorkerSetup setup, Map<String, Uuid> topicIds) {
    this.consumer = consumer;
    this.setup = setup;
    this.topicIds = topicIds;
  }

  void subscribe() {
    consumer.subscribe(setup.encoders().keySet(), this);
  }

  /** Reads once, and moves on what is ready. */
  void step() {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(pollFor());
    long now = System.nanoTime();
    for (TopicPartition source : records.partitions()) {
      Flow flow = flows.get(source);
      if (flow != null) {
        OptionalLong readOn = flow.take(records.records(source), now);
        if (readOn.isPresent()) {
          consumer.seek(source, readOn.getAsLong());
        }
      }
    }
    for (Flow flow : flows.values()) {
      if (flow.followsPlan()) {
        flow.reached(position(flow.source()));
      }
    }
    settle(now);
    for (Flow flow : flows.values()) {
      if (flow.isIdle()) {
        flow.idleAt(position(flow.source()), now);
      }
    }
    dispatch(now);
    commitIdle(now);
    throttle(now);
    observe(now);
  }

  /** Waits for what is being inserted, commits, and gives the partitions back. */
  void leave() {
    handOver(new ArrayList<>(flows.keySet()));
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    Set<TopicPartition> assigned = new HashSet<>(partitions);
    Map<TopicPartition, OffsetAndMetadata> commits = consumer.committed(assigned);
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(assigned);
    for (TopicPartition source : assigned) {
      Uuid topicId = topicIds.getOrDefault(source.topic(), Uuid.ZERO_UUID);
      OffsetAndMetadata commit = commits.get(source);
      long beginning = beginnings.getOrDefault(source, 0L);
      long from = commit == null ? beginning : commit.offset();
      RangePlan plan =
          commit == null
              ? null
              : RangePlan.ofMetadata(commit.metadata(), topicId, from).orElse(null);
      if (commit != null && beginning > from) {
        setup.counters().get(source.topic()).lost().add(beginning - from);
        LOG.error(
            "{}: offsets {} to {} were removed by the topic's retention before they were stored",
            source,
            from,
            beginning);
      }
      flows.put(
          source,
          new Flow(
              topicId,
              source,
              from,
              plan,
              setup.encoders().get(source.topic()),
              setup.deadLetters(),
              setup.registry()));
      LOG.info(
          "{}: reading from offset {}{}",
          source,
          from,
          plan == null ? "" : ", repeating the range to " + plan.to());
    }
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    handOver(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    for (TopicPartition source : partitions) {
      abandon(flows.remove(source));
    }
  }

  /** How long the oldest insert has been under way, in nanoseconds; 0 if none is. */
  long oldestInsertNanos(long now) {
    return flows.values().stream()
        .map(Flow::inFlight)
        .filter(task -> task != null)
        .mapToLong(task -> now - task.startNanos())
        .max()
        .orElse(0);
  }

  private Duration pollFor() {
    long now = System.nanoTime();
    Duration wait = LONG_POLL;
    for (Flow flow : flows.values()) {
      if (flow.inFlight() != null) {
        return SHORT_POLL;
      }
      OptionalLong since = flow.fillingSinceNanos();
      if (since.isPresent()) {
        Duration left = setup.limits().linger().minusNanos(now - since.getAsLong());
        wait = left.compareTo(wait) < 0 ? left : wait;
      }
    }
    return wait.compareTo(SHORT_POLL) < 0 ? SHORT_POLL : wait;
  }

  private long position(TopicPartition source) {
    try {
      return consumer.position(source, POSITION_TIMEOUT);
    } catch (org.apache.kafka.common.errors.TimeoutException e) {
      return 0; // the next step asks again
    }
  }

  private void settle(long now) {
    for (Flow flow : flows.values()) {
      InsertTask task = flow.inFlight();
      if (task != null && task.result().isDone()) {
        finish(flow, task, now);
      }
    }
  }

  private void finish(Flow flow, InsertTask task, long now) {
    try {
      if (!task.result().join()) {
        throw new IllegalStateException(flow.source() + ": an insert was abandoned by nobody");
      }
    } catch (CompletionException e) {
      throw new IllegalStateException(flow.source() + ": an insert ended without a result", e);
    }
    Batch batch = task.batch();
    TopicCounters counters = setup.counters().get(flow.source().topic());
    counters.read().add(batch.read());
    counters.inserted().add(batch.rows().count());
    counters.skipped().add(batch.skipped());
    counters.deadLettered().add(batch.deadLetters().size());
    counters.batches().increment();
    if (task.repeated()) {
      counters.replayed().add(batch.read());
    }
    flow.done(now);
  }

  private void dispatch(long now) {
    long room =
        setup.limits().concurrentInserts()
            - flows.values().stream().filter(flow -> flow.inFlight() != null).count();
    List<Flow> due =
        flows.values().stream()
            .filter(flow -> flow.isDue(setup.limits(), now))
            .sorted(Comparator.comparingLong(flow -> flow.fillingSinceNanos().orElse(now)))
            .limit(Math.max(0, room))
            .toList();
    if (due.isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> plans = new HashMap<>();
    for (Flow flow : due) {
      Batch batch = flow.announce();
      plans.put(flow.source(), new OffsetAndMetadata(batch.from(), batch.plan().toMetadata()));
    }
    if (commit(plans)) {
      for (Flow flow : due) {
        submit(flow.dispatch());
      }
    }
  }

  private void submit(InsertTask task) {
    setup
        .inserts()
        .execute(
            () -> {
              try {
                task.result().complete(setup.store().store(task.batch(), task.abandoned()));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                task.result().complete(false);
              } catch (RuntimeException | Error e) {
                task.result().completeExceptionally(e);
              }
            });
  }

  private void commitIdle(long now) {
    Map<TopicPartition, OffsetAndMetadata> finished = new HashMap<>();
    for (Flow flow : flows.values()) {
      if (flow.owesCommit(now, IDLE_COMMIT)) {
        finished.put(flow.source(), new OffsetAndMetadata(flow.doneTo()));
      }
    }
    if (!finished.isEmpty() && commit(finished)) {
      finished.keySet().forEach(source -> flows.get(source).committed());
    }
  }

  /** Whether the commit is known to hold. If not, the next step tries again or finds it is out. */
  private boolean commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
    try {
      consumer.commitSync(offsets, COMMIT_TIMEOUT);
      return true;
    } catch (RebalanceInProgressException | CommitFailedException e) {
      LOG.debug("the group changes, commits wait for it: {}", e.getMessage());
      return false;
    } catch (RetriableException e) {
      LOG.debug("Kafka does not take commits, trying again: {}", e.getMessage());
      return false;
    }
  }

  private void throttle(long now) {
    long bytes = flows.values().stream().mapToLong(Flow::bytes).sum();
    boolean full = bytes >= setup.limits().bufferedBytes();
    Set<TopicPartition> sated = new HashSet<>();
    Set<TopicPartition> hungry = new HashSet<>();
    Set<TopicPartition> paused = consumer.paused();
    for (Flow flow : flows.values()) {
      // A range that was announced can only be finished whole.
      boolean pause = (full && !flow.followsPlan()) || flow.isSated(setup.limits(), now);
      if (pause && !paused.contains(flow.source())) {
        sated.add(flow.source());
      } else if (!pause && paused.contains(flow.source())) {
        hungry.add(flow.source());
      }
    }
    if (!sated.isEmpty()) {
      consumer.pause(sated);
    }
    if (!hungry.isEmpty()) {
      consumer.resume(hungry);
    }
  }

  private void observe(long now) {
    setup.oldestInsertNanos().set(oldestInsertNanos(now));
    if (now - lagNanos < LAG_EVERY.toNanos()) {
      return;
    }
    lagNanos = now;
    Map<String, Long> lags = new HashMap<>();
    for (TopicPartition source : flows.keySet()) {
      lags.merge(source.topic(), consumer.currentLag(source).orElse(0), Long::sum);
    }
    setup.counters().forEach((topic, counters) -> counters.lag().set(lags.getOrDefault(topic, 0L)));
  }

  private void handOver(Collection<TopicPartition> partitions) {
    long end = System.nanoTime() + HANDOVER.toNanos();
    Map<TopicPartition, OffsetAndMetadata> finished = new HashMap<>();
    for (TopicPartition source : partitions) {
      Flow flow = flows.remove(source);
      if (flow == null) {
        continue;
      }
      InsertTask task = flow.inFlight();
      if (task != null && awaitUntil(task, end)) {
        finish(flow, task, System.nanoTime());
      }
      abandon(flow);
      if (flow.owesCommit(System.nanoTime(), Duration.ZERO)) {
        finished.put(source, new OffsetAndMetadata(flow.doneTo()));
      }
    }
    if (!finished.isEmpty()) {
      try {
        commit(finished);
      } catch (KafkaException e) {
        // The next owner repeats the ranges: their tokens make that harmless.
        LOG.debug("left without the last commit", e);
      }
    }
  }

  private static boolean awaitUntil(InsertTask task, long end) {
    try {
      return task.result().get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** What was announced and not finished, the next owner of the partition repeats. */
  private static void abandon(@Nullable Flow flow) {
    if (flow != null && flow.inFlight() != null) {
      flow.inFlight().abandoned().countDown();
    }
  }

  /** Moves a batch to where it is safe. */
  interface Store {
    /**
     * Stores the rows and the dead letters of a batch.
     *
     * @return false if it was abandoned before all was safe
     */
    boolean store(Batch batch, CountDownLatch abandoned) throws InterruptedException;
  }
}
