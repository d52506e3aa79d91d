package io.outlay.sink.worker;

import io.outlay.health.Status;
import io.outlay.schema.CostRecord;
import io.outlay.schema.DeadLetter;
import io.outlay.schema.DeadLetterReason;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.RegistryException;
import io.outlay.sink.batch.Batch;
import io.outlay.sink.batch.RangePlan;
import io.outlay.sink.row.CostRows;
import io.outlay.sink.row.RowEncoder;
import io.outlay.sink.row.Rows;
import io.outlay.sink.testing.Facts;
import io.outlay.sink.testing.RegistryInMemory;
import io.outlay.topic.Topics;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SessionTest {
  private static final String TOPIC = "outlay.costs";
  private static final Uuid TOPIC_ID = Uuid.fromString("AAAAAAAAAAAAAAAAAAAAKg");
  private static final TopicPartition SOURCE = new TopicPartition(TOPIC, 0);

  private final AvroCodec<CostRecord> codec =
      AvroCodec.of(Topics.COSTS, "outlay.", new RegistryInMemory());
  private final TopicCounters counters = new TopicCounters();
  private final Status registry = new Status("schema registry", Clock.systemUTC());
  private final List<Runnable> waiting = new ArrayList<>();
  private final List<Batch> stored = new ArrayList<>();
  private final List<String> commitsWhenStored = new ArrayList<>();
  private final AtomicLong progressAt = new AtomicLong();
  private MockConsumer<byte[], byte[]> consumer = consumer();
  private @Nullable OffsetAndMetadata left;
  private RowEncoder encoder = new CostRows(codec, ZoneOffset.UTC);

  @Test
  void givenRecords_whenStored_thenTheirRangeWasAnnouncedBeforeAndIsFinishedAfter() {
    Session session = session(3, Duration.ofHours(1));
    produce(0, 3);

    session.step();
    assertThat(commit()).isEqualTo(new OffsetAndMetadata(0, plan(3)));
    assertThat(stored).isEmpty();
    store();

    session.step();
    session.leave();
    assertThat(stored).extracting(Batch::from, Batch::to).containsExactly(range(0, 3));
    assertThat(commitsWhenStored).containsExactly(plan(3));
    assertThat(commit()).isEqualTo(new OffsetAndMetadata(3));
    assertThat(counters.read().sum()).isEqualTo(3);
    assertThat(counters.inserted().sum()).isEqualTo(3);
  }

  @Test
  void givenMoreRecords_whenARangeIsDone_thenOneCommitFinishesItAndAnnouncesTheNext() {
    Session session = session(2, Duration.ofHours(1));
    produce(0, 2);
    session.step();
    store();
    produce(2, 4);

    session.step();

    assertThat(commit()).isEqualTo(new OffsetAndMetadata(2, plan(4)));
  }

  @Test
  void givenACrashAfterTheInsert_whenStartedAgain_thenTheSameRangeHasTheSameTokens() {
    Session crashed = session(3, Duration.ofHours(1));
    produce(0, 3);
    crashed.step();
    store();
    OffsetAndMetadata commit = commit();

    consumer = consumer();
    left = commit;
    Session successor = session(1_000, Duration.ZERO);
    produce(0, 10);
    successor.step();
    store();
    produce(3, 10); // the mock forgets what it handed out, also after seek
    successor.step();
    store();
    successor.step();

    assertThat(stored)
        .extracting(Batch::from, Batch::to)
        .containsExactly(range(0, 3), range(0, 3), range(3, 10));
    assertThat(stored.get(1).token("202611")).isEqualTo(stored.get(0).token("202611"));
    assertThat(stored.get(1).rows().partitions().get("202611").toByteArray())
        .isEqualTo(stored.get(0).rows().partitions().get("202611").toByteArray());
    assertThat(counters.replayed().sum()).isEqualTo(3);
  }

  @Test
  void givenAPlanWhoseRecordsHaveNotAllArrived_whenPolled_thenItWaitsForThem() {
    left = new OffsetAndMetadata(0, plan(5));
    Session session = session(2, Duration.ZERO);
    produce(0, 4);
    session.step();
    assertThat(waiting).isEmpty();

    produce(4, 5);
    session.step();
    store();

    assertThat(stored).extracting(Batch::from, Batch::to).containsExactly(range(0, 5));
  }

  @Test
  void givenAPlanOfATopicThatWasDeleted_whenStarted_thenItIsNotFollowed() {
    left = new OffsetAndMetadata(0, new RangePlan(Uuid.ONE_UUID, 2).toMetadata());
    Session session = session(1_000, Duration.ZERO);
    produce(0, 5);
    session.step();
    store();

    assertThat(stored).extracting(Batch::from, Batch::to).containsExactly(range(0, 5));
  }

  @Test
  void givenARecordThatIsNone_whenStored_thenItIsADeadLetterAmongRows() {
    Session session = session(3, Duration.ofHours(1));
    produce(0, 1);
    consumer.addRecord(new ConsumerRecord<>(TOPIC, 0, 1, new byte[16], new byte[] {9, 9}));
    produce(2, 3);

    session.step();
    store();
    session.step();

    Batch batch = stored.get(0);
    assertThat(batch.rows().count()).isEqualTo(2);
    assertThat(batch.deadLetters()).hasSize(1);
    DeadLetter letter = batch.deadLetters().get(0);
    assertThat(letter.getReason()).isEqualTo(DeadLetterReason.UNREADABLE);
    assertThat(letter.getOffset()).isEqualTo(1);
    assertThat(letter.getValue().array()).containsExactly(9, 9);
    assertThat(counters.read().sum())
        .isEqualTo(counters.inserted().sum() + counters.deadLettered().sum())
        .isEqualTo(3);
  }

  @Test
  void givenARegistryThatIsAway_whenARecordNeedsIt_thenTheRecordIsReadAgain() {
    RowEncoder real = encoder;
    AtomicLong refusals = new AtomicLong(1);
    encoder =
        new RowEncoder() {
          @Override
          public String table() {
            return real.table();
          }

          @Override
          public List<String> columns() {
            return real.columns();
          }

          @Override
          public boolean encode(ConsumerRecord<byte[], byte[]> record, Rows rows) {
            if (record.offset() == 1 && refusals.getAndDecrement() > 0) {
              throw new RegistryException("away");
            }
            return real.encode(record, rows);
          }
        };
    Session session = session(3, Duration.ofHours(1));
    produce(0, 3);

    session.step();

    assertThat(registry.isWorking()).isFalse();
    assertThat(consumer.position(SOURCE)).isEqualTo(1);
    assertThat(consumer.paused()).containsExactly(SOURCE);
  }

  @Test
  void givenABatchThatIsFull_whenTheFormerOneIsNotDone_thenNothingMoreIsRead() {
    Session session = session(2, Duration.ofHours(1));
    produce(0, 2);
    session.step();
    produce(2, 4);
    session.step();
    assertThat(consumer.paused()).containsExactly(SOURCE);

    store();
    session.step();
    assertThat(consumer.paused()).isEmpty();
  }

  @Test
  void givenRecordsThatWait_whenNoneIsStored_thenThereIsNoProgress() {
    consumer.updateEndOffsets(Map.of(SOURCE, 0L));
    Session session = session(2, Duration.ofHours(1));
    session.step();
    long nothingWaited = progressAt.getAndSet(0);
    assertThat(nothingWaited).isNotZero();

    produce(0, 2);
    session.step();
    assertThat(progressAt).hasValue(0);
    store();
    session.step();
    assertThat(progressAt.get()).isGreaterThanOrEqualTo(nothingWaited);
  }

  @Test
  void givenRecordsThatRetentionRemoved_whenStarted_thenTheyAreCountedAsLost() {
    left = new OffsetAndMetadata(3, "");
    consumer.updateBeginningOffsets(Map.of(SOURCE, 10L));

    session(2, Duration.ZERO);

    assertThat(counters.lost().sum()).isEqualTo(7);
  }

  @Test
  void givenAPartitionThatIsLost_whenAnInsertIsUnderWay_thenItIsAbandonedWithoutACommit() {
    Session session = session(2, Duration.ofHours(1));
    produce(0, 2);
    session.step();

    session.onPartitionsLost(Set.of(SOURCE));

    assertThat(commit()).isEqualTo(new OffsetAndMetadata(0, plan(2)));
    assertThat(session.oldestInsertNanos(System.nanoTime())).isZero();
  }

  private Session session(int batchRows, Duration linger) {
    Session session =
        new Session(
            consumer,
            new WorkerSetup(
                Map.of(TOPIC, encoder),
                Map.of(TOPIC, counters),
                (batch, abandoned) -> {
                  stored.add(batch);
                  commitsWhenStored.add(commit().metadata());
                  return true;
                },
                waiting::add,
                new Limits(batchRows, 1 << 20, 1 << 22, linger, 2),
                new DeadLetters(Clock.systemUTC()),
                registry,
                new AtomicLong(),
                progressAt),
            Map.of(TOPIC, TOPIC_ID));
    session.subscribe();
    if (left != null) {
      consumer.commitSync(Map.of(SOURCE, left));
    }
    consumer.rebalance(List.of(SOURCE));
    if (left != null) {
      consumer.seek(SOURCE, left.offset());
    }
    return session;
  }

  private static MockConsumer<byte[], byte[]> consumer() {
    MockConsumer<byte[], byte[]> mock = new MockConsumer<>("earliest");
    mock.updateBeginningOffsets(Map.of(SOURCE, 0L));
    mock.updateEndOffsets(Map.of(SOURCE, 100L));
    return mock;
  }

  private void produce(int from, int to) {
    for (int offset = from; offset < to; offset++) {
      CostRecord fact = Facts.fact("id-" + offset, Facts.NOON, offset);
      consumer.addRecord(
          new ConsumerRecord<>(TOPIC, 0, offset, Facts.key(fact), codec.encode(fact)));
    }
  }

  private void store() {
    List<Runnable> now = List.copyOf(waiting);
    waiting.clear();
    now.forEach(Runnable::run);
  }

  private OffsetAndMetadata commit() {
    return consumer.committed(Set.of(SOURCE)).get(SOURCE);
  }

  private static String plan(long to) {
    return new RangePlan(TOPIC_ID, to).toMetadata();
  }

  private static org.assertj.core.groups.Tuple range(long from, long to) {
    return org.assertj.core.api.Assertions.tuple(from, to);
  }
}
