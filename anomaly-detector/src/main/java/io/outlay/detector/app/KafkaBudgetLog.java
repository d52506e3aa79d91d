package io.outlay.detector.app;

import io.outlay.detector.budget.BudgetBook;
import io.outlay.detector.budget.BudgetLog;
import io.outlay.detector.budget.BudgetLogException;
import io.outlay.schema.BudgetState;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/** Keeps the states of budgets in their compacted topic. */
final class KafkaBudgetLog implements BudgetLog, AutoCloseable {
  /** Longest that a write takes. */
  static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final Logger LOG = Logger.getLogger(KafkaBudgetLog.class);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Producer<byte[], byte[]> producer;
  private final String topic;
  private final AvroCodec<BudgetState> codec;

  /**
   * @param producer idempotent, with {@code acks=all}
   */
  KafkaBudgetLog(Producer<byte[], byte[]> producer, String topic, AvroCodec<BudgetState> codec) {
    this.producer = producer;
    this.topic = topic;
    this.codec = codec;
  }

  @Override
  public void write(Map<String, Optional<BudgetState>> states) {
    List<Future<?>> written = new ArrayList<>();
    try {
      states.forEach(
          (name, state) -> {
            byte[] key = name.getBytes(StandardCharsets.UTF_8);
            byte[] value = state.map(codec::encode).orElse(null);
            written.add(producer.send(new ProducerRecord<>(topic, key, value)));
          });
      for (Future<?> future : written) {
        future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BudgetLogException("interrupted while writing budgets", e);
    } catch (ExecutionException e) {
      throw new BudgetLogException("cannot write budgets: " + e.getCause(), e.getCause());
    } catch (TimeoutException | KafkaException e) {
      throw new BudgetLogException("cannot write budgets: " + e, e);
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
  void catchUp(Consumer<byte[], byte[]> consumer, BudgetBook book) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    while (!ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
      consumer.poll(POLL).forEach(record -> restore(record, book));
    }
    book.restored();
  }

  /** Reads what is there into a book. */
  void read(Consumer<byte[], byte[]> consumer, BudgetBook book) {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ZERO);
    if (!records.isEmpty()) {
      records.forEach(record -> restore(record, book));
      book.restored();
    }
  }

  private void restore(ConsumerRecord<byte[], byte[]> record, BudgetBook book) {
    try {
      if (record.key() == null) {
        throw new UnreadableRecordException("a budget has a key");
      }
      String name = new String(record.key(), StandardCharsets.UTF_8);
      book.restore(name, record.value() == null ? null : codec.decode(record.value()));
    } catch (UnreadableRecordException e) {
      LOG.errorf("no budget in %s at offset %d: %s", topic, record.offset(), e.getMessage());
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(2));
  }
}
