package io.outlay.detector.app;

import io.outlay.detector.budget.Budget;
import io.outlay.detector.budget.BudgetAlerts;
import io.outlay.detector.budget.BudgetBook;
import io.outlay.detector.budget.BudgetLogException;
import io.outlay.detector.budget.BudgetTracker;
import io.outlay.detector.budget.Period;
import io.outlay.schema.BudgetLevel;
import io.outlay.schema.BudgetState;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.SchemaRegistry;
import io.outlay.topic.Topics;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class KafkaBudgetLogTest {
  private static final String TOPIC = "outlay.budget-states";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

  private final AvroCodec<BudgetState> codec =
      AvroCodec.of(Topics.BUDGET_STATES, "outlay.", new Registry());
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

  private static final class Registry implements SchemaRegistry {
    private Schema schema;

    @Override
    public int register(String subject, Schema registered) {
      schema = registered;
      return 1;
    }

    @Override
    public Schema byId(int id) {
      return schema;
    }
  }

  private KafkaBudgetLog log() {
    return new KafkaBudgetLog(producer, TOPIC, codec);
  }

  private static BudgetState state(String name) {
    return BudgetState.newBuilder()
        .setName(name)
        .setScope(Map.of())
        .setPeriod("month")
        .setPeriodStartMicros(0)
        .setPeriodEndMicros(1)
        .setLimitUsd(BigDecimal.TEN.setScale(12))
        .setActualUsd(BigDecimal.ONE.setScale(12))
        .setLevel(BudgetLevel.WARN)
        .setUpdatedAtMicros(0)
        .build();
  }

  private static BudgetBook book(String... names) {
    List<Budget> budgets =
        Stream.of(names)
            .map(
                name ->
                    new Budget(
                        name,
                        new TreeMap<>(),
                        Period.MONTH,
                        ZoneOffset.UTC,
                        BigDecimal.TEN,
                        List.of(BigDecimal.ONE),
                        false,
                        false,
                        List.of()))
            .toList();
    return new BudgetBook(
        new BudgetTracker(budgets, ZoneOffset.UTC, Duration.ofDays(35)),
        states -> {},
        BudgetAlerts.NONE,
        Clock.systemUTC());
  }

  private void add(long offset, String name, byte[] value) {
    byte[] key = name == null ? null : name.getBytes(StandardCharsets.UTF_8);
    consumer.addRecord(new ConsumerRecord<>(TOPIC, 0, offset, key, value));
  }

  @Test
  void givenStatesWhenWrittenThenTheKeyIsTheNameAndADeletionIsATombstone() {
    Map<String, Optional<BudgetState>> states = new LinkedHashMap<>();
    states.put("a", Optional.of(state("a")));
    states.put("b", Optional.empty());
    log().write(states);

    assertThat(producer.history())
        .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
        .containsExactly("a", "b");
    assertThat(codec.decode(producer.history().get(0).value())).isEqualTo(state("a"));
    assertThat(producer.history().get(1).value()).isNull();
  }

  @Test
  void givenTheBrokerRefusesWhenWrittenThenItIsSaid() {
    producer = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    producer.sendException = new TimeoutException("no metadata");

    assertThatThrownBy(() -> log().write(Map.of("a", Optional.of(state("a")))))
        .isInstanceOf(BudgetLogException.class)
        .hasMessageContaining("no metadata");
  }

  @Test
  void givenAllKindsOfRecordsWhenLoadedThenTheLastOfEachIsShown() {
    Node node = new Node(0, "localhost", 1);
    consumer.updatePartitions(
        TOPIC, List.of(new PartitionInfo(TOPIC, 0, node, new Node[] {node}, new Node[] {node})));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, 5L));
    consumer.schedulePollTask(
        () -> {
          add(0, "a", codec.encode(state("a")));
          add(1, "b", codec.encode(state("b")));
          add(2, "b", null);
          add(3, null, codec.encode(state("a")));
          add(4, "a", new byte[] {1, 2, 3});
        });
    BudgetBook book = book("a", "b");
    KafkaBudgetLog log = log();
    log.follow(consumer);
    log.catchUp(consumer, book);

    assertThat(book.find("a")).isPresent();
    assertThat(book.find("b")).isEmpty();

    // What the detector that leads writes from now on is shown by those that stand by.
    log.read(consumer, book);
    assertThat(book.find("b")).isEmpty();
    consumer.schedulePollTask(() -> add(5, "b", codec.encode(state("b"))));
    log.read(consumer, book);
    assertThat(book.find("b")).isPresent();
    consumer.schedulePollTask(() -> add(6, "a", null));
    log.read(consumer, book);
    assertThat(book.find("a")).isEmpty();
  }
}
