package io.outlay.streams.reprice;

import io.outlay.schema.Repricing;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.RegistryException;
import io.outlay.serde.SchemaRegistry;
import io.outlay.streams.reprice.store.KafkaRepricingLog;
import io.outlay.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class KafkaRepricingLogTest {
  private static final String TOPIC = Topics.REPRICINGS.name("t.");
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

  private final Registry registry = new Registry();
  private final AvroCodec<Repricing> codec = AvroCodec.of(Topics.REPRICINGS, "t.", registry);
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final KafkaRepricingLog log =
      new KafkaRepricingLog(
          consumer,
          new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()),
          codec,
          TOPIC);

  @Test
  void givenTheRegistryIsAwayWhenRecordsNeedItThenTheyAreReadOnceItIsBack() {
    registry.away = true;
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, 2L));
    add(0, "first");
    add(1, "second");

    assertThatThrownBy(log::all)
        .isInstanceOf(StoreAwayException.class)
        .hasMessage("the registry does not answer");

    registry.away = false;
    add(0, "first"); // the mock forgets what it handed out
    add(1, "second");
    assertThat(log.all())
        .extracting(Repricing::getId)
        .containsExactlyInAnyOrderElementsOf(List.of("first", "second"));
    log.close();
  }

  private void add(long offset, String id) {
    Repricing job = RepricingRunTest.job();
    job.setId(id);
    byte[] value = codec.encode(job);
    value[4] = 2; // a schema that the registry is asked for
    consumer.addRecord(
        new ConsumerRecord<>(TOPIC, 0, offset, id.getBytes(StandardCharsets.UTF_8), value));
  }

  private static final class Registry implements SchemaRegistry {
    private boolean away;

    @Override
    public int register(String subject, Schema schema) {
      return 1;
    }

    @Override
    public Schema byId(int id) {
      if (away) {
        throw new RegistryException("the registry does not answer");
      }
      return Repricing.getClassSchema();
    }
  }
}
