package io.outlay.streams.reprice.store;

import io.outlay.schema.Repricing;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.UnreadableRecordException;
import io.outlay.streams.reprice.RepricingLog;
import io.outlay.streams.reprice.StoreAwayException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic of repricings, read on demand: each question reads what has come since the last one.
 * Bounded by the number of repricings, a kilobyte or so each. Safe from any thread.
 */
public final class KafkaRepricingLog implements RepricingLog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaRepricingLog.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);
  private static final long WRITTEN_WITHIN_SECONDS = 30;

  private final Consumer<byte[], byte[]> consumer;
  private final Producer<byte[], byte[]> producer;
  private final AvroCodec<Repricing> codec;
  private final TopicPartition partition;
  private final Map<String, Repricing> repricings = new ConcurrentHashMap<>();

  /**
   * @param consumer not in a group, of committed records only; closed with this
   * @param producer without transactions; closed with this
   */
  public KafkaRepricingLog(
      Consumer<byte[], byte[]> consumer,
      Producer<byte[], byte[]> producer,
      AvroCodec<Repricing> codec,
      String topic) {
    this.consumer = consumer;
    this.producer = producer;
    this.codec = codec;
    this.partition = new TopicPartition(topic, 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
  }

  @Override
  public List<Repricing> all() {
    catchUp();
    return repricings.values().stream()
        .sorted(
            Comparator.comparingLong(Repricing::getRequestedAtMicros)
                .thenComparing(Repricing::getId)
                .reversed())
        .toList();
  }

  @Override
  public @Nullable Repricing find(String id) {
    catchUp();
    return repricings.get(id);
  }

  @Override
  public synchronized void catchUp() {
    try {
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        consumer.poll(POLL).forEach(this::take);
      }
    } catch (KafkaException e) {
      throw new StoreAwayException("Kafka: " + e.getMessage(), e);
    }
  }

  @Override
  public void request(Repricing repricing) {
    byte[] key = repricing.getId().getBytes(StandardCharsets.UTF_8);
    try {
      producer
          .send(new ProducerRecord<>(partition.topic(), 0, key, codec.encode(repricing)))
          .get(WRITTEN_WITHIN_SECONDS, TimeUnit.SECONDS);
      // Readers of committed records see it once no older transaction is open any more.
      repricings.putIfAbsent(repricing.getId(), repricing);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw new StoreAwayException("Kafka: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreAwayException("interrupted while writing to Kafka", e);
    }
  }

  @Override
  public synchronized void close() {
    consumer.close();
    producer.close(CLOSE_WITHIN);
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    String id = new String(record.key(), StandardCharsets.UTF_8);
    if (record.value() == null) {
      repricings.remove(id);
      return;
    }
    try {
      repricings.put(id, codec.decode(record.value()));
    } catch (UnreadableRecordException e) {
      LOG.error(
          "repricing {} at offset {} is unreadable and ignored: {}",
          id,
          record.offset(),
          e.getMessage());
    }
  }
}
