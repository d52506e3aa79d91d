package io.outlay.bench.pipeline;

import io.outlay.bench.BenchmarkFailedException;
import io.outlay.schema.CostRollup;
import io.outlay.schema.RollupWindow;
import io.outlay.serde.AvroCodec;
import io.outlay.topic.Topics;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Holds what the topology wrote to Kafka against what was published. */
final class KafkaBooks {
  private static final Duration POLL = Duration.ofMillis(500);

  private KafkaBooks() {}

  /**
   * Counts the facts, and adds up the rollups of minutes, hours and days.
   *
   * @return number of minutes, over all scopes
   * @throws BenchmarkFailedException if anything differs
   */
  static long check(PipelineStack stack, Expected expected) {
    long facts = count(stack, Topics.COSTS.name(Topics.DEFAULT_PREFIX));
    if (facts != expected.facts()) {
      throw new BenchmarkFailedException(
          String.format("%,d facts, expected %,d", facts, expected.facts()));
    }
    AvroCodec<CostRollup> codec =
        AvroCodec.of(Topics.ROLLUPS, Topics.DEFAULT_PREFIX, stack.schemas());
    Map<java.nio.ByteBuffer, byte[]> latest = new HashMap<>();
    read(
        stack,
        Topics.ROLLUPS.name(Topics.DEFAULT_PREFIX),
        record -> latest.put(java.nio.ByteBuffer.wrap(record.key()), record.value()));
    Map<RollupWindow, BigDecimal> cost = new EnumMap<>(RollupWindow.class);
    Map<RollupWindow, Long> events = new EnumMap<>(RollupWindow.class);
    long minutes = 0;
    for (byte[] value : latest.values()) {
      CostRollup rollup = codec.decode(value);
      cost.merge(rollup.getWindow(), rollup.getCost(), BigDecimal::add);
      events.merge(rollup.getWindow(), rollup.getEvents(), Long::sum);
      minutes += rollup.getWindow() == RollupWindow.MINUTE ? 1 : 0;
    }
    for (RollupWindow window : RollupWindow.values()) {
      if (events.getOrDefault(window, 0L) != expected.facts()
          || cost.getOrDefault(window, BigDecimal.ZERO).compareTo(expected.cost()) != 0) {
        throw new BenchmarkFailedException(
            String.format(
                "rollups of %s: %,d events of %s USD, expected %,d of %s",
                window,
                events.getOrDefault(window, 0L),
                cost.get(window),
                expected.facts(),
                expected.cost()));
      }
    }
    return minutes;
  }

  private static long count(PipelineStack stack, String topic) {
    long[] count = {0};
    read(stack, topic, record -> count[0]++);
    return count[0];
  }

  private static void read(
      PipelineStack stack,
      String topic,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> to) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stack.kafka(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                5_000,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        records.forEach(to);
      }
    }
  }
}
