package io.outlay.sink.batch;

import io.outlay.schema.CostRecord;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.UnreadableRecordException;
import io.outlay.sink.row.CostRows;
import io.outlay.sink.row.InvalidRowException;
import io.outlay.sink.testing.Facts;
import io.outlay.sink.testing.RegistryInMemory;
import io.outlay.topic.Topics;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BatchTest {
  private static final TopicPartition SOURCE = new TopicPartition("outlay.costs", 3);
  private static final Uuid TOPIC = Uuid.fromString("AAAAAAAAAAAAAAAAAAAAKg");
  private static final Instant OCTOBER = Instant.parse("2026-10-31T23:59:59.999999Z");
  private static final Instant NOVEMBER = Instant.parse("2026-11-01T00:00:00Z");

  private final AvroCodec<CostRecord> codec =
      AvroCodec.of(Topics.COSTS, "outlay.", new RegistryInMemory());
  private final CostRows encoder = new CostRows(codec, ZoneOffset.UTC);

  @Test
  void givenEventsOfTwoMonths_whenTaken_thenTheyStandApartUnderTokensOfTheirOwn() {
    Batch batch = new Batch(TOPIC, SOURCE, 100, encoder);
    batch.add(record(100, Facts.fact("a", OCTOBER, 1)));
    batch.add(record(103, Facts.fact("b", NOVEMBER, 2)));
    batch.add(record(104, Facts.fact("c", OCTOBER, 3)));

    assertThat(batch.rows().partitions().keySet()).containsExactly("202610", "202611");
    assertThat(batch.rows().partitions().get("202610").rows()).isEqualTo(2);
    assertThat(batch.rows().partitions().get("202611").rows()).isEqualTo(1);
    assertThat(batch.token("202610"))
        .isEqualTo("outlay.costs:AAAAAAAAAAAAAAAAAAAAKg:3:100-105:202610");
    assertThat(batch.token("202611")).isNotEqualTo(batch.token("202610"));
    assertThat(batch.read()).isEqualTo(3);
  }

  @Test
  void givenTheSameRange_whenBuiltAgain_thenRowsAndTokensAreTheSame() {
    List<ConsumerRecord<byte[], byte[]>> records =
        List.of(
            record(100, Facts.fact("a", OCTOBER, 1)),
            record(101, Facts.fact("b", NOVEMBER, 2)),
            record(102, Facts.fact("c", OCTOBER, 3)));
    Batch first = new Batch(TOPIC, SOURCE, 100, encoder);
    Batch second = new Batch(TOPIC, SOURCE, 100, new CostRows(codec, ZoneOffset.UTC));
    records.forEach(first::add);
    records.forEach(second::add);

    assertThat(second.token("202610")).isEqualTo(first.token("202610"));
    first
        .rows()
        .partitions()
        .forEach(
            (partition, rows) ->
                assertThat(second.rows().partitions().get(partition).toByteArray())
                    .isEqualTo(rows.toByteArray()));
  }

  @Test
  void givenARecordThatCannotBeRead_whenTaken_thenTheBatchIsAsBefore() {
    Batch batch = new Batch(TOPIC, SOURCE, 100, encoder);
    batch.add(record(100, Facts.fact("a", NOVEMBER, 1)));
    byte[] before = batch.rows().partitions().get("202611").toByteArray();

    assertThatThrownBy(() -> batch.add(record(101, new byte[] {1, 2, 3}, new byte[16])))
        .isInstanceOf(UnreadableRecordException.class);
    assertThatThrownBy(() -> batch.add(record(101, Facts.fact("b", NOVEMBER, Long.MAX_VALUE))))
        .isInstanceOf(InvalidRowException.class)
        .hasMessageContaining("9223372.036854775807");
    assertThatThrownBy(
            () -> batch.add(record(101, codec.encode(Facts.fact("b", NOVEMBER, 1)), new byte[3])))
        .isInstanceOf(InvalidRowException.class)
        .hasMessageContaining("had 3");

    assertThat(batch.read()).isEqualTo(1);
    assertThat(batch.to()).isEqualTo(101);
    assertThat(batch.rows().partitions().get("202611").toByteArray()).isEqualTo(before);
  }

  @Test
  void givenAnOffsetThatWasTaken_whenTakenAgain_thenItIsRefused() {
    Batch batch = new Batch(TOPIC, SOURCE, 100, encoder);
    batch.add(record(100, Facts.fact("a", NOVEMBER, 1)));

    assertThatThrownBy(() -> batch.add(record(100, Facts.fact("a", NOVEMBER, 1))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private ConsumerRecord<byte[], byte[]> record(long offset, CostRecord fact) {
    return record(offset, codec.encode(fact), Facts.key(fact));
  }

  private static ConsumerRecord<byte[], byte[]> record(long offset, byte[] value, byte[] key) {
    return new ConsumerRecord<>(SOURCE.topic(), SOURCE.partition(), offset, key, value);
  }
}
