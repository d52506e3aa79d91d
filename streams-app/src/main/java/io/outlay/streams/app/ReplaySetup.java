package io.outlay.streams.app;

import io.outlay.config.OutlayConfig;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.SchemaRegistry;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.replay.DeadLetterReplay;
import io.outlay.streams.replay.ReplayCounters;
import io.outlay.streams.topology.UsageCodecs;
import io.outlay.topic.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Clients of Kafka, configured for replays of dead letters. */
final class ReplaySetup {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int FETCH_BYTES = 8 << 20;

  /** The broker decides what is too large, not the client. */
  private static final int MAX_REQUEST_BYTES = 64 << 20;

  private ReplaySetup() {}

  static DeadLetterReplay replay(
      OutlayConfig config,
      SchemaRegistry registry,
      UsageCodecs codecs,
      Supplier<PriceBook> prices,
      ReplayCounters counters) {
    String prefix = config.kafka().topicPrefix();
    return new DeadLetterReplay(
        new DeadLetterReplay.Setup(
            prefix,
            config.streams().retention(),
            PATIENCE,
            DeadLetterReplay.PLACES_AT_ONCE,
            codecs.usage(),
            codecs.costs(),
            codecs.deadLetters(),
            AvroCodec.of(Topics.REPLAYS, prefix, registry),
            () -> consumer(config),
            () -> producer(config),
            prices,
            counters,
            Clock.systemUTC()));
  }

  private static KafkaConsumer<byte[], byte[]> consumer(OutlayConfig config) {
    Map<String, Object> properties = kafka(config);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static KafkaProducer<byte[], byte[]> producer(OutlayConfig config) {
    Map<String, Object> properties = kafka(config);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    // The same for all instances: the replay that begins last ends the others.
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, config.kafka().topicPrefix() + "replay");
    properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static Map<String, Object> kafka(OutlayConfig config) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, "outlay-replay");
    return properties;
  }
}
