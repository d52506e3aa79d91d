package io.outlay.streams.replay;

import io.outlay.price.PriceFile;
import io.outlay.schema.CostRecord;
import io.outlay.schema.DeadLetter;
import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.Replay;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.RegistryException;
import io.outlay.serde.SchemaRegistry;
import io.outlay.serde.UnreadableRecordException;
import io.outlay.streams.TestEvents;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.replay.ReplayReport.Counts;
import io.outlay.streams.replay.ReplayReport.Sample;
import io.outlay.streams.replay.ReplayReport.Skip;
import io.outlay.topic.Topic;
import io.outlay.topic.Topics;
import io.outlay.usage.EventKey;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

class DeadLetterReplayTest {
  private static final String PREFIX = "t.";
  private static final String USAGE = "t.usage";
  private static final String LETTERS = "t.dead-letters";
  private static final String REPLAYS = "t.replays";
  private static final Instant NOW = TestEvents.TIME.plusSeconds(3_600);
  private static final byte[] RUBBISH = {9, 9, 9};
  private static final String PRICES =
      """
      format: outlay-prices/1
      models:
        - {provider: openai, model: mini, rates: {input: 0.15, output: 0.6}}
        - {provider: openai, model: vast, rates: {input: 999999}}
      """;

  private final Registry registry = new Registry();
  private final FakeKafka kafka = new FakeKafka();
  private final ReplayCounters counters = new ReplayCounters();
  private final AvroCodec<UsageEvent> usage = AvroCodec.of(Topics.USAGE, PREFIX, registry);
  private final AvroCodec<CostRecord> costs = AvroCodec.of(Topics.COSTS, PREFIX, registry);
  private final AvroCodec<DeadLetter> letters = AvroCodec.of(Topics.DEAD_LETTERS, PREFIX, registry);
  private final AvroCodec<Replay> replays = AvroCodec.of(Topics.REPLAYS, PREFIX, registry);
  private final PriceBook book = new PriceBook(PriceFile.read(new StringReader(PRICES), "test"));
  private int offset;

  @BeforeEach
  void createTopics() {
    kafka.createTopic(USAGE, 1);
    kafka.createTopic("t.costs", 1);
    kafka.createTopic(LETTERS, 2);
    kafka.createTopic(REPLAYS, 1);
  }

  @Test
  void givenWrongKey_thenItIsSentWithTheKeyOfItsEventAndEverythingElseAsItCame() {
    UsageEvent event = call("1", "mini");
    add(1, letter(DeadLetterReason.WRONG_KEY, bytes("wrong"), usage.encode(event)));

    ReplayReport report = replay().run(request());

    ProducerRecord<byte[], byte[]> again = sentTo(USAGE).get(0);
    assertThat(again.key()).isEqualTo(EventKey.of("checkout", "1").toBytes());
    assertThat(again.value()).isEqualTo(usage.encode(event));
    assertThat(again.partition()).isNull();
    assertThat(headers(again))
        .isEqualTo(Map.of("trace", "abc", "outlay-replayed-from", LETTERS + "/1/0"));
    assertThat(report.total()).isEqualTo(new Counts("", 1, 1, 0, 0, 0));
    assertThat(report.reasons()).containsExactly(new Counts("wrong_key", 1, 1, 0, 0, 0));
    assertThat(counters.replayed(DeadLetterReason.WRONG_KEY).sum()).isEqualTo(1);
  }

  @Test
  void whatWasSentIsRecordedWithIt() {
    add(1, letter(DeadLetterReason.WRONG_KEY, null, usage.encode(call("1", "mini"))));

    replay().run(request());

    assertThat(kafka.sent()).extracting(ProducerRecord::topic).containsExactly(USAGE, REPLAYS);
    assertThat(new String(sentTo(REPLAYS).get(0).key(), StandardCharsets.UTF_8))
        .isEqualTo(USAGE + "/0/0");
    assertThat(replays.decode(sentTo(REPLAYS).get(0).value()))
        .isEqualTo(
            new Replay(
                USAGE,
                0,
                0L,
                DeadLetterReason.WRONG_KEY,
                1,
                0L,
                true,
                NOW.getEpochSecond() * 1_000_000,
                "ada",
                "keys mended"));
  }

