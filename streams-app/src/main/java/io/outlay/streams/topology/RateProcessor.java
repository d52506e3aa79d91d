package io.outlay.streams.topology;

import io.outlay.schema.CostRollup;
import io.outlay.schema.DeadLetter;
import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.LedgerEntry;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.ScopeRollup;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.CostRecordEncoder;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.serde.UnreadableRecordException;
import io.outlay.streams.dedupe.IdBlock;
import io.outlay.streams.dedupe.InTime;
import io.outlay.streams.dedupe.SeenIds;
import io.outlay.streams.dedupe.SeenIds.Sighting;
import io.outlay.streams.ledger.Ledger;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.rating.Rater;
import io.outlay.streams.rollup.MinuteSums;
import io.outlay.streams.rollup.RollupType;
import io.outlay.streams.rollup.ScopeSums;
import io.outlay.usage.EventKey;
import io.outlay.usage.UsageRules;
import io.outlay.usage.Violation;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * One record of the usage topic in, exactly one of these out: a fact, a dead letter, or nothing
 * because the event has been counted before. Before each commit follow sums by scope and, if
 * anything was read, what became of the partition so far: the ledger, which the books are held
 * against.
 *
 * <p>Stores: {@value #SEEN_IDS}, blocks of ids, bounded by the dedupe horizon; {@value #LEDGER},
 * one entry; {@value #HOOK}, empty.
 */
final class RateProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  static final String SEEN_IDS = "seen-ids";
  static final String LEDGER = "ledger-totals";
  static final String HOOK = "rate-commit-hook";

  private static final int MAX_TEXT_CHARS = 4_000;

  /**
   * Key and value of a dead letter together take no more, so that a record that Kafka took makes a
   * letter that Kafka takes: its limit is 1 MiB, for records that do not compress as well.
   */
  static final int MAX_LETTER_BYTES = 1_000_000;

  private final UsageTopology.Settings settings;
  private final CommitPace pace;
  private final AvroCodec<UsageEvent> usage;
  private final AvroCodec<DeadLetter> deadLetters;
  private final AvroCodec<LedgerEntry> entries;
  private final UsageCounters counters;
  private final Clock clock;
  private final long horizonMillis;
  private final InTime inTime;
  private final CostRecordEncoder costs;

  private ProcessorContext<byte[], byte[]> context;
  private @Nullable SeenIds seen;
  private IdBlock block;
  private MinuteSums sums;
  private ScopeSums scopes;
  private KeyValueStore<Bytes, byte[]> blocks;
  private KeyValueStore<Bytes, byte[]> entry;
  private Bytes entryKey;
  private Ledger ledger;
  private @Nullable PriceBook book;
  private Rater rater;
  private long streamMillis;
  private long expiredBucket;

  private RateProcessor(UsageTopology.Settings settings, CommitPace pace) {
    this.settings = settings;
    this.pace = pace;
    this.usage = settings.codecs().usage();
    this.deadLetters = settings.codecs().deadLetters();
    this.entries = settings.codecs().ledger();
    this.costs = new CostRecordEncoder(settings.codecs().costs());
    this.counters = settings.counters();
    this.clock = settings.clock();
    this.inTime = new InTime(settings.retention());
    this.horizonMillis = inTime.remembered(settings.dedupeHorizon()).toMillis();
    this.rater = new Rater(settings.prices().get());
  }

  /** Makes processors and owns their stores. */
  record Supplier(UsageTopology.Settings settings, CommitPace pace)
      implements ProcessorSupplier<byte[], byte[], byte[], byte[]> {
    @Override
    public Processor<byte[], byte[], byte[], byte[]> get() {
      return new RateProcessor(settings, pace);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return Set.of(
          CommitHook.builder(HOOK),
          Stores.keyValueStoreBuilder(
                  Stores.persistentKeyValueStore(SEEN_IDS), Serdes.Bytes(), Serdes.ByteArray())
              .withLoggingEnabled(Map.of())
              .withCachingDisabled(),
          Stores.keyValueStoreBuilder(
                  Stores.persistentKeyValueStore(LEDGER), Serdes.Bytes(), Serdes.ByteArray())
              .withLoggingEnabled(Map.of())
              .withCachingDisabled());
    }
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    // A task whose transaction was lost starts again with this very processor: what it took since
    // the last commit is read again, and must not be there already.
    close();
    seen =
        new SeenIds(
            horizonMillis, settings.idsInMemory(), context.stateDir().toPath().resolve("ids"));
    block = new IdBlock();
    sums = new MinuteSums();
    scopes = new ScopeSums(settings.cuts());
    expiredBucket = 0;
    blocks = context.getStateStore(SEEN_IDS);
    try (KeyValueIterator<Bytes, byte[]> stored = blocks.all()) {
      while (stored.hasNext()) {
        IdBlock.restore(stored.next().value, seen);
      }
    }
    entry = context.getStateStore(LEDGER);
    int partition = context.taskId().partition();
    entryKey = Bytes.wrap(Integer.toString(partition).getBytes(StandardCharsets.US_ASCII));
    byte[] former = entry.get(entryKey);
    ledger = new Ledger(partition, former == null ? null : entries.decode(former));
    CommitHook hook = context.getStateStore(HOOK);
    hook.beforeCommit(context, this::beforeCommit);
  }

  @Override
  public void close() {
    if (seen != null) {
      seen.close();
    }
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    counters.read().increment();
    pace.record(context);
    ledger.read(offset());
    streamMillis = Math.max(streamMillis, record.timestamp());
    UsageEvent event;
    try {
      if (record.value() == null) {
        deadLetter(record, DeadLetterReason.UNREADABLE, "the record has no value", null);
        return;
      }
      event = usage.decode(record.value());
    } catch (UnreadableRecordException e) {
      deadLetter(record, DeadLetterReason.UNREADABLE, String.valueOf(e.getMessage()), e);
      return;
    }
    Violation violation = UsageRules.check(event);
    if (violation != null) {
      deadLetter(record, DeadLetterReason.INVALID, violation.toString(), null);
      return;
    }
    EventKey key = EventKey.of(event.getSource(), event.getId());
    if (!Arrays.equals(record.key(), key.toBytes())) {
      deadLetter(
          record, DeadLetterReason.WRONG_KEY, "the key must be " + key + " for this event", null);
      return;
    }
    long arrivalMicros = record.timestamp() * 1_000;
    if (inTime.isTooEarly(event.getEventTimeMicros(), arrivalMicros)) {
      deadLetter(
          record,
          DeadLetterReason.INVALID,
          "time must be no later than "
              + InTime.MAX_FUTURE
              + " after its arrival, was "
              + instant(event.getEventTimeMicros()),
          null);
      return;
    }
    if (inTime.isTooLate(event.getEventTimeMicros(), arrivalMicros)) {
      deadLetter(
          record,
          DeadLetterReason.TOO_LATE,
          "time must be within "
              + settings.retention()
              + " of its arrival, was "
              + instant(event.getEventTimeMicros()),
          null);
      return;
    }
    count(record, event, key);
  }

  private void count(Record<byte[], byte[]> record, UsageEvent event, EventKey key) {
    Rating rating;
    try {
      // Before the id is remembered, so that a dead letter can be sent through again.
      rating = rater().rate(event, nowMicros());
    } catch (ArithmeticException e) {
      deadLetter(record, DeadLetterReason.COST_OUT_OF_RANGE, String.valueOf(e.getMessage()), null);
      return;
    }
    long offset = offset();
    Sighting sighting = seen.see(key, offset, record.timestamp());
    if (sighting == Sighting.DUPLICATE) {
      counters.duplicates().increment();
      ledger.duplicate();
      return;
    }
    if (sighting == Sighting.REPLAY) {
      counters.replays().increment();
    } else {
      block.add(key.high(), key.low(), offset, record.timestamp());
      if (block.isFull()) {
        storeIds();
      }
    }
    counters.facts(rating.status()).increment();
    if (rating.status() == PricingStatus.UNPRICED) {
      counters.unpriced().count(event);
    }
    ledger.fact(rating);
    sums.add(event, rating);
    scopes.add(event, rating);
    byte[] own =
        AvroCodec.schemaIdOf(record.value()) == usage.schemaId()
            ? record.value()
            : usage.encode(event);
    context.forward(
        new Record<>(record.key(), costs.encode(rating, own), record.timestamp()),
        UsageTopology.COSTS_SINK);
  }

  /**
   * Within the transaction: ids as one block, sums as deltas, the ledger, and forgetting what is
   * too old.
   */
  private void beforeCommit() {
    pace.committing(context);
    if (!block.isEmpty()) {
      storeIds();
    }
    sums.drain(this::forwardDelta);
    scopes.drain(this::forwardScopeDelta);
    if (ledger.isChanged()) {
      byte[] value = entries.encode(ledger.nextEntry(nowMicros()));
      entry.put(entryKey, value);
      context.forward(
          new Record<>(entryKey.get(), value, Math.max(0, streamMillis)),
          UsageTopology.LEDGER_SINK);
    }
    expire();
  }

  private void storeIds() {
    Bytes key = Bytes.wrap(block.key());
    blocks.put(key, block.drain());
  }

  private void forwardDelta(CostRollup delta) {
    context.forward(
        new Record<>(
            RollupType.COSTS.key(delta).scopeBytes(),
            settings.codecs().deltas().encode(delta),
            Math.max(0, streamMillis)),
        UsageTopology.DELTAS_SINK);
  }

  private void forwardScopeDelta(ScopeRollup delta) {
    context.forward(
        new Record<>(
            RollupType.SCOPES.key(delta).scopeBytes(),
            settings.codecs().scopeDeltas().encode(delta),
            Math.max(0, streamMillis)),
        UsageTopology.SCOPE_DELTAS_SINK);
  }

  private void expire() {
    long before = streamMillis - horizonMillis;
    long bucket = before / Math.max(1, horizonMillis / SeenIds.BUCKETS);
    if (before <= 0 || bucket == expiredBucket) {
      return;
    }
    expiredBucket = bucket;
    seen.expire(before);
    try (KeyValueIterator<Bytes, byte[]> old =
        blocks.range(Bytes.wrap(IdBlock.key(0, 0)), Bytes.wrap(IdBlock.key(before, 0)))) {
      while (old.hasNext()) {
        blocks.delete(old.next().key);
      }
    }
  }

  private long offset() {
    return context.recordMetadata().orElseThrow().offset();
  }

  private Rater rater() {
    PriceBook current = settings.prices().get();
    if (current != book) {
      book = current;
      rater = new Rater(current);
    }
    return rater;
  }

  private void deadLetter(
      Record<byte[], byte[]> record,
      DeadLetterReason reason,
      String message,
      @Nullable Throwable cause) {
    counters.deadLetters(reason).increment();
    ledger.deadLetter(reason);
    RecordMetadata at = context.recordMetadata().orElseThrow();
    Map<String, ByteBuffer> headers = new HashMap<>();
    for (Header header : record.headers()) {
      headers.put(
          header.key(), ByteBuffer.wrap(header.value() == null ? new byte[0] : header.value()));
    }
    DeadLetter letter =
        new DeadLetter(
            reason,
            cut(message),
            at.topic(),
            at.partition(),
            at.offset(),
            record.timestamp(),
            record.key() == null ? null : ByteBuffer.wrap(record.key()),
            record.value() == null ? null : ByteBuffer.wrap(record.value()),
            headers,
            cause == null ? "" : stack(cause),
            nowMicros());
    context.forward(fitting(record, letter), UsageTopology.DEAD_LETTERS_SINK);
  }

  /** The letter as a record that the topic takes: without what is too large to be kept. */
  private Record<byte[], byte[]> fitting(Record<byte[], byte[]> record, DeadLetter letter) {
    byte[] key = record.key();
    byte[] value = deadLetters.encode(letter);
    if (length(key) + value.length > MAX_LETTER_BYTES) {
      letter.setMessage(
          "%s (too large to be kept here, with a key of %d bytes, a value of %d and %d headers: it is where it was read)"
              .formatted(
                  letter.getMessage(),
                  length(key),
                  length(record.value()),
                  letter.getHeaders().size()));
      letter.setValue(null);
      value = deadLetters.encode(letter);
    }
    if (length(key) + value.length > MAX_LETTER_BYTES) {
      key = null;
      letter.setKey(null);
      letter.setHeaders(Map.of());
      value = deadLetters.encode(letter);
    }
    return new Record<>(key, value, record.timestamp());
  }

  private static int length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  private static String stack(Throwable cause) {
    StringWriter text = new StringWriter();
    cause.printStackTrace(new PrintWriter(text));
    return cut(text.toString());
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(text.length(), MAX_TEXT_CHARS));
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
  }
}
