package io.outlay.sink.insert;

import com.clickhouse.client.api.ConnectionInitiationException;
import com.clickhouse.client.api.ServerException;
import io.outlay.health.Status;
import io.outlay.schema.CostRecord;
import io.outlay.serde.AvroCodec;
import io.outlay.sink.batch.Batch;
import io.outlay.sink.row.CostRows;
import io.outlay.sink.row.RowWriter;
import io.outlay.sink.testing.Facts;
import io.outlay.sink.testing.RegistryInMemory;
import io.outlay.topic.Topics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class InserterTest {
  private static final TopicPartition SOURCE = new TopicPartition("outlay.costs", 0);
  private static final Backoff SHORT = new Backoff(Duration.ofMillis(1), Duration.ofMillis(2));

  private final AvroCodec<CostRecord> codec =
      AvroCodec.of(Topics.COSTS, "outlay.", new RegistryInMemory());
  private final Status reachable = new Status("ClickHouse", Clock.systemUTC());
  private final Status accepted = new Status("inserting costs", Clock.systemUTC());
  private final LongAdder retries = new LongAdder();
  private final List<String> sent = new ArrayList<>();
  private final Deque<Exception> failures = new ArrayDeque<>();
  private final CountDownLatch abandoned = new CountDownLatch(1);
  private final Inserter inserter =
      new Inserter(this::insert, reachable, accepted, SHORT, SHORT, retries, nanos -> {});

  @Test
  void givenABatchOfTwoMonths_whenInserted_thenEachMonthIsOneInsertInOrder() throws Exception {
    assertThat(inserter.insert(batch(), abandoned)).isTrue();

    assertThat(sent).hasSize(2);
    assertThat(sent.get(0)).startsWith("usage_costs_store").contains("0-2:202610");
    assertThat(sent.get(1)).contains("0-2:202611");
  }

  @Test
  void givenAnswersThatAreLost_whenRepeated_thenBytesAndTokenAreTheSame() throws Exception {
    failures.add(new ConnectionInitiationException("away"));
    failures.add(new ServerException(252, "too many parts", 500, "q"));

    assertThat(inserter.insert(batch(), abandoned)).isTrue();

    assertThat(sent).hasSize(4);
    assertThat(sent.get(1)).isEqualTo(sent.get(0));
    assertThat(sent.get(2)).isEqualTo(sent.get(0));
    assertThat(retries.sum()).isEqualTo(2);
    assertThat(reachable.isWorking()).isTrue();
    assertThat(accepted.isWorking()).isTrue();
  }

  @Test
  void givenATableThatIsRefused_whenAbandoned_thenItGivesUpAndSaysWhatFails() throws Exception {
    for (int i = 0; i < 3; i++) {
      failures.add(new ServerException(60, "no such table", 404, "q"));
    }
    failures.add(new AbandonNow());

    assertThat(inserter.insert(batch(), abandoned)).isFalse();

    assertThat(accepted.reason()).contains("no such table");
    assertThat(sent).hasSize(4);
  }

  private void insert(String table, List<String> columns, RowWriter rows, String token)
      throws Exception {
    sent.add(table + " " + token + " " + HexFormat.of().formatHex(rows.toByteArray()));
    Exception failure = failures.poll();
    if (failure instanceof AbandonNow) {
      abandoned.countDown();
      throw new ServerException(60, "no such table", 404, "q");
    }
    if (failure != null) {
      throw failure;
    }
  }

  private Batch batch() {
    Batch batch = new Batch(Uuid.ONE_UUID, SOURCE, 0, new CostRows(codec, ZoneOffset.UTC));
    List<Instant> times =
        List.of(Instant.parse("2026-11-05T00:00:00Z"), Instant.parse("2026-10-05T00:00:00Z"));
    for (int i = 0; i < times.size(); i++) {
      CostRecord fact = Facts.fact("id-" + i, times.get(i), i);
      batch.add(new ConsumerRecord<>(SOURCE.topic(), 0, i, Facts.key(fact), codec.encode(fact)));
    }
    return batch;
  }

  private static final class AbandonNow extends Exception {
    private static final long serialVersionUID = 1L;
  }
}
