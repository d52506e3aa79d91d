package io.outlay.detector.app;

import io.outlay.detector.incident.IncidentBook;
import io.outlay.detector.incident.IncidentLog;
import io.outlay.detector.incident.IncidentLogException;
import io.outlay.schema.Incident;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/** Keeps incidents in their compacted topic. */
final class KafkaIncidentLog implements IncidentLog, AutoCloseable {
  /** Longest that a write takes. */
  static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final Logger LOG = Logger.getLogger(KafkaIncidentLog.class);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Producer<byte[], byte[]> producer;
  private final String topic;
  private final AvroCodec<Incident> codec;

  /**
   * @param producer idempotent, with {@code acks=all}
   */
  KafkaIncidentLog(Producer<byte[], byte[]> producer, String topic, AvroCodec<Incident> codec) {
    this.producer = producer;
    this.topic = topic;
    this.codec = codec;
  }

  @Override
  public void write(List<Incident> incidents) {
    List<Future<?>> written = new ArrayList<>();
    try {
      for (Incident incident : incidents) {
        byte[] key = incident.getIncidentId().getBytes(StandardCharsets.UTF_8);
        written.add(producer.send(new ProducerRecord<>(topic, key, codec.encode(incident))));
      }
      for (Future<?> future : written) {
        future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IncidentLogException("interrupted while writing incidents", e);
    } catch (ExecutionException e) {
      throw new IncidentLogException("cannot write incidents: " + e.getCause(), e.getCause());
    } catch (TimeoutException | KafkaException e) {
      throw new IncidentLogException("cannot write incidents: " + e, e);
    }
  }

  /** Reads all that was written into a book. */
  void load(Consumer<byte[], byte[]> consumer, IncidentBook book) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (!ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
      consumer.poll(POLL).forEach(record -> restore(record, book));
    }
  }

  private void restore(ConsumerRecord<byte[], byte[]> record, IncidentBook book) {
    try {
      if (record.key() == null) {
        throw new UnreadableRecordException("an incident has a key");
      }
      String id = new String(record.key(), StandardCharsets.UTF_8);
      book.restore(id, record.value() == null ? null : codec.decode(record.value()));
    } catch (UnreadableRecordException e) {
      LOG.errorf("no incident in %s at offset %d: %s", topic, record.offset(), e.getMessage());
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(2));
  }
}
