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
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/** Keeps incidents in their compacted topic, each write a transaction. */
final class KafkaIncidentLog implements IncidentLog, AutoCloseable {
  /** Longest that a write takes. */
  static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final Logger LOG = Logger.getLogger(KafkaIncidentLog.class);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Producer<byte[], byte[]> producer;
  private final String topic;
  private final AvroCodec<Incident> codec;
  private volatile boolean over;

  /**
   * @param producer transactional; the one of all detectors that began last fences the others
   */
  KafkaIncidentLog(Producer<byte[], byte[]> producer, String topic, AvroCodec<Incident> codec) {
    this.producer = producer;
    this.topic = topic;
    this.codec = codec;
  }

  /**
   * From now on nobody but this writes; what another had under way is undone.
   *
   * @throws KafkaException if the brokers do not answer; may be tried again
   */
  void begin() {
    producer.initTransactions();
  }

  /**
   * Whether it cannot write any more: another detector has begun to, or it is not known what the
   * last write came to. All is to be read anew then.
   */
  boolean isOver() {
    return over;
  }

  @Override
  public synchronized void write(List<Incident> incidents) {
    if (over) {
      throw new IncidentLogException("incidents are written by another detector", null);
    }
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (Incident incident : incidents) {
      byte[] key = incident.getIncidentId().getBytes(StandardCharsets.UTF_8);
      records.add(new ProducerRecord<>(topic, key, codec.encode(incident)));
    }
    try {
      producer.beginTransaction();
      for (ProducerRecord<byte[], byte[]> record : records) {
        // Committing reports what sending could not do.
        var unused = producer.send(record);
      }
      producer.commitTransaction();
    } catch (KafkaException | IllegalStateException e) {
      abort();
      throw new IncidentLogException("cannot write incidents: " + e, e);
    }
  }

  private void abort() {
    try {
      producer.abortTransaction();
    } catch (KafkaException | IllegalStateException e) {
      over = true;
      LOG.warnf("incidents cannot be written any more: %s", e);
    }
  }

  /** Begins to read all that is written. */
  void follow(Consumer<byte[], byte[]> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Reads what has been written up to now into a book. */
  void catchUp(Consumer<byte[], byte[]> consumer, IncidentBook book) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    while (!ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
      read(consumer, book, POLL);
    }
  }

  /** Reads what is there into a book. */
  void read(Consumer<byte[], byte[]> consumer, IncidentBook book, Duration wait) {
    consumer.poll(wait).forEach(record -> restore(record, book));
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
