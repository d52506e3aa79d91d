package io.outlay.detector.app;

import io.outlay.detector.budget.BudgetTracker;
import io.outlay.detector.incident.Micros;
import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.SpendStore;
import io.outlay.detector.spend.Sums;
import io.outlay.schema.CostRollup;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.ScopeRollup;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.RegistryException;
import io.outlay.serde.UnreadableRecordException;
import io.outlay.topic.RollupKey;
import io.outlay.topic.ScopeKey;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rollups of cells and of scopes, all partitions from their beginnings, into the store.
 * Records read = hours and minutes taken + others + superseded + unreadable. For one thread, but
 * for the counters.
 */
final class RollupFeed {
  private static final Logger LOG = Logger.getLogger(RollupFeed.class);
  private static final int WINDOW_BYTE = Long.BYTES;

  private final Consumer<byte[], byte[]> consumer;
  private final String topic;
  private final AvroCodec<CostRollup> codec;
  private final String scopeTopic;
  private final AvroCodec<ScopeRollup> scopeCodec;
  private final SpendStore store;
  private final BudgetTracker budgets;
  private final Clock clock;
  private final Queue<Revision> waiting = new ArrayDeque<>();
  private final LongAdder hours = new LongAdder();
  private final LongAdder minutes = new LongAdder();
  private final LongAdder others = new LongAdder();
  private final LongAdder superseded = new LongAdder();
  private final LongAdder unreadable = new LongAdder();

  /**
   * @param topic of the rollups of cells
   * @param scopeTopic of the rollups of scopes
   */
  RollupFeed(
      Consumer<byte[], byte[]> consumer,
      String topic,
      AvroCodec<CostRollup> codec,
      String scopeTopic,
      AvroCodec<ScopeRollup> scopeCodec,
      SpendStore store,
      BudgetTracker budgets,
      Clock clock) {
    this.consumer = consumer;
    this.topic = topic;
    this.codec = codec;
    this.scopeTopic = scopeTopic;
    this.scopeCodec = scopeCodec;
    this.store = store;
    this.budgets = budgets;
    this.clock = clock;
  }

  /** Hours taken. */
  long hours() {
    return hours.sum();
  }

  /** Minutes taken. */
  long minutes() {
    return minutes.sum();
  }

  /** Records of other windows, and minutes that are of no use. */
  long others() {
    return others.sum();
  }

  /** Records that a later one of the same key replaced before they were looked at. */
  long superseded() {
    return superseded.sum();
  }

  /** Records that are no rollups. */
  long unreadable() {
    return unreadable.sum();
  }

