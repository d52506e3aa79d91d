package io.outlay.sink.worker;

import io.outlay.serde.RegistryException;
import io.outlay.sink.batch.Batch;
import io.outlay.sink.batch.RangePlan;
import io.outlay.sink.insert.Status;
import io.outlay.sink.row.RowEncoder;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * One topic partition on its way into ClickHouse: a batch that fills, and at most one that is being
 * inserted. Used on the thread that polls.
 */
final class Flow {
  private static final Duration REGISTRY_WAIT = Duration.ofSeconds(1);

  private final Uuid topicId;
  private final TopicPartition source;
  private final RowEncoder encoder;
  private final DeadLetters deadLetters;
  private final Status registry;
  private @Nullable RangePlan plan;
  private boolean planReached;
  private boolean repeats;
  private Batch filling;
  private long firstRowNanos;
  private @Nullable InsertTask inFlight;
  private long committed;
  private long doneTo;
  private long doneNanos;
  private long waitUntilNanos;
  private boolean waits;

  /**
   * @param from first offset that is not known to be in ClickHouse
   * @param plan range that a former owner of the partition announced, to be repeated as it was
   * @param registry told whether the schema registry answers when it is needed
   */
  Flow(
      Uuid topicId,
      TopicPartition source,
      long from,
      @Nullable RangePlan plan,
      RowEncoder encoder,
      DeadLetters deadLetters,
      Status registry) {
    this.topicId = topicId;
    this.source = source;
    this.encoder = encoder;
    this.deadLetters = deadLetters;
    this.registry = registry;
    this.plan = plan;
    this.repeats = plan != null;
    this.committed = from;
    this.doneTo = from;
    this.filling = new Batch(topicId, source, from, encoder);
  }

  TopicPartition source() {
    return source;
  }

  /**
   * Takes records that were polled.
   *
   * @return where to read on if not all of them were taken
   */
  OptionalLong take(List<ConsumerRecord<byte[], byte[]>> records, long now) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      RangePlan announced = plan;
      if (announced != null && record.offset() >= announced.to()) {
        planReached = true;
        return OptionalLong.of(announced.to());
      }
      if (filling.isEmpty()) {
        firstRowNanos = now;
      }
      try {
        filling.add(record);
      } catch (RegistryException e) {
        // Says nothing about the record: it is read again once the registry may be back.
        waits = true;
        waitUntilNanos = now + REGISTRY_WAIT.toNanos();
        registry.failed(String.valueOf(e.getMessage()));
        return OptionalLong.of(record.offset());
      } catch (RuntimeException e) {
        filling.addDeadLetter(record, deadLetters.of(record, e));
      }
    }
    if (!records.isEmpty()) {
      registry.works();
    }
    return OptionalLong.empty();
  }

  /** The next record comes from this offset or a later one. */
  void reached(long position) {
    if (plan != null && position >= plan.to()) {
      planReached = true;
    }
  }

  /** Whether the position of the consumer has to be told. */
  boolean followsPlan() {
    return plan != null;
  }

  /** Whether the batch should be inserted now. */
  boolean isDue(Limits limits, long now) {
    if (inFlight != null) {
      return false;
    }
    if (plan != null) {
      return planReached;
    }
    return !filling.isEmpty()
        && (isFull(limits) || now - firstRowNanos >= limits.linger().toNanos());
  }

  /** Whether nothing more should be read for now. */
  boolean isSated(Limits limits, long now) {
    if (waits && now - waitUntilNanos >= 0) {
      waits = false;
    }
    // A range that was announced is read whole, however large it is.
    return waits || (plan != null ? planReached : isFull(limits));
  }

  private boolean isFull(Limits limits) {
    return filling.read() >= limits.batchRows() || filling.bytes() >= limits.batchBytes();
  }

  /**
   * The batch that fills, with its final range: from here on the range does not change, also if it
   * stays unknown whether the announcement arrived.
   */
  Batch announce() {
    if (plan == null) {
      plan = filling.plan();
      planReached = true;
    }
    filling.extendTo(plan.to());
    return filling;
  }

  /** Hands the announced batch over for insertion; the next one starts where it ends. */
  InsertTask dispatch() {
    InsertTask task = new InsertTask(filling, repeats);
    inFlight = task;
    committed = filling.from();
    filling = new Batch(topicId, source, filling.to(), encoder);
    plan = null;
    planReached = false;
    repeats = false;
    return task;
  }

  @Nullable InsertTask inFlight() {
    return inFlight;
  }

  /** The batch that was dispatched is in. */
  void done(long now) {
    if (inFlight == null) {
      throw new IllegalStateException(source + ": nothing is being inserted");
    }
    doneTo = inFlight.batch().to();
    doneNanos = now;
    inFlight = null;
  }

  /** Whether everything that was read is in ClickHouse. */
  boolean isIdle() {
    return plan == null && inFlight == null && filling.isEmpty();
  }

  /**
   * An idle flow was read up to a position. What lies before it and is no record, such as the end
   * of a transaction, counts as done, so that the group's commits reach the end of the topic.
   */
  void idleAt(long position, long now) {
    if (position > doneTo) {
      doneTo = position;
      doneNanos = now;
      filling = new Batch(topicId, source, position, encoder);
    }
  }

  /**
   * Whether something is in ClickHouse whose commit was put off, and no commit is about to come.
   */
  boolean owesCommit(long now, Duration patience) {
    return inFlight == null && doneTo > committed && now - doneNanos >= patience.toNanos();
  }

  /** End of what is known to be in ClickHouse. */
  long doneTo() {
    return doneTo;
  }

  void committed() {
    committed = doneTo;
  }

  /** Memory that its batches hold, roughly. */
  long bytes() {
    return filling.bytes() + (inFlight == null ? 0 : inFlight.batch().bytes());
  }

  /** When the first record of the batch that fills was taken; only if there is one. */
  OptionalLong fillingSinceNanos() {
    return filling.isEmpty() ? OptionalLong.empty() : OptionalLong.of(firstRowNanos);
  }
}
