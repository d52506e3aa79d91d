package io.outlay.streams.reprice.store;

import io.outlay.schema.CostRollup;
import io.outlay.schema.Repricing;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.CostRecordEncoder;
import io.outlay.streams.reprice.Books;
import io.outlay.streams.reprice.Fact;
import io.outlay.streams.reprice.StoreAwayException;
import io.outlay.streams.topology.UsageCodecs;
import io.outlay.topic.RollupKey;
import io.outlay.topic.Topics;
import io.outlay.usage.EventKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
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
  public void write(
      List<Fact> facts, List<CostRollup> deltas, List<CostRollup> rollups, Repricing progress) {
    try {
      producer.beginTransaction();
      for (Fact fact : facts) {
        UsageEvent usage = fact.usage();
        send(
            Topics.COSTS.name(prefix),
            EventKey.of(usage.getSource(), usage.getId()).toBytes(),
            costs.encode(fact.rating(), codecs.usage().encode(usage)));
      }
      for (CostRollup delta : deltas) {
        send(
            Topics.ROLLUP_DELTAS.name(prefix),
            key(delta).scopeBytes(),
            codecs.deltas().encode(delta));
      }
      for (CostRollup rollup : rollups) {
        byte[] key = key(rollup).toBytes();
        send(Topics.ROLLUPS.name(prefix), key, codecs.rollups().encode(rollup));
        // The topic holds only what can still change; readers keep the history.
        send(Topics.ROLLUPS.name(prefix), key, null);
      }
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

  private static RollupKey key(CostRollup rollup) {
    return new RollupKey(
        rollup.getWindow(),
        rollup.getWindowStartMicros(),
        rollup.getTeam(),
        rollup.getModel(),
        rollup.getFeature());
  }
}