  /** Takes on partitions that are new, from their beginning. */
  void discover() {
    Set<TopicPartition> assigned = new HashSet<>(consumer.assignment());
    List<TopicPartition> fresh =
        Stream.of(topic, scopeTopic)
            .flatMap(name -> consumer.partitionsFor(name).stream())
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
      fill(consumer.poll(wait));
    }
    while (!waiting.isEmpty()) {
      Revision latest = waiting.element();
      while (latest != null && !take(latest.record())) {
        latest = latest.former();
      }
      for (Revision left = latest == null ? null : latest.former(); left != null; ) {
        superseded.increment();
        left = left.former();
      }
      waiting.remove();
    }
  }

  /** A rollup holds the whole sum: of those of one key that came together, the last one counts. */
  private void fill(ConsumerRecords<byte[], byte[]> polled) {
    for (TopicPartition partition : polled.partitions()) {
      Map<ByteBuffer, Revision> latest = new LinkedHashMap<>();
      for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
        if (record.key() == null) {
          waiting.add(new Revision(record, null));
        } else {
          ByteBuffer key = ByteBuffer.wrap(record.key());
          latest.put(key, new Revision(record, latest.get(key)));
        }
      }
      waiting.addAll(latest.values());
    }
  }

  /**
   * @param former of the same key, to be taken if this one cannot be read
   */
  private record Revision(ConsumerRecord<byte[], byte[]> record, @Nullable Revision former) {}

  /** Whether it could be read. */
  private boolean take(ConsumerRecord<byte[], byte[]> record) {
    byte[] key = record.key();
    try {
      if (key == null || key.length <= WINDOW_BYTE) {
        throw new UnreadableRecordException("a rollup has a key with a window");
      }
      // Most records are minutes: those of no use are not even decoded.
      boolean minute = key[WINDOW_BYTE] == RollupWindow.MINUTE.ordinal();
      Instant start = Micros.toInstant(ByteBuffer.wrap(key).getLong());
      Instant now = clock.instant();
      if (minute
          ? !store.wantsMinute(start, now)
          : key[WINDOW_BYTE] != RollupWindow.HOUR.ordinal()) {
        day(record, start, now);
        others.increment();
      } else if (record.topic().equals(scopeTopic)) {
        scope(record, minute, start, now);
      } else {
        cell(record, minute, start, now);
      }
      return true;
    } catch (UnreadableRecordException
        | IllegalArgumentException
        | ArithmeticException
        | DateTimeException e) {
      unreadable.increment();
      LOG.warnf(
          "no rollup in %s-%d at offset %d: %s",
          record.topic(), record.partition(), record.offset(), e.getMessage());
      return false;
    }
  }

  /** Budgets are made of days where they can: days are kept for longer than hours. */
  private void day(ConsumerRecord<byte[], byte[]> record, Instant start, Instant now)
      throws UnreadableRecordException {
    if (record.key()[WINDOW_BYTE] != RollupWindow.DAY.ordinal()
        || record.value() == null
        || !record.topic().equals(topic)) {
      return;
    }
    RollupKey id = RollupKey.ofBytes(record.key());
    Cell cell = new Cell(id.team(), id.model(), id.feature());
    if (budgets.wantsDays(cell)) {
      budgets.putDay(cell, start, codec.decode(record.value()).getCost(), now);
    }
  }

  private void cell(
      ConsumerRecord<byte[], byte[]> record, boolean minute, Instant start, Instant now)
      throws UnreadableRecordException {
    RollupKey id = RollupKey.ofBytes(record.key());
    Cell cell = new Cell(id.team(), id.model(), id.feature());
    CostRollup rollup = record.value() == null ? null : codec.decode(record.value());
    Sums sums = rollup == null ? Sums.none() : RollupSums.of(rollup);
    if (minute) {
      store.putMinute(cell, start, sums, now);
    } else if (rollup == null) {
      store.remove(cell, start, now);
    } else {
      store.putHour(cell, start, sums, now);
      budgets.seen(Micros.toInstant(rollup.getLastEventMicros()), now);
      if (budgets.wantsHours(cell)) {
        budgets.putHour(cell, start, rollup.getCost(), now);
      }
    }
    (minute ? minutes : hours).increment();
  }

  private void scope(
      ConsumerRecord<byte[], byte[]> record, boolean minute, Instant start, Instant now)
      throws UnreadableRecordException {
    SortedMap<String, String> values = ScopeKey.ofBytes(record.key()).scope();
    if (values.containsValue("")) {
      // What has no customer is no customer.
      others.increment();
      return;
    }
    Scope scope = Scope.of(values);
    boolean budgeted = !minute && budgets.wantsHours(scope);
    if (!store.wants(scope) && !budgeted) {
      others.increment();
      return;
    }
    ScopeRollup rollup = record.value() == null ? null : scopeCodec.decode(record.value());
    if (rollup != null && budgeted) {
      budgets.putHour(scope, start, rollup.getCost(), now);
    }
    if (store.wants(scope)) {
      Sums sums = rollup == null ? Sums.none() : RollupSums.of(rollup);
      if (minute) {
        store.putMinute(scope, start, sums, now);
      } else if (rollup == null) {
        store.remove(scope, start, now);
      } else {
        store.putHour(scope, start, sums, now);
      }
    }
    (minute ? minutes : hours).increment();
  }
}