  @Test
  void givenUnreadableBytes_thenTheyAreSentAsTheyAreAndSaidToFailAgain() {
    add(0, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));

    ReplayReport report = replay().run(request());

    assertThat(sentTo(USAGE).get(0).key()).isNull();
    assertThat(sentTo(USAGE).get(0).value()).isEqualTo(RUBBISH);
    assertThat(report.total()).isEqualTo(new Counts("", 1, 1, 0, 0, 1));
    assertThat(report.samples())
        .containsExactly(
            new Sample(
                LETTERS + "/0/0",
                USAGE + "/0/0",
                "unreadable",
                "because",
                null,
                "2026-11-21T02:03:04Z",
                "sent; will be set aside again: unreadable"));
  }

  @Test
  void givenSentBefore_thenNothingIsSentASecondTime() {
    add(0, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));
    add(1, letter(DeadLetterReason.WRONG_KEY, null, usage.encode(call("1", "mini"))));
    replay().run(request());

    ReplayReport again = replay().run(request());

    assertThat(kafka.sent()).hasSize(4);
    assertThat(again.total()).isEqualTo(new Counts("", 2, 0, 2, 0, 0));
    assertThat(again.samples()).isEmpty();
  }

  @Test
  void givenALetterOfAReplay_thenItIsSentAndNamesTheNewerLetterOnly() {
    DeadLetter letter = letter(DeadLetterReason.UNREADABLE, bytes("k"), RUBBISH);
    letter.setHeaders(
        Map.of(
            DeadLetterReplay.HEADER,
            ByteBuffer.wrap(bytes(LETTERS + "/1/77")),
            "empty",
            ByteBuffer.wrap(new byte[0])));
    add(0, letter);

    replay().run(request());

    ProducerRecord<byte[], byte[]> again = sentTo(USAGE).get(0);
    assertThat(again.headers()).hasSize(2);
    assertThat(headers(again))
        .isEqualTo(Map.of("empty", "", DeadLetterReplay.HEADER, LETTERS + "/0/0"));
  }

  @Test
  void givenALetterThatWasWrittenTwice_thenItIsSentOnce() {
    DeadLetter letter = letter(DeadLetterReason.UNREADABLE, null, RUBBISH);
    add(0, letter);
    add(1, letter);

    ReplayReport report = replay().run(request());

    assertThat(report.total()).isEqualTo(new Counts("", 2, 1, 1, 0, 1));
    assertThat(sentTo(USAGE)).hasSize(1);
  }

  @Test
  void givenTooLate_thenItIsSentOnlyIfAskedForByName() {
    UsageEvent late = call("1", "mini");
    late.setEventTimeMicros(late.getEventTimeMicros() - 36L * 86_400 * 1_000_000);
    add(0, letter(DeadLetterReason.TOO_LATE, key(late), usage.encode(late)));

    ReplayReport refused = replay().run(request());
    assertThat(refused.total()).isEqualTo(new Counts("", 1, 0, 0, 1, 0));
    assertThat(refused.skips())
        .containsExactly(new Skip("too late; is sent only if that reason is asked for by name", 1));
    assertThat(kafka.sent()).isEmpty();

    ReplayReport asked = replay().run(request(Set.of(DeadLetterReason.TOO_LATE), null, false));
    assertThat(asked.total()).isEqualTo(new Counts("", 1, 1, 0, 0, 1));
    assertThat(sentTo(USAGE)).hasSize(1);
  }

  @Test
  void whatWouldFailAgainIsSaidOfEveryReason() {
    UsageEvent invalid = call("1", "mini");
    invalid.setTeam("");
    UsageEvent dear = call("2", "vast");
    UsageEvent mended = call("3", "mini");
    add(0, letter(DeadLetterReason.INVALID, key(invalid), usage.encode(invalid)));
    add(0, letter(DeadLetterReason.COST_OUT_OF_RANGE, key(dear), usage.encode(dear)));
    add(0, letter(DeadLetterReason.COST_OUT_OF_RANGE, key(mended), usage.encode(mended)));

    ReplayReport report = replay().run(request());

    assertThat(report.reasons())
        .containsExactly(
            new Counts("invalid", 1, 1, 0, 0, 1), new Counts("cost_out_of_range", 2, 2, 0, 0, 1));
    assertThat(report.samples())
        .extracting(Sample::outcome)
        .containsExactly(
            "sent; will be set aside again: invalid",
            "sent; will be set aside again: cost_out_of_range",
            "sent");
  }

  @Test
  void givenFilters_thenOnlyWhatMatchesIsFound() {
    UsageEvent other = call("1", "mini");
    other.setSource("billing");
    add(0, letter(DeadLetterReason.WRONG_KEY, null, usage.encode(other)));
    add(0, letter(DeadLetterReason.WRONG_KEY, null, usage.encode(call("2", "mini"))));
    add(0, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));
    DeadLetter earlier = letter(DeadLetterReason.UNREADABLE, null, RUBBISH);
    earlier.setFailedAtMicros(earlier.getFailedAtMicros() - 1);
    add(0, earlier);
    DeadLetter ofCosts = letter(DeadLetterReason.UNREADABLE, null, RUBBISH);
    ofCosts.setTopic("t.costs");
    add(0, ofCosts);

    assertThat(found(request())).isEqualTo(4);
    assertThat(found(request(Set.of(DeadLetterReason.WRONG_KEY), null, true))).isEqualTo(2);
    assertThat(found(request(Set.of(), "billing", true))).isEqualTo(1);
    assertThat(found(request(Set.of(DeadLetterReason.UNREADABLE), "billing", true))).isZero();
    assertThat(found(between(TestEvents.TIME, null))).isEqualTo(3);
    assertThat(found(between(null, TestEvents.TIME))).isEqualTo(1);
    assertThat(found(between(TestEvents.TIME, TestEvents.TIME.plusNanos(1_000)))).isEqualTo(3);
  }

  @Test
  void givenRecordsOfCosts_thenTheyGoBackToTheirTopic() {
    UsageEvent event = call("1", "mini");
    CostRecord fact =
        CostRecord.newBuilder()
            .setPricingStatus(PricingStatus.UNPRICED)
            .setCostPico(0)
            .setListCostPico(0)
            .setRatedAtMicros(1)
            .setUsage(event)
            .build();
    DeadLetter letter = letter(DeadLetterReason.UNREADABLE, key(event), costs.encode(fact));
    letter.setTopic("t.costs");
    add(0, letter);

    ReplayReport report =
        replay()
            .run(
                new ReplayRequest(
                    Topics.COSTS, Set.of(), "checkout", null, null, false, "ada", ""));

    assertThat(report.total()).isEqualTo(new Counts("", 1, 1, 0, 0, 0));
    assertThat(sentTo("t.costs").get(0).key()).isEqualTo(key(event));
    assertThat(costs.decode(sentTo("t.costs").get(0).value())).isEqualTo(fact);
    assertThat(replay().run(request()).total().found()).isZero();
  }

  @Test
  void givenWhatCannotBeSent_thenItIsSkippedAndTheReportSaysWhy() {
    add(0, letter(DeadLetterReason.UNREADABLE, bytes("k"), null));
    add(0, letter(DeadLetterReason.WRONG_KEY, bytes("k"), RUBBISH));

    ReplayReport report = replay().run(request());

    assertThat(kafka.sent()).isEmpty();
    assertThat(report.total()).isEqualTo(new Counts("", 2, 0, 0, 2, 0));
    assertThat(report.skips())
        .containsExactly(
            new Skip("its event cannot be read, so its right key is not known", 1),
            new Skip("its value was not kept", 1));
  }

  @Test
  void givenADryRun_thenNothingIsSentAndTheCountsAreThoseOfTheRealOne() {
    add(0, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));
    add(1, letter(DeadLetterReason.WRONG_KEY, null, usage.encode(call("1", "mini"))));

    ReplayReport dry = replay().run(request(Set.of(), null, true));
    assertThat(kafka.sent()).isEmpty();
    assertThat(counters.replayed(DeadLetterReason.UNREADABLE).sum()).isZero();

    ReplayReport real = replay().run(request());
    assertThat(dry.reasons()).isEqualTo(real.reasons());
    assertThat(dry.samples()).extracting(Sample::outcome).contains("would be sent");
  }

  @Test
  void givenACommitThatFails_thenNothingOfItIsSentAndTheNextReplaySendsTheRest() {
    int many = 2_500;
    for (int i = 0; i < many; i++) {
      add(i % 2, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));
    }
    kafka.failAfterCommits(1);

    assertThatThrownBy(() -> replay().run(request()))
        .isInstanceOfSatisfying(
            ReplayException.class,
            e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.UNAVAILABLE))
        .hasMessage(
            "stopped after 1000 dead letters were sent again: the broker is away; a repetition"
                + " sends the rest");
    assertThat(sentTo(USAGE)).hasSize(1_000);
    assertThat(sentTo(REPLAYS)).hasSize(1_000);
    assertThat(counters.replayed(DeadLetterReason.UNREADABLE).sum()).isEqualTo(1_000);

    ReplayReport rest = replay().run(request());
    assertThat(rest.total()).isEqualTo(new Counts("", many, 1_500, 1_000, 0, 1_500));
    assertThat(sentTo(USAGE)).hasSize(many);
    assertThat(
            sentTo(REPLAYS).stream()
                .map(record -> new String(record.key(), StandardCharsets.UTF_8)))
        .doesNotHaveDuplicates();
  }

  @Test
  void givenAnotherReplayHasBegun_thenThisOneGivesWay() {
    add(0, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));
    kafka.fenceAtCommit();

    assertThatThrownBy(() -> replay().run(request()))
        .isInstanceOfSatisfying(
            ReplayException.class,
            e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.CONFLICT))
        .hasMessageContaining("another replay has begun");
    assertThat(kafka.sent()).isEmpty();
  }

  @Test
  void givenARecordThatTheTopicDoesNotTake_thenTheOthersAreSent() {
    for (int i = 0; i < 5; i++) {
      add(0, letter(DeadLetterReason.UNREADABLE, null, i == 3 ? new byte[5_000] : RUBBISH));
    }
    kafka.setTooLarge(5_000);

    ReplayReport report = replay().run(request());

    assertThat(report.total()).isEqualTo(new Counts("", 5, 4, 0, 1, 4));
    assertThat(report.skips())
        .containsExactly(new Skip("with its header it is larger than the topic takes", 1));
    assertThat(sentTo(USAGE)).hasSize(4);
    assertThat(sentTo(REPLAYS)).hasSize(4);
  }

  @Test
  void givenMoreThanIsRememberedAtATime_thenEachIsStillSentOnce() {
    for (int i = 0; i < 100; i++) {
      add(i % 2, letter(DeadLetterReason.UNREADABLE, null, new byte[] {(byte) i}));
    }

    assertThat(replay(7).run(request()).total()).isEqualTo(new Counts("", 100, 100, 0, 0, 100));
    assertThat(replay(7).run(request()).total()).isEqualTo(new Counts("", 100, 0, 100, 0, 0));

    assertThat(sentTo(USAGE).stream().map(record -> record.value()[0])).doesNotHaveDuplicates();
    assertThat(sentTo(USAGE)).hasSize(100);
  }

  @Test
  void givenOneIsRunning_thenASecondIsRefused() {
    AtomicReference<Throwable> refusal = new AtomicReference<>();
    AtomicReference<DeadLetterReplay> replay = new AtomicReference<>();
    replay.set(
        new DeadLetterReplay(
            setup(
                DeadLetterReplay.PLACES_AT_ONCE,
                () -> {
                  refusal.set(catchThrowable(() -> replay.get().run(request())));
                  return kafka.consumer();
                })));

    replay.get().run(request());

    assertThat(refusal.get())
        .isInstanceOfSatisfying(
            ReplayException.class,
            e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.CONFLICT))
        .hasMessageStartingWith("a replay is running");
    assertThat(replay.get().progress().running()).isFalse();
    replay.get().run(request(Set.of(), null, true));
  }

  @Test
  void givenARecordThatIsNoLetter_thenItIsCountedAndHarmsNone() {
    kafka.append(LETTERS, 0, null, RUBBISH, new RecordHeaders());
    kafka.append(LETTERS, 0, null, null, new RecordHeaders());
    DeadLetter nowhere = letter(DeadLetterReason.UNREADABLE, null, RUBBISH);
    nowhere.setOffset(-1);
    add(0, nowhere);
    add(0, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));

    ReplayReport report = replay(1).run(request());

    assertThat(report.unreadable()).isEqualTo(3);
    assertThat(report.total().sent()).isEqualTo(1);
  }

  @Test
  void givenARecordThatIsNoReplay_thenNothingIsSentSinceItCouldBeASecondTime() {
    add(0, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));
    kafka.append(REPLAYS, 0, null, RUBBISH, new RecordHeaders());

    assertThatThrownBy(() -> replay().run(request()))
        .isInstanceOf(ReplayException.class)
        .hasMessageContaining("t.replays/0/0 is no record of a replay");
    assertThat(kafka.sent()).isEmpty();
  }

  @Test
  void givenKafkaHasNothingToSay_thenItEnds() {
    add(0, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));
    kafka.setHiddenEnd(5);

    assertThatThrownBy(() -> replay().run(request()))
        .isInstanceOfSatisfying(
            ReplayException.class,
            e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.UNAVAILABLE))
        .hasMessageContaining("no record of [t.replays-0] for 0 s");
  }

  @Test
  void givenLettersThatComeMeanwhile_thenTheyAreLeftToTheNextReplay() {
    add(0, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));
    add(0, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));
    kafka.setHiddenEnd(-1);
    kafka.append(REPLAYS, 0, null, RUBBISH, new RecordHeaders());
    add(1, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));

    assertThat(replay().run(request(Set.of(), null, true)).total().found()).isEqualTo(1);
  }

  @Test
  void givenTheProgramStops_thenTheReplayEndsAndSendsNothingMore() {
    add(0, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));
    DeadLetterReplay replay = replay();
    replay.close();

    assertThatThrownBy(() -> replay.run(request()))
        .isInstanceOf(ReplayException.class)
        .hasMessageContaining("this program stops");
    assertThat(kafka.sent()).isEmpty();
  }

  @Test
  void givenTheRegistryIsAway_thenNothingIsTakenForUnreadable() {
    byte[] value = usage.encode(call("1", "mini"));
    value[4] = 99;
    add(0, letter(DeadLetterReason.WRONG_KEY, null, value));
    registry.away = true;

    assertThatThrownBy(() -> replay().run(request()))
        .isInstanceOfSatisfying(
            ReplayException.class,
            e -> assertThat(e.kind()).isEqualTo(ReplayException.Kind.UNAVAILABLE))
        .hasMessageContaining("the registry is away");
  }

  @Test
  void samplesAreFew() {
    for (int i = 0; i < 50; i++) {
      add(0, letter(DeadLetterReason.UNREADABLE, null, RUBBISH));
    }

    assertThat(replay().run(request(Set.of(), null, true)).samples())
        .hasSize(ReplayReport.MAX_SAMPLES);
  }

  @Test
  void topicsOfStateAreRefused() {
    for (Topic<?> topic : List.of(Topics.ROLLUPS, Topics.PRICES, Topics.INCIDENTS)) {
      assertThatThrownBy(() -> new ReplayRequest(topic, Set.of(), null, null, null, true, "", ""))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("topic: must be one of [usage, costs], was " + topic.suffix());
    }
  }

  private DeadLetterReplay replay() {
    return replay(DeadLetterReplay.PLACES_AT_ONCE);
  }

  private DeadLetterReplay replay(int placesAtOnce) {
    return new DeadLetterReplay(setup(placesAtOnce, kafka::consumer));
  }

  private DeadLetterReplay.Setup setup(
      int placesAtOnce, Supplier<Consumer<byte[], byte[]>> consumers) {
    return new DeadLetterReplay.Setup(
        PREFIX,
        Duration.ofDays(35),
        Duration.ZERO,
        placesAtOnce,
        usage,
        costs,
        letters,
        replays,
        consumers,
        kafka::producer,
        () -> book,
        counters,
        Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private long found(ReplayRequest request) {
    return replay()
        .run(
            new ReplayRequest(
                request.topic(),
                request.reasons(),
                request.source(),
                request.from(),
                request.to(),
                true,
                "",
                ""))
        .total()
        .found();
  }

  private static ReplayRequest request() {
    return request(Set.of(), null, false);
  }

  private static ReplayRequest request(
      Set<DeadLetterReason> reasons, @Nullable String source, boolean dryRun) {
    return new ReplayRequest(
        Topics.USAGE, reasons, source, null, null, dryRun, "ada", "keys mended");
  }

  private static ReplayRequest between(@Nullable Instant from, @Nullable Instant to) {
    return new ReplayRequest(Topics.USAGE, Set.of(), null, from, to, true, "", "");
  }

  private static UsageEvent call(String id, String model) {
    return TestEvents.event(
        id,
        TestEvents.llm("openai", model, TokenCounts.newBuilder().setInput(1_000_000_000L).build()));
  }

  private static byte[] key(UsageEvent event) {
    return EventKey.of(event.getSource(), event.getId()).toBytes();
  }

  /** Each of another original. */
  private DeadLetter letter(
      DeadLetterReason reason, byte @Nullable [] key, byte @Nullable [] value) {
    return DeadLetter.newBuilder()
        .setReason(reason)
        .setMessage("because")
        .setTopic(USAGE)
        .setPartition(0)
        .setOffset(offset++)
        .setTimestampMillis(TestEvents.TIME.toEpochMilli())
        .setKey(key == null ? null : ByteBuffer.wrap(key))
        .setValue(value == null ? null : ByteBuffer.wrap(value))
        .setHeaders(Map.of("trace", ByteBuffer.wrap(bytes("abc"))))
        .setFailedAtMicros(TestEvents.TIME.getEpochSecond() * 1_000_000)
        .build();
  }

  private void add(int partition, DeadLetter letter) {
    kafka.append(LETTERS, partition, null, letters.encode(letter), new RecordHeaders());
  }

  private List<ProducerRecord<byte[], byte[]>> sentTo(String topic) {
    return kafka.sent().stream().filter(record -> record.topic().equals(topic)).toList();
  }

  private static Map<String, String> headers(ProducerRecord<byte[], byte[]> record) {
    return StreamSupport.stream(record.headers().spliterator(), false)
        .collect(
            Collectors.toMap(
                header -> header.key(),
                header -> new String(header.value(), StandardCharsets.UTF_8)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static final class Registry implements SchemaRegistry {
    private final List<Schema> schemas = new ArrayList<>();
    private boolean away;

    @Override
    public int register(String subject, Schema schema) {
      schemas.add(schema);
      return schemas.size();
    }

    @Override
    public Schema byId(int id) {
      if (away) {
        throw new RegistryException("the registry is away");
      }
      if (id < 1 || id > schemas.size()) {
        throw new UnreadableRecordException("the registry knows no schema with id " + id);
      }
      return schemas.get(id - 1);
    }
  }
}
