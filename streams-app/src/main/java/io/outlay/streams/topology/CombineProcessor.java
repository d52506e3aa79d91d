package io.outlay.streams.topology;

import io.outlay.schema.CostRollup;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.ScopeRollup;
import io.outlay.serde.AvroCodec;
import io.outlay.streams.rollup.OpenWindows;
import io.outlay.streams.rollup.RollupType;
import io.outlay.streams.rollup.WindowSums;
import io.outlay.streams.rollup.Windows;
import io.outlay.topic.WindowKey;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.config.TopicConfig;
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
 * Adds deltas of minutes to the windows of their scope, and writes each rollup that a commit
 * changed, once.
 *
 * <p>Stores: {@value #ROLLUPS} or {@value #SCOPE_ROLLUPS}, the current sums by {@link WindowKey},
 * bounded by scopes and retention, days by 100 of them; {@value #HOOK} or {@value #SCOPE_HOOK},
 * empty. What leaves the store leaves the topic too, as a tombstone; readers with a history of
 * their own keep it.
 *
 * @param <R> the rollups
 */
final class CombineProcessor<R extends SpecificRecordBase>
    implements Processor<byte[], byte[], byte[], byte[]> {
  static final String ROLLUPS = "rollup-sums";
  static final String HOOK = "combine-commit-hook";
  static final String SCOPE_ROLLUPS = "scope-rollup-sums";
  static final String SCOPE_HOOK = "combine-scopes-commit-hook";

  private static final Duration CLEAN_EVERY = Duration.ofMinutes(10);
  private static final int MAX_CLEANED = 50_000;

  private final Supplier<R> made;
  private final OpenWindows open;
  private final Windows windows;

  private ProcessorContext<byte[], byte[]> context;
  private KeyValueStore<Bytes, byte[]> stored;
  private WindowSums<R> changed;
  private long streamMillis;
  private Map<WindowKey, R> latest;
  private long othersCleaned;

  private CombineProcessor(Supplier<R> made) {
    this.made = made;
    this.open = new OpenWindows(made.settings.retention());
    this.windows = new Windows(made.settings.zone());
  }

  /** Of rollups by team, model and feature. */
  static Supplier<CostRollup> ofCosts(UsageTopology.Settings settings, CommitPace pace) {
    return new Supplier<>(
        settings,
        pace,
        RollupType.COSTS,
        settings.codecs().deltas(),
        settings.codecs().rollups(),
        ROLLUPS,
        HOOK,
        UsageTopology.ROLLUPS_SINK);
  }

  /** Of rollups by the scopes of cuts. */
  static Supplier<ScopeRollup> ofScopes(UsageTopology.Settings settings, CommitPace pace) {
    return new Supplier<>(
        settings,
        pace,
        RollupType.SCOPES,
        settings.codecs().scopeDeltas(),
        settings.codecs().scopeRollups(),
        SCOPE_ROLLUPS,
        SCOPE_HOOK,
        UsageTopology.SCOPE_ROLLUPS_SINK);
  }

  /**
   * Small segments, cleaned soon: a sum is written again with every commit that changes it, a
   * hundred times and more while its window runs, and a restart after a crash reads whatever was
   * not cleaned away. The last segment never is.
   */
  static final Map<String, String> CHANGELOG =
      Map.of(
          TopicConfig.SEGMENT_BYTES_CONFIG,
          Integer.toString(4 << 20),
          TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
          "0.2");

  /** Makes processors and owns their stores. */
  record Supplier<R extends SpecificRecordBase>(
      UsageTopology.Settings settings,
      CommitPace pace,
      RollupType<R> type,
      AvroCodec<R> deltas,
      AvroCodec<R> rollups,
      String store,
      String hook,
      String sink)
      implements ProcessorSupplier<byte[], byte[], byte[], byte[]> {
    @Override
    public Processor<byte[], byte[], byte[], byte[]> get() {
      return new CombineProcessor<>(this);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return Set.of(
          CommitHook.builder(hook),
          Stores.keyValueStoreBuilder(
                  Stores.persistentKeyValueStore(store), Serdes.Bytes(), Serdes.ByteArray())
              .withLoggingEnabled(CHANGELOG)
              .withCachingDisabled());
    }
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    // As in RateProcessor: nothing of a transaction that was lost.
    changed = new WindowSums<>(made.type, windows);
    latest = new Latest<>();
    stored = context.getStateStore(made.store);
    CommitHook hook = context.getStateStore(made.hook);
    othersCleaned = 0;
    hook.beforeCommit(
        context,
        () -> {
          made.pace.committing(context);
          changed.drain(this::merge);
        });
    context.schedule(CLEAN_EVERY, PunctuationType.WALL_CLOCK_TIME, now -> clean());
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    streamMillis = Math.max(streamMillis, record.timestamp());
    made.pace.record(context);
    // Only the topology writes this topic: what cannot be read here is a defect and fails loudly.
    changed.add(made.deltas.decode(record.value()));
  }

  private void merge(WindowKey key, R change) {
    Bytes storeKey = Bytes.wrap(key.toBytes());
    R sum = latest.get(key);
    if (sum == null) {
      byte[] former = stored.get(storeKey);
      if (former == null && !made.type.mayBegin(change)) {
        return;
      }
      sum = former == null ? made.type.zero(change) : made.rollups.decode(former);
      latest.put(key, sum);
    }
    made.type.add(sum, change);
    made.type.raiseRevision(sum);
    byte[] value = made.rollups.encode(sum);
    stored.put(storeKey, value);
    context.forward(new Record<>(storeKey.get(), value, Math.max(0, streamMillis)), made.sink);
  }

  /**
   * What was written last, so that it need not be read: current hours and days change with every
   * commit. Holds what the store holds, or nothing.
   */
  private static final class Latest<R> extends LinkedHashMap<WindowKey, R> {
    private static final long serialVersionUID = 1;
    private static final int MOST = 8_192;

    Latest() {
      super(MOST, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<WindowKey, R> eldest) {
      return size() > MOST;
    }
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
          latest.clear();
          context.forward(new Record<>(key.get(), (byte[]) null, streamMillis), made.sink);
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
