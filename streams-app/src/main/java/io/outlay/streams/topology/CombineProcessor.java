package io.outlay.streams.topology;

import io.outlay.schema.CostRollup;
import io.outlay.schema.RollupWindow;
import io.outlay.serde.AvroCodec;
import io.outlay.streams.rollup.OpenWindows;
import io.outlay.streams.rollup.WindowSums;
import io.outlay.streams.rollup.Windows;
import io.outlay.topic.RollupKey;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Adds deltas of minutes to the minute, hour and day of their scope, and writes each rollup that a
 * commit changed, once.
 *
 * <p>Stores: {@value #ROLLUPS}, the current sums by {@link RollupKey}, bounded by scopes and
 * retention, days by 100 of them; {@value #HOOK}, empty. What leaves the store leaves the topic
 * too, as a tombstone; readers with a history of their own keep it.
 */
final class CombineProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  static final String ROLLUPS = "rollup-sums";
  static final String HOOK = "combine-commit-hook";

  private static final Duration CLEAN_EVERY = Duration.ofMinutes(10);
  private static final int MAX_CLEANED = 50_000;

  private final OpenWindows open;
  private final AvroCodec<CostRollup> deltas;
  private final AvroCodec<CostRollup> rollups;
  private final Windows windows;

  private ProcessorContext<byte[], byte[]> context;
  private KeyValueStore<Bytes, byte[]> stored;
  private WindowSums changed;
  private long streamMillis;
  private long othersCleaned;

  private CombineProcessor(UsageTopology.Settings settings) {
    this.open = new OpenWindows(settings.retention());
    this.deltas = settings.codecs().deltas();
    this.rollups = settings.codecs().rollups();
    this.windows = new Windows(settings.zone());
  }

  /** Makes processors and owns their stores. */
  record Supplier(UsageTopology.Settings settings)
      implements ProcessorSupplier<byte[], byte[], byte[], byte[]> {
    @Override
    public Processor<byte[], byte[], byte[], byte[]> get() {
      return new CombineProcessor(settings);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return Set.of(
          CommitHook.builder(HOOK),
          Stores.keyValueStoreBuilder(
                  Stores.persistentKeyValueStore(ROLLUPS), Serdes.Bytes(), Serdes.ByteArray())
              .withLoggingEnabled(Map.of())
              .withCachingDisabled());
    }
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    // As in RateProcessor: nothing of a transaction that was lost.
    changed = new WindowSums(windows);
    stored = context.getStateStore(ROLLUPS);
    othersCleaned = 0;
    CommitHook hook = context.getStateStore(HOOK);
    hook.beforeCommit(context, () -> changed.drain(this::merge));
    context.schedule(CLEAN_EVERY, PunctuationType.WALL_CLOCK_TIME, now -> clean());
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    streamMillis = Math.max(streamMillis, record.timestamp());
    // Only the topology writes this topic: what cannot be read here is a defect and fails loudly.
    changed.add(deltas.decode(record.value()));
  }

  private void merge(RollupKey key, CostRollup change) {
    Bytes storeKey = Bytes.wrap(key.toBytes());
    byte[] former = stored.get(storeKey);
    CostRollup sum = former == null ? change : WindowSums.plus(change, rollups.decode(former));
    sum.setRevision(sum.getRevision() + 1);
    byte[] value = rollups.encode(sum);
    stored.put(storeKey, value);
    context.forward(
        new Record<>(storeKey.get(), value, Math.max(0, streamMillis)), UsageTopology.ROLLUPS_SINK);
  }

  /**
   * Forgets sums that no event can change any more; days last longer than what they are made of.
   */
  private void clean() {
    long now = streamMillis * 1_000;
    long days = Math.max(0, open.daysForgottenBefore(now));
    long others = open.forgottenBefore(now);
    int cleaned = clean(0, days, MAX_CLEANED, true);
    // Between the two only days are left of what was cleaned before: it is not read again.
    long from = Math.max(days, othersCleaned);
    if (clean(from, others, MAX_CLEANED - cleaned, false) < MAX_CLEANED - cleaned) {
      othersCleaned = Math.max(from, others);
    }
  }

  /** Forgets at most so many sums of windows that start between two times. */
  private int clean(long fromMicros, long toMicros, int max, boolean daysToo) {
    if (toMicros <= fromMicros) {
      return 0;
    }
    int cleaned = 0;
    try (KeyValueIterator<Bytes, byte[]> old =
        stored.range(Bytes.wrap(start(fromMicros)), Bytes.wrap(start(toMicros)))) {
      while (old.hasNext() && cleaned < max) {
        Bytes key = old.next().key;
        if (daysToo || key.get()[Long.BYTES] != RollupWindow.DAY.ordinal()) {
          stored.delete(key);
          context.forward(
              new Record<>(key.get(), (byte[]) null, streamMillis), UsageTopology.ROLLUPS_SINK);
          cleaned++;
        }
      }
    }
    return cleaned;
  }

  private static byte[] start(long micros) {
    return ByteBuffer.allocate(Long.BYTES).putLong(micros).array();
  }
}
