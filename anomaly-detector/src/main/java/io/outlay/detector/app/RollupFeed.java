package io.outlay.detector.app;

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
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * Reads the rollups of cells and of scopes, all partitions from their beginnings, into the store.
 * Records read = hours and minutes taken + others + unreadable. For one thread, but for the
 * counters.
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
  private final Clock clock;
  private final Queue<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
  private final LongAdder hours = new LongAdder();
  private final LongAdder minutes = new LongAdder();
  private final LongAdder others = new LongAdder();
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
      Clock clock) {
    this.consumer = consumer;
    this.topic = topic;
    this.codec = codec;
    this.scopeTopic = scopeTopic;
    this.scopeCodec = scopeCodec;
    this.store = store;
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
      consumer.poll(wait).forEach(waiting::add);
    }
    while (!waiting.isEmpty()) {
      take(waiting.element());
      waiting.remove();
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
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
        others.increment();
      } else if (record.topic().equals(scopeTopic)) {
        scope(record, minute, start, now);
      } else {
        cell(record, minute, start, now);
      }
    } catch (UnreadableRecordException
        | IllegalArgumentException
        | ArithmeticException
        | DateTimeException e) {
      unreadable.increment();
      LOG.warnf(
          "no rollup in %s-%d at offset %d: %s",
          record.topic(), record.partition(), record.offset(), e.getMessage());
    }
  }

  private void cell(
      ConsumerRecord<byte[], byte[]> record, boolean minute, Instant start, Instant now)
      throws UnreadableRecordException {
    RollupKey id = RollupKey.ofBytes(record.key());
    Cell cell = new Cell(id.team(), id.model(), id.feature());
    Sums sums = record.value() == null ? Sums.none() : RollupSums.of(codec.decode(record.value()));
    if (minute) {
      store.putMinute(cell, start, sums, now);
    } else if (record.value() == null) {
      store.remove(cell, start, now);
    } else {
      store.putHour(cell, start, sums, now);
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
    if (!store.wants(scope)) {
      others.increment();
      return;
    }
    Sums sums =
        record.value() == null ? Sums.none() : RollupSums.of(scopeCodec.decode(record.value()));
    if (minute) {
      store.putMinute(scope, start, sums, now);
    } else if (record.value() == null) {
      store.remove(scope, start, now);
    } else {
      store.putHour(scope, start, sums, now);
    }
    (minute ? minutes : hours).increment();
  }
}
