package io.outlay.it.faults;

import io.outlay.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What reached the broker: the only thing that knows how often a repeated request was taken. */
final class UsageTopic {
  private static final String TOPIC = Topics.USAGE.name(Topics.DEFAULT_PREFIX);
  private static final Duration POLL = Duration.ofMillis(500);

  private UsageTopic() {}

  /**
   * What follows from the records of the topic.
   *
   * @param records all of them
   * @param deadLetters reason by partition/offset
   */
  record Expected(long records, Map<String, String> deadLetters) {}

  /**
   * Reads the topic.
   *
   * @param reasons by key, in hexadecimal, of events that are set aside
   */
  static Expected read(String kafka, Map<String, String> reasons) {
    Map<String, String> deadLetters = new TreeMap<>();
    long records = 0;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                kafka,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                5_000),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(TOPIC).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        if (Thread.interrupted()) {
          throw new CancellationException("interrupted while reading " + TOPIC);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          records++;
          Header poison = record.headers().lastHeader(Poison.HEADER);
          String reason =
              poison != null
                  ? new String(poison.value(), StandardCharsets.UTF_8)
                  : reasons.get(HexFormat.of().formatHex(record.key()));
          if (reason != null) {
            deadLetters.put(record.partition() + "/" + record.offset(), reason);
          }
        }
      }
    }
    return new Expected(records, deadLetters);
  }
}
