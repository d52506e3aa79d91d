package io.outlay.streams.reprice.store;

import io.outlay.schema.Repricing;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.CostRecordEncoder;
import io.outlay.streams.reprice.Books;
import io.outlay.streams.reprice.Fact;
import io.outlay.streams.reprice.RollupChanges;
import io.outlay.streams.reprice.StoreAwayException;
import io.outlay.streams.rollup.RollupType;
import io.outlay.streams.topology.UsageCodecs;
import io.outlay.topic.Topic;
import io.outlay.topic.Topics;
import io.outlay.usage.EventKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Writes to the topics, in transactions. */
public final class KafkaBooks implements Books {
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final Producer<byte[], byte[]> producer;
  private final String prefix;
  private final UsageCodecs codecs;
  private final AvroCodec<Repricing> repricings;
  private final CostRecordEncoder costs;

  /**
   * Takes the books over.
   *
   * @param producer transactional, with the id that all writers of these books share; closed with
   *     this
   * @throws StoreAwayException if Kafka does not answer
   */
  public KafkaBooks(
      Producer<byte[], byte[]> producer,
      String prefix,
      UsageCodecs codecs,
      AvroCodec<Repricing> repricings) {
    this.producer = producer;
    this.prefix = prefix;
    this.codecs = codecs;
    this.repricings = repricings;
    this.costs = new CostRecordEncoder(codecs.costs());
    try {
      producer.initTransactions();
    } catch (KafkaException e) {
      producer.close(Duration.ZERO);
      throw new StoreAwayException("Kafka: " + e.getMessage(), e);
    }
  }

  @Override
  public void write(List<Fact> facts, RollupChanges changes, Repricing progress) {
    try {
      producer.beginTransaction();
      for (Fact fact : facts) {
        UsageEvent usage = fact.usage();
        send(
            Topics.COSTS.name(prefix),
            EventKey.of(usage.getSource(), usage.getId()).toBytes(),
            costs.encode(fact.rating(), codecs.usage().encode(usage)));
      }
      deltas(Topics.ROLLUP_DELTAS, RollupType.COSTS, codecs.deltas(), changes.deltas());
      deltas(
          Topics.SCOPE_ROLLUP_DELTAS,
          RollupType.SCOPES,
          codecs.scopeDeltas(),
          changes.scopeDeltas());
      rollups(Topics.ROLLUPS, RollupType.COSTS, codecs.rollups(), changes.rollups());
      rollups(
          Topics.SCOPE_ROLLUPS, RollupType.SCOPES, codecs.scopeRollups(), changes.scopeRollups());
      send(
          Topics.REPRICINGS.name(prefix),
          progress.getId().getBytes(StandardCharsets.UTF_8),
          repricings.encode(progress));
      producer.commitTransaction();
    } catch (KafkaException e) {
      throw new StoreAwayException("Kafka: " + e.getMessage(), e);
    }
  }

  /** What was begun and not committed is taken back by whoever opens the books next. */
  @Override
  public void close() {
    producer.close(CLOSE_WITHIN);
  }

  private void send(String topic, byte[] key, byte @Nullable [] value) {
    // The commit fails if any of them does.
    var unused = producer.send(new ProducerRecord<>(topic, key, value));
  }

  private <R extends SpecificRecordBase> void deltas(
      Topic<R> topic, RollupType<R> type, AvroCodec<R> codec, List<R> deltas) {
    for (R delta : deltas) {
      send(topic.name(prefix), type.key(delta).scopeBytes(), codec.encode(delta));
    }
  }

  private <R extends SpecificRecordBase> void rollups(
      Topic<R> topic, RollupType<R> type, AvroCodec<R> codec, List<R> rollups) {
    for (R rollup : rollups) {
      byte[] key = type.key(rollup).toBytes();
      send(topic.name(prefix), key, codec.encode(rollup));
      // The topic holds only what can still change; readers keep the history.
      send(topic.name(prefix), key, null);
    }
  }
}
