package io.outlay.detector.app;

import io.outlay.detector.budget.BudgetTracker;
import io.outlay.detector.incident.Micros;
import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.SpendStore;
import io.outlay.schema.CostRollup;
import io.outlay.schema.RollupWindow;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.RegistryException;
import io.outlay.serde.UnreadableRecordException;
import io.outlay.topic.RollupKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * Reads the rollups, all partitions from their beginnings, into the store. Records read = hours
 * taken + other windows + unreadable. For one thread, but for the counters.
 */
final class RollupFeed {
  private static final Logger LOG = Logger.getLogger(RollupFeed.class);
  private static final int WINDOW_BYTE = Long.BYTES;

  private final Consumer<byte[], byte[]> consumer;
  private final String topic;
  private final AvroCodec<CostRollup> codec;
  private final SpendStore store;
  private final BudgetTracker budgets;
  private final Clock clock;
  private final Queue<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
  private final LongAdder hours = new LongAdder();
  private final LongAdder others = new LongAdder();
  private final LongAdder unreadable = new LongAdder();

  RollupFeed(
      Consumer<byte[], byte[]> consumer,
      String topic,
      AvroCodec<CostRollup> codec,
      SpendStore store,
      BudgetTracker budgets,
      Clock clock) {
    this.consumer = consumer;
    this.topic = topic;
    this.codec = codec;
    this.store = store;
    this.budgets = budgets;
    this.clock = clock;
  }

  /** Hours taken. */
  long hours() {
    return hours.sum();
  }

  /** Records of other windows. */
  long others() {
    return others.sum();
  }

  /** Records that are no rollups. */
  long unreadable() {
    return unreadable.sum();
  }

  /** Takes on partitions that are new, from their beginning. */
  void discover() {
    Set<TopicPartition> assigned = new HashSet<>(consumer.assignment());
    List<TopicPartition> fresh =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .filter(assigned::add)
            .toList();
    if (!fresh.isEmpty()) {
      consumer.assign(assigned);
      consumer.seekToBeginning(fresh);
    }
  }

  /** Ends of all partitions as they are now. */
  Map<TopicPartition, Long> ends() {
    return consumer.endOffsets(consumer.assignment());
  }

  /** Whether everything before {@code ends} has been taken. */
  boolean reached(Map<TopicPartition, Long> ends) {
    return waiting.isEmpty()
        && ends.entrySet().stream()
            .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** Records known to be there and not yet read. */
  long lag() {
    return lag(consumer.assignment()) + waiting.size();
  }

  private long lag(Collection<TopicPartition> partitions) {
    return partitions.stream()
        .mapToLong(partition -> Math.max(0, consumer.currentLag(partition).orElse(0)))
        .sum();
  }

  /**
   * Takes what is there.
   *
   * @param wait for the first record
   * @throws RegistryException if the registry is needed and away; the next call carries on with the
   *     same record
   */
  void poll(Duration wait) {
    if (waiting.isEmpty()) {
      consumer.poll(wait).forEach(waiting::add);
    }
    while (!waiting.isEmpty()) {
      take(waiting.element());
      waiting.remove();
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    byte[] key = record.key();
    if (key != null
        && key.length > WINDOW_BYTE
        && key[WINDOW_BYTE] != RollupWindow.HOUR.ordinal()) {
      // Most records are minutes: they are not even decoded.
      if (key[WINDOW_BYTE] == RollupWindow.DAY.ordinal() && record.value() != null) {
        takeDay(record, key);
      } else {
        others.increment();
      }
      return;
    }
    try {
      if (key == null) {
        throw new UnreadableRecordException("a rollup has a key");
      }
      RollupKey id = RollupKey.ofBytes(key);
      Cell cell = new Cell(id.team(), id.model(), id.feature());
      if (record.value() == null) {
        store.remove(cell, Micros.toInstant(id.startMicros()), clock.instant());
      } else {
        CostRollup rollup = codec.decode(record.value());
        Instant lastEvent = Micros.toInstant(rollup.getLastEventMicros());
        budgets.seen(lastEvent, clock.instant());
        if (budgets.wantsHours(cell)) {
          budgets.putHour(
              cell, Micros.toInstant(id.startMicros()), rollup.getCost(), clock.instant());
        }
        store.put(
            cell,
            Micros.toInstant(id.startMicros()),
            rollup.getCost(),
            rollup.getRequests(),
            lastEvent,
            clock.instant());
      }
      hours.increment();
    } catch (UnreadableRecordException | IllegalArgumentException | ArithmeticException e) {
      unreadable.increment();
      LOG.warnf(
          "no rollup in %s-%d at offset %d: %s",
          record.topic(), record.partition(), record.offset(), e.getMessage());
    }
  }

  /** Budgets are made of days where they can: days are kept for longer than hours. */
  private void takeDay(ConsumerRecord<byte[], byte[]> record, byte[] key) {
    try {
      RollupKey id = RollupKey.ofBytes(key);
      Cell cell = new Cell(id.team(), id.model(), id.feature());
      if (budgets.wantsDays(cell)) {
        CostRollup rollup = codec.decode(record.value());
        budgets.putDay(cell, Micros.toInstant(id.startMicros()), rollup.getCost(), clock.instant());
      }
      others.increment();
    } catch (UnreadableRecordException | IllegalArgumentException | ArithmeticException e) {
      unreadable.increment();
      LOG.warnf(
          "no rollup in %s-%d at offset %d: %s",
          record.topic(), record.partition(), record.offset(), e.getMessage());
    }
  }
}
