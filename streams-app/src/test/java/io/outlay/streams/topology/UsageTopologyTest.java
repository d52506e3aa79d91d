package io.outlay.streams.topology;

import io.outlay.price.PriceFile;
import io.outlay.schema.CostRecord;
import io.outlay.schema.CostRollup;
import io.outlay.schema.DeadLetter;
import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.LedgerEntry;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.ScopeRollup;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.serde.RegistryException;
import io.outlay.serde.SchemaRegistry;
import io.outlay.serde.UnreadableRecordException;
import io.outlay.streams.TestEvents;
import io.outlay.streams.dedupe.IdBlock;
import io.outlay.streams.dedupe.InTime;
import io.outlay.streams.dedupe.SeenIds;
import io.outlay.streams.dedupe.SeenIds.Sighting;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.rating.Rater;
import io.outlay.streams.rollup.ScopeSums;
import io.outlay.topic.RollupKey;
import io.outlay.topic.ScopeKey;
import io.outlay.topic.Topics;
import io.outlay.usage.Cut;
import io.outlay.usage.EventKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.lang.reflect.Field;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.LongAdder;
import org.apache.avro.Schema;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.ProcessorNode;
import org.apache.kafka.streams.processor.internals.ProcessorRecordContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class UsageTopologyTest {
  private static final String PREFIX = "t.";
  private static final Instant NOW = TestEvents.TIME.plusSeconds(5);
  private static final Duration RETENTION = Duration.ofDays(35);
  private static final String PRICES =
      """
      format: outlay-prices/1
      models:
        - {provider: openai, model: mini, rates: {input: 0.15, output: 0.6}}
        - {provider: openai, model: vast, rates: {input: 999999}}
      """;

  private final Registry registry = new Registry();
  private final UsageCodecs codecs = UsageCodecs.register(PREFIX, registry);
  private final UsageCounters counters = new UsageCounters();
  private PriceBook book = new PriceBook(PriceFile.read(new StringReader(PRICES), "test"));
  private final UsageTopology.Settings settings =
      new UsageTopology.Settings(
          PREFIX,
          ZoneOffset.UTC,
          RETENTION,
          2, // so that the older ones lie on disk
          RETENTION,
          Duration.ofMillis(200),
          List.of(Cut.parse("customer"), Cut.parse("region+team")),
          codecs,
          () -> book,
          counters,
          Clock.fixed(NOW, ZoneOffset.UTC));
  private final CommitPace pace = new CommitPace(Duration.ofMillis(200));
  private final Topology topology = UsageTopology.build(settings);
  private final TopologyTestDriver driver = new TopologyTestDriver(topology, properties(), NOW);
  private final TestInputTopic<byte[], byte[]> usage =
      driver.createInputTopic(
          Topics.USAGE.name(PREFIX), new ByteArraySerializer(), new ByteArraySerializer());

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void theTopologyIsTheDeployedContract() throws IOException {
    String expected;
    try (InputStream in = getClass().getResourceAsStream("/topology.txt")) {
      expected = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    assertThat(topology.describe().toString().strip())
        .as(
            "names of operators, stores and topics are what running instances hold their state by."
                + " If the change is meant: say in CHANGELOG.md and docs/operation.md how state"
                + " migrates, then put the new description into src/test/resources/topology.txt")
        .isEqualTo(expected.strip());
  }

  @Test
  void anEventBecomesAFactThatHoldsItWhole() {
    UsageEvent event = call("1", "mini", 1_000_000, 500_000);

    send(event);

    List<CostRecord> facts = facts();
    assertThat(facts).hasSize(1);
    assertThat(facts.get(0).getUsage()).isEqualTo(event);
    assertThat(facts.get(0).getCostPico()).isEqualTo(450_000_000_000L);
    assertThat(facts.get(0).getPricingStatus()).isEqualTo(PricingStatus.PRICED);
    assertThat(facts.get(0).getPriceId()).isEqualTo("openai/mini");
    assertThat(facts.get(0).getRatedAtMicros()).isEqualTo(NOW.getEpochSecond() * 1_000_000);
    assertThat(counters.facts(PricingStatus.PRICED).sum()).isEqualTo(1);
  }

  @Test
  void anEventSentAgainIsCountedOnce() {
    send(call("1", "mini", 1_000_000, 0));
    send(call("1", "mini", 1_000_000, 0));
    send(call("2", "mini", 1_000_000, 0));
    send(call("1", "mini", 1_000_000, 0));

    assertThat(facts()).extracting(fact -> fact.getUsage().getId()).containsExactly("1", "2");
    assertThat(counters.duplicates().sum()).isEqualTo(2);
    assertThat(rollup(RollupWindow.DAY, "2026-11-21T00:00:00Z").getEvents()).isEqualTo(2);
  }

  @Test
  void idsAreStoredWithTheCommitThatCountsThem() {
    UsageEvent event = call("1", "mini", 1, 0);
    send(event);

    SeenIds restored = storedIds();

    EventKey key = EventKey.of(event.getSource(), event.getId());
    assertThat(restored.see(key, 0, NOW.toEpochMilli())).isEqualTo(Sighting.REPLAY);
    assertThat(restored.see(key, 1, NOW.toEpochMilli())).isEqualTo(Sighting.DUPLICATE);
  }

  @Test
  void idsOlderThanTheHorizonAreForgottenAndLeaveTheStore() {
    sendAt(call("1", "mini", 1, 0), NOW);
    Instant later = NOW.plus(RETENTION).plus(InTime.MAX_FUTURE).plus(Duration.ofDays(2));
    UsageEvent event = call("2", "mini", 1, 0);
    event.setEventTimeMicros(later.toEpochMilli() * 1_000);
    sendAt(event, later);

    assertThat(storedIds().size()).isEqualTo(1);
    EventKey key = EventKey.of(event.getSource(), event.getId());
    assertThat(storedIds().see(key, 9, later.toEpochMilli())).isEqualTo(Sighting.DUPLICATE);
  }

  @Test
  void hoursAreForgottenAfterTheRetentionAndDaysAfterTheQuarterOfABudget() {
    send(call("1", "mini", 1_000_000, 0));
    rollups();

    passes(Duration.ofDays(36));
    assertThat(forgotten()).isEmpty();
    passes(Duration.ofDays(38));
    assertThat(forgotten()).containsExactlyInAnyOrder(RollupWindow.MINUTE, RollupWindow.HOUR);
    passes(Duration.ofDays(99));
    assertThat(forgotten()).isEmpty();
    passes(Duration.ofDays(101));
    assertThat(forgotten()).containsExactly(RollupWindow.DAY);
  }

  /** Lets an event of another time come by, and the store be cleaned. */
  private void passes(Duration sinceNow) {
    UsageEvent later = call(sinceNow.toString(), "other", 1, 0);
    later.setEventTimeMicros(micros("2026-11-21T00:00:00Z") + sinceNow.toMillis() * 1_000);
    usage.pipeInput(
        EventKey.of(later.getSource(), later.getId()).toBytes(),
        codecs.usage().encode(later),
        NOW.plus(sinceNow));
    driver.advanceWallClockTime(Duration.ofMinutes(10));
  }

  /** Windows of the first event that were deleted from the topic since the last look. */
  private List<RollupWindow> forgotten() {
    return output(Topics.ROLLUPS.name(PREFIX)).readKeyValuesToList().stream()
        .filter(record -> record.value == null)
        .map(record -> RollupKey.ofBytes(record.key))
        .filter(key -> key.model().equals("mini"))
        .map(RollupKey::window)
        .toList();
  }

  private SeenIds storedIds() {
    SeenIds ids = new SeenIds(Duration.ofHours(24).toMillis());
    KeyValueStore<Bytes, byte[]> blocks = driver.getKeyValueStore(RateProcessor.SEEN_IDS);
    try (KeyValueIterator<Bytes, byte[]> all = blocks.all()) {
      all.forEachRemaining(block -> IdBlock.restore(block.value, ids));
    }
    return ids;
  }

  @Test
  void rollupsOfMinuteHourAndDayAreTheSumsOfTheFacts() {
    for (int i = 0; i < 10; i++) {
      send(call("a" + i, "mini", 1_000_000, 0));
    }
    UsageEvent nextMinute = call("b", "mini", 2_000_000, 1_000);
    nextMinute.setEventTimeMicros(nextMinute.getEventTimeMicros() + 60_000_000);
    send(nextMinute);

    Map<RollupKey, CostRollup> rollups = rollups();
    assertThat(rollups).hasSize(4);
    CostRollup minute = rollups.get(key(RollupWindow.MINUTE, "2026-11-21T02:03:00Z"));
    CostRollup hour = rollups.get(key(RollupWindow.HOUR, "2026-11-21T02:00:00Z"));
    CostRollup day = rollups.get(key(RollupWindow.DAY, "2026-11-21T00:00:00Z"));
    assertThat(minute.getCost()).isEqualByComparingTo("1.5");
    assertThat(minute.getEvents()).isEqualTo(10);
    assertThat(hour.getCost()).isEqualByComparingTo("1.8006");
    assertThat(day.getCost()).isEqualByComparingTo("1.8006");
    assertThat(day.getEvents()).isEqualTo(11);
    assertThat(day.getRequests()).isEqualTo(11);
    assertThat(day.getInputTokens()).isEqualTo(12_000_000);
    assertThat(day.getOutputTokens()).isEqualTo(1_000);
    assertThat(day.getLastEventMicros()).isEqualTo(nextMinute.getEventTimeMicros());
    assertThat(day.getRevision()).isGreaterThan(1);
  }

  @Test
  void scopesOfCutsHaveTheirMinutesAndHours() {
    for (int i = 0; i < 4; i++) {
      UsageEvent event = call("a" + i, "mini", 1_000_000, 0);
      event.setCustomer(i < 3 ? "acme" : "");
      event.setRegion("eu");
      event.setEventTimeMicros(event.getEventTimeMicros() + i / 2 * 60_000_000L);
      send(event);
    }
    send(call("a0", "mini", 1_000_000, 0));

    Map<ScopeKey, ScopeRollup> rollups = scopeRollups();
    assertThat(rollups.keySet())
        .extracting(key -> key.window() + " " + ScopeKey.text(key.scope()))
        .containsExactlyInAnyOrder(
            "MINUTE customer=acme",
            "MINUTE customer=acme",
            "MINUTE customer=",
            "HOUR customer=acme",
            "HOUR customer=",
            "MINUTE region=eu&team=search",
            "MINUTE region=eu&team=search",
            "HOUR region=eu&team=search");
    ScopeRollup acme =
        rollups.get(
            ScopeKey.of(
                RollupWindow.HOUR, micros("2026-11-21T02:00:00Z"), Map.of("customer", "acme")));
    assertThat(acme.getScope()).isEqualTo(Map.of("customer", "acme"));
    assertThat(acme.getEvents()).isEqualTo(3);
    assertThat(acme.getCost()).isEqualByComparingTo("0.45");
    assertThat(acme.getStatusEvents()).isEqualTo(3);
    assertThat(acme.getRevision()).isGreaterThan(1);
  }

  @Test
  void aLaterRatingOfFactsOfBeforeTheCutBeginsNoScope() {
    ScopeSums sums = new ScopeSums(List.of(Cut.parse("customer")));
    UsageEvent event = call("1", "mini", 1_000_000, 0);
    send(event);
    Rating rated = new Rater(book).rate(event, 0);
    UsageEvent before = call("0", "mini", 1_000_000, 0);
    before.setCustomer("known before the cut was");
    for (UsageEvent one : List.of(event, before)) {
      sums.replace(one, rated, new Rater(new PriceBook(List.of())).rate(one, 0));
    }

    TestInputTopic<byte[], byte[]> deltas =
        driver.createInputTopic(
            Topics.SCOPE_ROLLUP_DELTAS.name(PREFIX),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    sums.drain(delta -> deltas.pipeInput(new byte[0], codecs.scopeDeltas().encode(delta), NOW));

    assertThat(
            scopeRollups().entrySet().stream()
                .filter(e -> e.getKey().scope().containsKey("customer")))
        .isNotEmpty()
        .allSatisfy(
            rollup -> {
              assertThat(rollup.getKey().scope()).containsEntry("customer", "");
              assertThat(rollup.getValue().getEvents()).isEqualTo(1);
              assertThat(rollup.getValue().getUnpricedEvents()).isEqualTo(1);
              assertThat(rollup.getValue().getCost()).isEqualByComparingTo("0");
            });
  }

  private Map<ScopeKey, ScopeRollup> scopeRollups() {
    Map<ScopeKey, ScopeRollup> latest = new HashMap<>();
    for (KeyValue<byte[], byte[]> record :
        output(Topics.SCOPE_ROLLUPS.name(PREFIX)).readKeyValuesToList()) {
      latest.put(ScopeKey.ofBytes(record.key), codecs.scopeRollups().decode(record.value));
    }
    return latest;
  }

  @Test
  void aLateEventLandsInItsOwnDay() {
    send(call("today", "mini", 1_000_000, 0));
    UsageEvent late = call("late", "mini", 1_000_000, 0);
    late.setEventTimeMicros(micros("2026-10-20T23:59:59Z"));
    send(late);

    Map<RollupKey, CostRollup> rollups = rollups();
    assertThat(rollups.get(key(RollupWindow.DAY, "2026-10-20T00:00:00Z")).getCost())
        .isEqualByComparingTo("0.15");
    assertThat(rollups.get(key(RollupWindow.DAY, "2026-11-21T00:00:00Z")).getCost())
        .isEqualByComparingTo("0.15");
    assertThat(facts()).hasSize(2);
  }

  @Test
  void anUnknownPriceIsAnUnpricedFact() {
    send(call("1", "unheard-of", 10, 10));

    assertThat(facts())
        .singleElement()
        .satisfies(
            fact -> {
              assertThat(fact.getPricingStatus()).isEqualTo(PricingStatus.UNPRICED);
              assertThat(fact.getReason()).contains("openai/unheard-of");
            });
    assertThat(rollups().values())
        .allSatisfy(sum -> assertThat(sum.getUnpricedEvents()).isEqualTo(1));
  }

  @Test
  void onlyUnpricedFactsAreCountedByWhatLacksAPrice() {
    Map<UnpricedCounters.Subject, LongAdder> counts = new HashMap<>();
    counters.unpriced().onFirst(counts::put);

    send(call("1", "mini", 10, 10));
    send(call("2", "unheard-of", 10, 10));
    send(call("2", "unheard-of", 10, 10));
    send(call("3", "unheard-of", 10, 10));

    assertThat(counts).containsOnlyKeys(new UnpricedCounters.Subject("openai", "unheard-of"));
    assertThat(counts.values()).extracting(LongAdder::sum).containsExactly(2L);
    assertThat(counters.facts(PricingStatus.UNPRICED).sum()).isEqualTo(2);
  }

  @Test
  void aChangedBookRatesTheNextEvent() {
    send(call("1", "unheard-of", 1_000_000, 0));
    book =
        new PriceBook(
            PriceFile.read(
                new StringReader(PRICES.replace("model: vast", "model: unheard-of")), "test"));
    send(call("2", "unheard-of", 1, 0));

    assertThat(facts())
        .extracting(CostRecord::getPricingStatus)
        .containsExactly(PricingStatus.UNPRICED, PricingStatus.PRICED);
  }

  @Test
  void whatCannotBeCountedIsSetAsideWholeAndHarmsNothing() {
    UsageEvent invalid = call("bad", "mini", -5, 0);
    UsageEvent tooLate = call("late", "mini", 1, 0);
    tooLate.setEventTimeMicros(micros("2026-10-01T00:00:00Z"));
    UsageEvent tooDear = call("dear", "vast", 1_000_000_000, 0);
    byte[] garbage = {1, 2, 3, 4, 5, 6, 7};
    byte[] unknownSchema = codecs.usage().encode(call("x", "mini", 1, 0));
    unknownSchema[4] = 99;
    byte[] cut = Arrays.copyOf(codecs.usage().encode(call("y", "mini", 1, 0)), 40);

    usage.pipeInput(
        new TestRecord<>(
            "k".getBytes(StandardCharsets.UTF_8),
            garbage,
            new RecordHeaders().add("h", "v".getBytes(StandardCharsets.UTF_8)),
            NOW));
    usage.pipeInput(new byte[] {1}, unknownSchema, NOW);
    usage.pipeInput(new byte[] {1}, cut, NOW);
    usage.pipeInput(new TestRecord<>(new byte[] {1}, null, NOW));
    send(invalid);
    usage.pipeInput(new byte[16], codecs.usage().encode(call("key", "mini", 1, 0)), NOW);
    usage.pipeInput(new TestRecord<>(null, codecs.usage().encode(call("key", "mini", 1, 0)), NOW));
    send(tooLate);
    send(tooDear);
    send(call("good", "mini", 1_000_000, 0));

    List<DeadLetter> letters = deadLetters();
    assertThat(letters)
        .extracting(DeadLetter::getReason)
        .containsExactly(
            DeadLetterReason.UNREADABLE,
            DeadLetterReason.UNREADABLE,
            DeadLetterReason.UNREADABLE,
            DeadLetterReason.UNREADABLE,
            DeadLetterReason.INVALID,
            DeadLetterReason.WRONG_KEY,
            DeadLetterReason.WRONG_KEY,
            DeadLetterReason.TOO_LATE,
            DeadLetterReason.COST_OUT_OF_RANGE);
    assertThat(letters.get(0).getValue().array()).isEqualTo(garbage);
    assertThat(letters.get(0).getKey().array()).isEqualTo("k".getBytes(StandardCharsets.UTF_8));
    assertThat(letters.get(0).getHeaders()).containsKey("h");
    assertThat(letters.get(0).getStack()).contains("UnreadableRecordException");
    assertThat(letters.get(0).getTopic()).isEqualTo("t.usage");
    assertThat(letters.get(4).getMessage()).isEqualTo("data.tokens.input must be >= 0, was -5");
    assertThat(letters.get(7).getMessage()).contains("2026-10-01T00:00:00Z");
    assertThat(letters.get(8).getMessage()).contains("999999000");
    assertThat(facts()).extracting(fact -> fact.getUsage().getId()).containsExactly("good");
    long dead = 0;
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      dead += counters.deadLetters(reason).sum();
    }
    assertThat(counters.read().sum()).isEqualTo(10).isEqualTo(dead + 1);
  }

  @Test
  void theLedgerSaysWhatBecameOfEveryOffset() {
    send(call("1", "mini", 1_000_000, 0));
    send(call("1", "mini", 1_000_000, 0));
    send(call("2", "unheard-of", 10, 10));
    send(call("bad", "mini", -5, 0));
    send(call("3", "mini", 2_000_000, 0));
    usage.pipeInput(new TestRecord<>(new byte[] {1}, null, NOW));

    List<LedgerEntry> entries = ledger();
    assertThat(entries).extracting(LedgerEntry::getRevision).doesNotHaveDuplicates().isSorted();
    LedgerEntry last = entries.get(entries.size() - 1);
    assertThat(last.getPartition()).isZero();
    assertThat(last.getNextOffset()).isEqualTo(6).isEqualTo(counters.read().sum());
    assertThat(last.getRecords()).isEqualTo(6);
    assertThat(last.getSkippedOffsets()).isZero();
    assertThat(last.getPriced()).isEqualTo(2);
    assertThat(last.getUnpriced()).isEqualTo(1);
    assertThat(last.getFree()).isZero();
    assertThat(last.getDuplicates()).isEqualTo(1);
    assertThat(last.getReplays()).isZero();
    assertThat(last.getDeadLetters()).isEqualTo(Map.of("invalid", 1L, "unreadable", 1L));
    assertThat(last.getCost()).isEqualByComparingTo("0.45");
    assertThat(last.getListCost()).isEqualByComparingTo("0.45");
    assertThat(last.getAvoidedCost()).isEqualByComparingTo("0");
    assertThat(last.getTimeMicros()).isEqualTo(NOW.getEpochSecond() * 1_000_000);
  }

  @Test
  void theLedgerIsStoredWithTheCommitThatCountsIt() {
    send(call("1", "mini", 1_000_000, 0));

    KeyValueStore<Bytes, byte[]> stored = driver.getKeyValueStore(RateProcessor.LEDGER);
    byte[] value = stored.get(Bytes.wrap("0".getBytes(StandardCharsets.US_ASCII)));
    assertThat(codecs.ledger().decode(value)).isEqualTo(ledger().get(0));
  }

  @Test
  void aCommitWithoutRecordsWritesNoLedger() {
    send(call("1", "mini", 1_000_000, 0));
    assertThat(ledger()).hasSize(1);

    driver.advanceWallClockTime(Duration.ofMinutes(11));

    assertThat(ledger()).isEmpty();
  }

  @Test
  void aRecordAsLargeAsKafkaTakesMakesALetterThatKafkaTakes() {
    byte[] key = new byte[20];
    byte[] large = new byte[1_040_000];
    large[0] = 7;
    RecordHeaders headers = new RecordHeaders();
    headers.add("large", new byte[600_000]).add("none", null);

    usage.pipeInput(new TestRecord<>(key, large, new RecordHeaders(), NOW));
    usage.pipeInput(new TestRecord<>(new byte[600_000], new byte[] {7}, headers, NOW));
    usage.pipeInput(new TestRecord<>(key, new byte[900_000], new RecordHeaders(), NOW));

    List<TestRecord<byte[], byte[]>> records =
        output(Topics.DEAD_LETTERS.name(PREFIX)).readRecordsToList();
    assertThat(records)
        .hasSize(3)
        .allSatisfy(
            record -> {
              int keyBytes = record.key() == null ? 0 : record.key().length;
              assertThat(keyBytes + record.value().length)
                  .isLessThanOrEqualTo(RateProcessor.MAX_LETTER_BYTES);
              assertThat(record.headers()).isEmpty();
            });
    List<DeadLetter> letters =
        records.stream().map(record -> codecs.deadLetters().decode(record.value())).toList();
    assertThat(letters.get(0).getValue()).isNull();
    assertThat(letters.get(0).getKey().array()).isEqualTo(key);
    assertThat(letters.get(0).getMessage()).contains("a value of 1040000");
    assertThat(letters.get(1).getKey()).isNull();
    assertThat(letters.get(1).getHeaders()).isEmpty();
    assertThat(letters.get(1).getMessage()).contains("a key of 600000 bytes").contains("2 headers");
    assertThat(letters.get(2).getValue().remaining()).isEqualTo(900_000);
  }

  @Test
  void aHeaderWithoutAValueIsKeptAndHarmsNothing() {
    RecordHeaders headers = new RecordHeaders();
    headers.add("none", null);

    usage.pipeInput(new TestRecord<>(new byte[] {1}, new byte[] {9}, headers, NOW));
    UsageEvent event = call("1", "mini", 1, 0);
    usage.pipeInput(
        new TestRecord<>(
            EventKey.of(event.getSource(), event.getId()).toBytes(),
            codecs.usage().encode(event),
            headers,
            NOW));

    assertThat(deadLetters())
        .singleElement()
        .satisfies(letter -> assertThat(letter.getHeaders().get("none").remaining()).isZero());
    assertThat(facts()).hasSize(1);
  }

  @Test
  void aRegistryThatIsAwayIsNoDeadLetter() {
    byte[] unknown = codecs.usage().encode(call("1", "mini", 1, 0));
    unknown[4] = 99;
    registry.away = true;

    assertThatThrownBy(() -> usage.pipeInput(new byte[] {1}, unknown, NOW))
        .rootCause()
        .isInstanceOf(RegistryException.class);

    assertThat(deadLetters()).isEmpty();
    assertThat(facts()).isEmpty();
  }

  @Test
  void aDeltaThatCannotBeReadStopsTheTopology() {
    TestInputTopic<byte[], byte[]> deltas =
        driver.createInputTopic(
            Topics.ROLLUP_DELTAS.name(PREFIX),
            new ByteArraySerializer(),
            new ByteArraySerializer());

    assertThatThrownBy(() -> deltas.pipeInput(new byte[] {1}, new byte[] {9, 9}))
        .rootCause()
        .isInstanceOf(UnreadableRecordException.class);
    assertThatThrownBy(() -> deltas.pipeInput(new TestRecord<>(new byte[] {1}, null)))
        .rootCause()
        .isInstanceOf(NullPointerException.class);
    assertThat(rollups()).isEmpty();
  }

  @Test
  void anEventAsLateAsTheRetentionCountsInItsDayAndAMillisecondMoreIsTooLate() {
    UsageEvent early = call("early", "mini", 1_000_000, 0);
    early.setEventTimeMicros(NOW.minus(Duration.ofDays(35)).toEpochMilli() * 1_000);
    usage.pipeInput(
        EventKey.of(early.getSource(), early.getId()).toBytes(),
        codecs.usage().encode(early),
        NOW.minus(Duration.ofDays(35)));
    driver.advanceWallClockTime(Duration.ofMinutes(11));
    UsageEvent atBound = call("at-bound", "mini", 2_000_000, 0);
    atBound.setEventTimeMicros(early.getEventTimeMicros());
    send(atBound);
    driver.advanceWallClockTime(Duration.ofMinutes(11));
    UsageEvent beyond = call("beyond", "mini", 1_000_000, 0);
    beyond.setEventTimeMicros(early.getEventTimeMicros() - 1_000);
    send(beyond);
    UsageEvent again = call("again", "mini", 4_000_000, 0);
    again.setEventTimeMicros(early.getEventTimeMicros());
    send(again);

    Instant day = NOW.minus(Duration.ofDays(35)).truncatedTo(ChronoUnit.DAYS);
    assertThat(facts())
        .extracting(fact -> fact.getUsage().getId())
        .containsExactly("early", "at-bound", "again");
    // 1, 2 and 4 million tokens: what was forgotten in between would be missing.
    assertThat(rollup(RollupWindow.DAY, day.toString()).getCost()).isEqualByComparingTo("1.05");
    assertThat(deadLetters())
        .singleElement()
        .satisfies(letter -> assertThat(letter.getReason()).isEqualTo(DeadLetterReason.TOO_LATE));
  }

  /** Whatever the age of an event when it came, and whatever the delay of its copy. */
  @Test
  void aCopyIsKnownOrTooLateHoweverLongAfterItComes() {
    List<Duration> leads =
        List.of(
            InTime.MAX_FUTURE,
            Duration.ofHours(25),
            Duration.ZERO,
            Duration.ofHours(-1),
            Duration.ofDays(-20),
            RETENTION.negated());
    List<Duration> delays = new ArrayList<>();
    for (int day = 0; day <= 45; day++) {
      delays.add(Duration.ofDays(day));
      delays.add(Duration.ofDays(day).plusMillis(1));
    }
    List<UsageEvent> events = new ArrayList<>();
    for (Duration lead : leads) {
      UsageEvent event = call("lead " + lead, "mini", 1_000_000, 0);
      event.setEventTimeMicros(NOW.plus(lead).toEpochMilli() * 1_000);
      events.add(event);
      sendAt(event, NOW);
    }

    for (Duration delay : delays) {
      events.forEach(event -> sendAt(event, NOW.plus(delay)));
    }

    assertThat(facts()).extracting(CostRecord::getUsage).containsExactlyElementsOf(events);
    assertThat(deadLetters())
        .isNotEmpty()
        .allSatisfy(letter -> assertThat(letter.getReason()).isEqualTo(DeadLetterReason.TOO_LATE));
    assertThat(counters.read().sum())
        .isEqualTo(
            events.size()
                + counters.duplicates().sum()
                + counters.deadLetters(DeadLetterReason.TOO_LATE).sum());
    long counted = 0;
    for (CostRollup rollup : rollups().values()) {
      counted += rollup.getWindow() == RollupWindow.DAY ? rollup.getEvents() : 0;
    }
    assertThat(counted).isEqualTo(events.size());
  }

  @Test
  void anEventFurtherAheadThanAnyClockMayBeIsADeadLetter() {
    UsageEvent ahead = call("ahead", "mini", 1_000_000, 0);
    ahead.setEventTimeMicros(NOW.plus(InTime.MAX_FUTURE).toEpochMilli() * 1_000 + 1);

    send(ahead);

    assertThat(facts()).isEmpty();
    assertThat(deadLetters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.getReason()).isEqualTo(DeadLetterReason.INVALID);
              assertThat(letter.getMessage())
                  .isEqualTo(
                      "time must be no later than PT48H after its arrival, was "
                          + NOW.plus(InTime.MAX_FUTURE).plusNanos(1_000));
            });
  }

  @Test
  void aHorizonThatIsShorterThanTheRetentionIsRefused() {
    UsageTopology.Settings wrong =
        new UsageTopology.Settings(
            PREFIX,
            ZoneOffset.UTC,
            RETENTION.minusMillis(1),
            2,
            RETENTION,
            Duration.ofMillis(200),
            List.of(),
            codecs,
            () -> book,
            counters,
            Clock.fixed(NOW, ZoneOffset.UTC));

    assertThatThrownBy(() -> new RateProcessor.Supplier(wrong, pace).get())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT839H59M59.999S")
        .hasMessageContaining("PT840H");
  }

  /**
   * What Kafka Streams does to a task whose transaction cannot be committed, such as while the
   * broker is away for long: the same processors are initialized again and read again.
   */
  @Test
  void aTaskThatIsRevivedAddsNothingTwiceAndStoresItsIds() throws Exception {
    send(call("0", "mini", 1, 0));
    deltas();
    ledger();
    UsageEvent event = call("1", "mini", 1_000_000, 0);
    Record<byte[], byte[]> record =
        new Record<>(
            EventKey.of(event.getSource(), event.getId()).toBytes(),
            codecs.usage().encode(event),
            NOW.toEpochMilli());
    CommitHook hook = (CommitHook) driver.getStateStore(RateProcessor.HOOK);
    InternalProcessorContext<byte[], byte[]> context = contextOf(hook);
    Processor<byte[], byte[], byte[], byte[]> rate =
        new RateProcessor.Supplier(settings, pace).get();

    for (int time = 0; time < 2; time++) {
      context.setRecordContext(
          new ProcessorRecordContext(
              NOW.toEpochMilli(), 1, 0, Topics.USAGE.name(PREFIX), new RecordHeaders()));
      rate.init(context);
      rate.process(record);
    }
    hook.flushCache();
    driver.advanceWallClockTime(Duration.ofSeconds(1));

    assertThat(storedIds().size()).isEqualTo(2);
    assertThat(deltas())
        .singleElement()
        .satisfies(delta -> assertThat(delta.getEvents()).isEqualTo(1));
    List<LedgerEntry> entries = ledger();
    assertThat(entries.get(entries.size() - 1).getPriced()).isEqualTo(2);
    assertThat(entries.get(entries.size() - 1).getReplays()).isZero();
  }

  /** An id without a fact would make the event that is sent through again a copy of nothing. */
  @Test
  void aTaskThatIsRevivedForgetsIdsThatItDoesNotCountThisTime() throws Exception {
    send(call("0", "mini", 1, 0));
    UsageEvent event = call("1", "vast", 1_000_000_000, 0);
    byte[] key = EventKey.of(event.getSource(), event.getId()).toBytes();
    Record<byte[], byte[]> record =
        new Record<>(key, codecs.usage().encode(event), NOW.toEpochMilli());
    CommitHook hook = (CommitHook) driver.getStateStore(RateProcessor.HOOK);
    InternalProcessorContext<byte[], byte[]> context = contextOf(hook);
    Processor<byte[], byte[], byte[], byte[]> rate =
        new RateProcessor.Supplier(settings, pace).get();
    PriceBook tooDear = book;
    PriceBook cheap =
        new PriceBook(PriceFile.read(new StringReader(PRICES.replace("999999", "1")), "test"));

    for (PriceBook each : List.of(cheap, tooDear)) {
      book = each;
      context.setRecordContext(
          new ProcessorRecordContext(
              NOW.toEpochMilli(), 1, 0, Topics.USAGE.name(PREFIX), new RecordHeaders()));
      rate.init(context);
      rate.process(record);
    }
    hook.flushCache();
    driver.advanceWallClockTime(Duration.ofSeconds(1));

    assertThat(storedIds().size()).isEqualTo(1);
    assertThat(deadLetters())
        .singleElement()
        .satisfies(
            letter -> assertThat(letter.getReason()).isEqualTo(DeadLetterReason.COST_OUT_OF_RANGE));
    List<LedgerEntry> entries = ledger();
    LedgerEntry last = entries.get(entries.size() - 1);
    assertThat(last.getPriced()).isEqualTo(1);
    assertThat(last.getDeadLetters()).isEqualTo(Map.of("cost_out_of_range", 1L));
  }

  /** Kafka takes no record of more than 1 MiB, however much comes between two commits. */
  @Test
  void idsOfALongCommitFitIntoRecords() throws Exception {
    send(call("0", "mini", 1, 0));
    int more = 43_700; // 1,048,801 bytes
    CommitHook hook = (CommitHook) driver.getStateStore(RateProcessor.HOOK);
    InternalProcessorContext<byte[], byte[]> context = contextOf(hook);
    Processor<byte[], byte[], byte[], byte[]> rate =
        new RateProcessor.Supplier(settings, pace).get();
    rate.init(context);
    for (int i = 1; i <= more; i++) {
      UsageEvent event = call(Integer.toString(i), "mini", 1, 0);
      context.setRecordContext(
          new ProcessorRecordContext(
              NOW.toEpochMilli(), i, 0, Topics.USAGE.name(PREFIX), new RecordHeaders()));
      rate.process(
          new Record<>(
              EventKey.of(event.getSource(), event.getId()).toBytes(),
              codecs.usage().encode(event),
              NOW.toEpochMilli()));
    }
    hook.flushCache();

    assertThat(storedIds().size()).isEqualTo(more + 1);
    try (KeyValueIterator<Bytes, byte[]> blocks =
        driver.<Bytes, byte[]>getKeyValueStore(RateProcessor.SEEN_IDS).all()) {
      assertThat(blocks).toIterable().allMatch(block -> block.value.length < 1_000_000);
    }
  }

  @Test
  void aRevivedTaskOfRollupsAddsNothingTwice() throws Exception {
    send(call("1", "mini", 1_000_000, 0));
    rollups();
    CostRollup delta = deltas().get(0);
    CommitHook hook = (CommitHook) driver.getStateStore(CombineProcessor.HOOK);
    InternalProcessorContext<byte[], byte[]> context = contextOf(hook);
    Processor<byte[], byte[], byte[], byte[]> combine =
        CombineProcessor.ofCosts(settings, pace).get();

    for (int time = 0; time < 2; time++) {
      combine.init(context);
      combine.process(new Record<>(new byte[0], codecs.deltas().encode(delta), NOW.toEpochMilli()));
    }
    hook.flushCache();
    driver.advanceWallClockTime(Duration.ofSeconds(1));

    assertThat(rollup(RollupWindow.DAY, "2026-11-21T00:00:00Z").getEvents()).isEqualTo(2);
  }

  /** The context that a hook was given, at the processor that gave it. */
  @SuppressWarnings("unchecked") // every key and value of the topology is bytes
  private static InternalProcessorContext<byte[], byte[]> contextOf(CommitHook hook)
      throws ReflectiveOperationException {
    Field context = CommitHook.class.getDeclaredField("context");
    Field node = CommitHook.class.getDeclaredField("node");
    context.setAccessible(true);
    node.setAccessible(true);
    var known = (InternalProcessorContext<byte[], byte[]>) context.get(hook);
    known.setCurrentNode((ProcessorNode<?, ?, ?, ?>) node.get(hook));
    return known;
  }

  private List<CostRollup> deltas() {
    return output(Topics.ROLLUP_DELTAS.name(PREFIX)).readValuesToList().stream()
        .map(codecs.deltas()::decode)
        .toList();
  }

  @Test
  void aDeadLetterCanBeSentThroughAgain() {
    send(call("1", "vast", 1_000_000_000, 0));
    book = new PriceBook(PriceFile.read(new StringReader(PRICES.replace("999999", "1")), "test"));
    send(call("1", "vast", 1_000_000_000, 0));

    assertThat(deadLetters()).hasSize(1);
    assertThat(facts())
        .singleElement()
        .satisfies(fact -> assertThat(fact.getCostPico()).isEqualTo(1_000_000_000_000_000L));
  }

  @Test
  void anEventOfAnOlderSchemaIsWrittenAsTheCurrentOne() {
    UsageEvent event = call("1", "mini", 1_000_000, 0);
    byte[] value = codecs.usage().encode(event);
    int alias = registry.alias(UsageEvent.getClassSchema());
    value[4] = (byte) alias;

    usage.pipeInput(EventKey.of(event.getSource(), event.getId()).toBytes(), value, NOW);

    assertThat(facts())
        .singleElement()
        .satisfies(fact -> assertThat(fact.getUsage()).isEqualTo(event));
  }

  private void send(UsageEvent event) {
    sendAt(event, NOW);
  }

  private void sendAt(UsageEvent event, Instant arrival) {
    usage.pipeInput(
        EventKey.of(event.getSource(), event.getId()).toBytes(),
        codecs.usage().encode(event),
        arrival);
  }

  private static UsageEvent call(String id, String model, long input, long output) {
    TokenCounts tokens = new TokenCounts(input, 0L, 0L, 0L, output, 0L, 0L, 0L, 0L, 0L);
    return TestEvents.event(id, TestEvents.llm("openai", model, tokens));
  }

  private List<CostRecord> facts() {
    List<CostRecord> facts = new ArrayList<>();
    output(Topics.COSTS.name(PREFIX))
        .readValuesToList()
        .forEach(v -> facts.add(codecs.costs().decode(v)));
    return facts;
  }

  private List<DeadLetter> deadLetters() {
    List<DeadLetter> letters = new ArrayList<>();
    output(Topics.DEAD_LETTERS.name(PREFIX))
        .readValuesToList()
        .forEach(v -> letters.add(codecs.deadLetters().decode(v)));
    return letters;
  }

  private List<LedgerEntry> ledger() {
    List<LedgerEntry> entries = new ArrayList<>();
    output(Topics.LEDGER.name(PREFIX))
        .readKeyValuesToList()
        .forEach(
            record -> {
              assertThat(record.key).asString(StandardCharsets.US_ASCII).isEqualTo("0");
              entries.add(codecs.ledger().decode(record.value));
            });
    return entries;
  }

  private Map<RollupKey, CostRollup> rollups() {
    Map<RollupKey, CostRollup> latest = new HashMap<>();
    for (KeyValue<byte[], byte[]> record :
        output(Topics.ROLLUPS.name(PREFIX)).readKeyValuesToList()) {
      latest.put(RollupKey.ofBytes(record.key), codecs.rollups().decode(record.value));
    }
    return latest;
  }

  private CostRollup rollup(RollupWindow window, String start) {
    return rollups().get(key(window, start));
  }

  private static RollupKey key(RollupWindow window, String start) {
    return new RollupKey(window, micros(start), "search", "mini", "rerank");
  }

  private TestOutputTopic<byte[], byte[]> output(String topic) {
    return driver.createOutputTopic(
        topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static long micros(String instant) {
    return Instant.parse(instant).getEpochSecond() * 1_000_000;
  }

  private static Properties properties() {
    Properties properties = new Properties();
    // Its state lies under the name: two builds at once must not meet.
    properties.put(
        StreamsConfig.APPLICATION_ID_CONFIG, "topology-test-" + ProcessHandle.current().pid());
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
    properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    return properties;
  }

  /** Numbers schemas in the order in which they come. */
  private static final class Registry implements SchemaRegistry {
    private final List<Schema> schemas = new ArrayList<>();
    private boolean away;

    @Override
    public int register(String subject, Schema schema) {
      schemas.add(schema);
      return schemas.size();
    }

    int alias(Schema schema) {
      return register("", new Schema.Parser().parse(schema.toString()));
    }

    @Override
    public Schema byId(int id) {
      if (away) {
        throw new RegistryException("the registry does not answer");
      }
      if (id < 1 || id > schemas.size()) {
        throw new UnreadableRecordException("the registry knows no schema with id " + id);
      }
      return schemas.get(id - 1);
    }
  }

  @Test
  void theSumOfManyFactsIsExactAtEveryLevel() {
    BigDecimal expected = BigDecimal.ZERO;
    for (int i = 0; i < 500; i++) {
      UsageEvent event = call("e" + i, "mini", 7 * i + 1, 3 * i + 2);
      event.setTeam("team-" + i % 3);
      event.setEventTimeMicros(event.getEventTimeMicros() - i * 3_600_000_000L);
      send(event);
      expected =
          expected
              .add(new BigDecimal("0.15").multiply(BigDecimal.valueOf(7L * i + 1)).movePointLeft(6))
              .add(new BigDecimal("0.6").multiply(BigDecimal.valueOf(3L * i + 2)).movePointLeft(6));
    }

    Map<RollupWindow, BigDecimal> sums = new HashMap<>();
    rollups().values().forEach(r -> sums.merge(r.getWindow(), r.getCost(), BigDecimal::add));
    BigDecimal total = expected;
    assertThat(sums.values())
        .hasSize(3)
        .allSatisfy(sum -> assertThat(sum).isEqualByComparingTo(total));
    assertThat(facts().stream().mapToLong(CostRecord::getCostPico).sum())
        .isEqualTo(expected.movePointRight(12).longValueExact());
  }
}
