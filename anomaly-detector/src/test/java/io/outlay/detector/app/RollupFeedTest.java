package io.outlay.detector.app;

import io.outlay.detector.budget.Budget;
import io.outlay.detector.budget.BudgetAlerts;
import io.outlay.detector.budget.BudgetBook;
import io.outlay.detector.budget.BudgetTracker;
import io.outlay.detector.budget.Period;
import io.outlay.detector.incident.Micros;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.Needs;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Signal;
import io.outlay.detector.spend.SpendStore;
import io.outlay.detector.spend.Stretch;
import io.outlay.schema.CostRollup;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.ScopeRollup;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.RegistryException;
import io.outlay.serde.SchemaRegistry;
import io.outlay.topic.RollupKey;
import io.outlay.topic.ScopeKey;
import io.outlay.topic.Topics;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RollupFeedTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
  private static final String TOPIC = "outlay.rollups";
  private static final String SCOPE_TOPIC = "outlay.scope-rollups";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
  private static final TopicPartition SCOPES = new TopicPartition(SCOPE_TOPIC, 0);

  private static final Budget BUDGET =
      new Budget(
          "search-month",
          new TreeMap<>(Map.of("team", "search")),
          Period.MONTH,
          ZoneOffset.UTC,
          BigDecimal.TEN,
          List.of(BigDecimal.ONE),
          false,
          false,
          List.of());

  private final Registry registry = new Registry();
  private final AvroCodec<CostRollup> codec = AvroCodec.of(Topics.ROLLUPS, "outlay.", registry);
  private final AvroCodec<ScopeRollup> scopeCodec =
      AvroCodec.of(Topics.SCOPE_ROLLUPS, "outlay.", new Registry());
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final SpendStore store =
      new SpendStore(
          ZoneOffset.UTC, 9, Dimension.OF_CELLS.stream().map(Cut::of).collect(Collectors.toSet()));
  private final BudgetTracker budgets =
      new BudgetTracker(List.of(BUDGET), ZoneOffset.UTC, Duration.ofDays(35));
  private final RollupFeed feed =
      new RollupFeed(
          consumer,
          TOPIC,
          codec,
          SCOPE_TOPIC,
          scopeCodec,
          store,
          budgets,
          Clock.fixed(NOW, ZoneOffset.UTC));
  private long offset;
  private long scopeOffset;

  private static final class Registry implements SchemaRegistry {
    private boolean away;
    private Schema schema;

    @Override
    public int register(String subject, Schema registered) {
      schema = registered;
      return 1;
    }

    @Override
    public Schema byId(int id) {
      if (away) {
        throw new RegistryException("away");
      }
      return schema;
    }
  }

  @BeforeEach
  void assign() {
    Node node = new Node(0, "localhost", 1);
    consumer.updatePartitions(
        TOPIC, List.of(new PartitionInfo(TOPIC, 0, node, new Node[] {node}, new Node[] {node})));
    consumer.updatePartitions(
        SCOPE_TOPIC,
        List.of(new PartitionInfo(SCOPE_TOPIC, 0, node, new Node[] {node}, new Node[] {node})));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L, SCOPES, 0L));
    feed.discover();
  }

  private static RollupKey key(RollupWindow window) {
    return new RollupKey(window, Micros.of(NOW), "search", "gpt", "rerank");
  }

  private byte[] value(String usd) {
    return codec.encode(
        CostRollup.newBuilder()
            .setWindow(RollupWindow.HOUR)
            .setWindowStartMicros(Micros.of(NOW))
            .setTeam("search")
            .setModel("gpt")
            .setFeature("rerank")
            .setEvents(1)
            .setUnpricedEvents(0)
            .setCost(new BigDecimal(usd).setScale(12))
            .setListCost(BigDecimal.ZERO.setScale(12))
            .setAvoidedCost(BigDecimal.ZERO.setScale(12))
            .setRequests(3)
            .setInputTokens(1)
            .setOutputTokens(1)
            .setRevision(1)
            .setLastEventMicros(Micros.of(NOW))
            .build());
  }

  private void add(byte[] key, byte[] value) {
    consumer.addRecord(new ConsumerRecord<>(TOPIC, 0, offset++, key, value));
  }

  private BigDecimal spent() {
    return store
        .find(Scope.of(Dimension.TEAM, "search"))
        .map(scope -> new BigDecimal(scope.cost(LocalDate.parse("2026-11-21")), 12))
        .orElse(null);
  }

  /** What the budget has spent. */
  private BigDecimal used() {
    List<BigDecimal> written = new ArrayList<>();
    new BudgetBook(
            budgets,
            states ->
                states.values().forEach(state -> written.add(state.orElseThrow().getActualUsd())),
            BudgetAlerts.NONE,
            Clock.fixed(NOW, ZoneOffset.UTC))
        .evaluate();
    return written.get(0);
  }

  @Test
  void givenDaysWhenReadThenTheyAreTheBudgetsAndOnceForgottenStayCounted() {
    add(key(RollupWindow.HOUR).toBytes(), value("1"));
    add(key(RollupWindow.DAY).toBytes(), value("7"));
    add(key(RollupWindow.DAY).toBytes(), value("6.5"));
    add(
        new RollupKey(RollupWindow.DAY, Micros.of(NOW), "docs", "gpt", "rerank").toBytes(),
        value("100"));
    feed.poll(Duration.ZERO);
    assertThat(used()).isEqualByComparingTo("6.5");

    add(key(RollupWindow.DAY).toBytes(), null);
    feed.poll(Duration.ZERO);
    assertThat(used()).isEqualByComparingTo("6.5");
    assertThat(feed.hours()).isEqualTo(1);
    assertThat(feed.superseded()).isEqualTo(1);
    assertThat(feed.others()).isEqualTo(3);
  }

  @Test
  void givenADayThatIsNoRollupWhenReadThenItIsCountedOnceAndTheNextIsTaken() {
    add(key(RollupWindow.DAY).toBytes(), new byte[] {1, 2, 3, 4, 5, 6});
    feed.poll(Duration.ZERO);
    add(key(RollupWindow.DAY).toBytes(), value("2"));
    feed.poll(Duration.ZERO);

    assertThat(used()).isEqualByComparingTo("2");
    assertThat(feed.unreadable()).isEqualTo(1);
    assertThat(feed.others()).isEqualTo(1);
  }

  @Test
  void givenAllKindsOfRecordsWhenReadThenEachIsCountedOnceAndOnlyHoursCount() {
    add(key(RollupWindow.HOUR).toBytes(), value("1"));
    add(key(RollupWindow.MINUTE).toBytes(), value("5"));
    add(key(RollupWindow.DAY).toBytes(), value("7"));
    add(key(RollupWindow.HOUR).toBytes(), value("2.5"));
    add(null, value("9"));
    add(key(RollupWindow.HOUR).toBytes(), new byte[] {1, 2, 3, 4, 5, 6});
    add("short".getBytes(StandardCharsets.UTF_8), value("9"));
    feed.poll(Duration.ZERO);

    assertThat(spent()).isEqualByComparingTo("2.5");
    assertThat(feed.hours()).isEqualTo(1);
    assertThat(feed.superseded()).isEqualTo(1);
    assertThat(feed.others()).isEqualTo(2);
    assertThat(feed.unreadable()).isEqualTo(3);
    assertThat(feed.reached(Map.of(PARTITION, offset))).isTrue();
  }

  @Test
  void givenRulesThatNeedMinutesWhenReadThenThoseOfUseAreTakenWithAllTheirSums() {
    Signal[] all = Signal.values();
    SpendStore wanting =
        new SpendStore(
            ZoneOffset.UTC,
            9,
            Set.of(Cut.of(Dimension.TEAM)),
            new Needs(1, Set.of(all), 30, Set.of(all)),
            Duration.ofHours(1));
    RollupFeed minutes = feed(wanting);
    CostRollup rollup = codec.decode(value("1"));
    rollup.setStatusEvents(2);
    rollup.setErrors(3);
    rollup.setLatencyEvents(4);
    rollup.setLatencyMillis(5);
    rollup.setGpuMillis(6);
    rollup.setGpuMeasuredMillis(7);
    rollup.setGpuBusyMillis(8);
    rollup.setGpuIdleCost(new BigDecimal("0.000000000009"));
    rollup.setCacheLookups(10);
    rollup.setCacheHits(11);
    rollup.setScoreEvents(12);
    rollup.setScoreMillionths(13);
    add(key(RollupWindow.MINUTE).toBytes(), codec.encode(rollup));
    add(key(RollupWindow.HOUR).toBytes(), codec.encode(rollup));
    add(
        new RollupKey(
                RollupWindow.MINUTE, Micros.of(NOW.minusSeconds(7_200)), "search", "gpt", "rerank")
            .toBytes(),
        codec.encode(rollup));
    minutes.poll(Duration.ZERO);

    assertThat(minutes.minutes()).isEqualTo(1);
    assertThat(minutes.hours()).isEqualTo(1);
    assertThat(minutes.others()).isEqualTo(1);
    ScopeSpend team = wanting.find(Scope.of(Dimension.TEAM, "search")).orElseThrow();
    for (Stretch stretch :
        List.of(
            Stretch.ofMinutes(NOW, NOW.plusSeconds(60)),
            Stretch.ofHours(ZoneOffset.UTC, NOW, NOW.plusSeconds(60)))) {
      assertThat(
              Stream.of(all)
                  .filter(signal -> signal != Signal.GPU_IDLE_PICO_USD)
                  .map(signal -> team.count(signal, stretch)))
          .containsExactly(3L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 10L, 11L, 12L, 13L);
      assertThat(team.gpuIdle(stretch)).isEqualTo(9);
      assertThat(team.cost(stretch)).isEqualTo(1_000_000_000_000L);
    }
  }

  @Test
  void givenRollupsOfScopesWhenReadThenThoseOfCutsThatAreKeptAreTaken() {
    Scope acme = Scope.of(new Dimension("customer"), "acme");
    SpendStore wanting = new SpendStore(ZoneOffset.UTC, 9, Set.of(acme.cut()));
    RollupFeed scopes = feed(wanting);
    addScope(Map.of("customer", "acme"), "4");
    addScope(Map.of("customer", ""), "5");
    addScope(Map.of("region", "eu"), "6");
    scopes.poll(Duration.ZERO);

    ScopeSpend spend = wanting.find(acme).orElseThrow();
    assertThat(new BigDecimal(spend.cost(LocalDate.parse("2026-11-21")), 12))
        .isEqualByComparingTo("4");
    assertThat(wanting.scopeCount()).isEqualTo(1);
    assertThat(scopes.hours()).isEqualTo(1);
    assertThat(scopes.others()).isEqualTo(2);

    consumer.addRecord(
        new ConsumerRecord<>(SCOPE_TOPIC, 0, 3, scopeKey(Map.of("customer", "acme")), null));
    scopes.poll(Duration.ZERO);
    assertThat(spend.cost(LocalDate.parse("2026-11-21"))).isZero();
  }

  private RollupFeed feed(SpendStore wanting) {
    return new RollupFeed(
        consumer,
        TOPIC,
        codec,
        SCOPE_TOPIC,
        scopeCodec,
        wanting,
        budgets,
        Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private static byte[] scopeKey(Map<String, String> scope) {
    return ScopeKey.of(RollupWindow.HOUR, Micros.of(NOW), scope).toBytes();
  }

  private void addScope(Map<String, String> scope, String usd) {
    byte[] value =
        scopeCodec.encode(
            ScopeRollup.newBuilder()
                .setWindow(RollupWindow.HOUR)
                .setWindowStartMicros(Micros.of(NOW))
                .setScope(scope)
                .setEvents(1)
                .setUnpricedEvents(0)
                .setCost(new BigDecimal(usd).setScale(12))
                .setListCost(BigDecimal.ZERO.setScale(12))
                .setAvoidedCost(BigDecimal.ZERO.setScale(12))
                .setRequests(3)
                .setInputTokens(1)
                .setOutputTokens(1)
                .setRevision(1)
                .setLastEventMicros(Micros.of(NOW))
                .build());
    consumer.addRecord(new ConsumerRecord<>(SCOPE_TOPIC, 0, scopeOffset++, scopeKey(scope), value));
  }

  @Test
  void givenTombstoneWhenReadThenTheHourIsGone() {
    add(key(RollupWindow.HOUR).toBytes(), value("1"));
    feed.poll(Duration.ZERO);
    add(key(RollupWindow.HOUR).toBytes(), null);
    feed.poll(Duration.ZERO);

    assertThat(spent()).isEqualByComparingTo("0");
  }

  @Test
  void givenRegistryAwayWhenItComesBackThenTheSameRecordIsReadAgain() {
    byte[] other = value("1");
    other[4] = 2;
    registry.away = true;
    add(key(RollupWindow.MINUTE).toBytes(), value("1"));
    add(key(RollupWindow.HOUR).toBytes(), other);
    assertThatThrownBy(() -> feed.poll(Duration.ZERO)).isInstanceOf(RegistryException.class);
    assertThat(feed.reached(Map.of(PARTITION, offset))).isFalse();
    assertThat(spent()).isNull();

    registry.away = false;
    feed.poll(Duration.ZERO);
    assertThat(spent()).isEqualByComparingTo("1");
    assertThat(feed.hours()).isEqualTo(1);
  }
}
