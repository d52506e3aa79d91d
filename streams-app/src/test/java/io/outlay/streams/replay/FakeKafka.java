package io.outlay.streams.replay;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Topics in memory, with the clients that Kafka gives for tests; committed transactions only. */
final class FakeKafka {
  private final Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
  private final List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
  private int tooLarge = Integer.MAX_VALUE;
  private int commitsUntilFailure = Integer.MAX_VALUE;
  private boolean fencedAtCommit;
  private long hiddenEnd;

  void createTopic(String topic, int partitions) {
    for (int i = 0; i < partitions; i++) {
      records.put(new TopicPartition(topic, i), new ArrayList<>());
    }
  }

  /** From now on a broker that takes no value as large as this. */
  void setTooLarge(int bytes) {
    tooLarge = bytes;
  }

  /** How many commits succeed before the broker is away; then it is back. */
  void failAfterCommits(int commits) {
    commitsUntilFailure = commits;
  }

  /** The next commit finds that another producer has begun. */
  void fenceAtCommit() {
    fencedAtCommit = true;
  }

  /** Ends of topics that are told, and never reached, are this much farther. */
  void setHiddenEnd(long offsets) {
    hiddenEnd = offsets;
  }

  /** What was committed, in order. */
  List<ProducerRecord<byte[], byte[]>> sent() {
    return sent;
  }

  void append(
      String topic,
      int partition,
      byte @Nullable [] key,
      byte @Nullable [] value,
      Headers headers) {
    List<ConsumerRecord<byte[], byte[]>> log = records.get(new TopicPartition(topic, partition));
    log.add(
        new ConsumerRecord<>(
            topic,
            partition,
            log.size(),
            0,
            TimestampType.CREATE_TIME,
            0,
            value == null ? -1 : value.length,
            key,
            value,
            headers,
            Optional.empty()));
  }

  MockConsumer<byte[], byte[]> consumer() {
    MockConsumer<byte[], byte[]> consumer =
        new MockConsumer<>("earliest") {
          @Override
          public synchronized void assign(Collection<TopicPartition> partitions) {
            super.assign(partitions);
            partitions.forEach(partition -> records.get(partition).forEach(this::addRecord));
          }
        };
    Map<String, List<PartitionInfo>> partitions = new HashMap<>();
    records.forEach(
        (partition, log) -> {
          partitions
              .computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
              .add(
                  new PartitionInfo(
                      partition.topic(),
                      partition.partition(),
                      Node.noNode(),
                      new Node[0],
                      new Node[0]));
          consumer.updateBeginningOffsets(Map.of(partition, 0L));
          consumer.updateEndOffsets(Map.of(partition, log.size() + hiddenEnd));
        });
    partitions.forEach(consumer::updatePartitions);
    return consumer;
  }

  MockProducer<byte[], byte[]> producer() {
    return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
      private boolean refused;

      @Override
      public synchronized Future<RecordMetadata> send(
          ProducerRecord<byte[], byte[]> record, Callback callback) {
        if (record.value().length >= tooLarge) {
          refused = true;
          callback.onCompletion(null, new RecordTooLargeException("too large"));
        }
        return super.send(record, callback);
      }

      @Override
      public synchronized void commitTransaction() {
        if (fencedAtCommit) {
          fenceProducer();
        } else if (refused) {
          throw new KafkaException("in an error state");
        } else if (commitsUntilFailure == 0) {
          commitsUntilFailure = Integer.MAX_VALUE;
          throw new KafkaException("the broker is away");
        }
        commitsUntilFailure--;
        int before = history().size();
        super.commitTransaction();
        for (ProducerRecord<byte[], byte[]> record : history().subList(before, history().size())) {
          sent.add(record);
          append(record.topic(), 0, record.key(), record.value(), record.headers());
        }
      }

      @Override
      public synchronized void abortTransaction() {
        refused = false;
        super.abortTransaction();
      }
    };
  }
}
