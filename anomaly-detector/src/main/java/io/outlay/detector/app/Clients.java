package io.outlay.detector.app;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Kafka clients as the detector needs them: they give up after seconds, not minutes. */
final class Clients {
  private static final int ANSWER_MILLIS = 5_000;
  private static final int MAX_POLL_RECORDS = 5_000;

  /** A detector that is gone is missed this soon: the least that brokers allow by default. */
  private static final int SESSION_MILLIS = 6_000;

  /** A detector whose judging thread stalls for so long is taken for gone. */
  private static final int MAX_STALL_MILLIS = 60_000;

  private static final int TRANSACTION_MILLIS = 15_000;

  private Clients() {}

  static Admin admin(String bootstrapServers) {
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            AdminClientConfig.CLIENT_ID_CONFIG,
            "outlay-anomaly-detector",
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            ANSWER_MILLIS,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            ANSWER_MILLIS));
  }

  /** Of no group: every detector reads everything, and the topic itself is its memory. */
  static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers) {
    Map<String, Object> config = new HashMap<>();
    config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, "outlay-anomaly-detector");
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
    config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
    config.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Of the group of detectors. Its place there is kept for as long as a session lasts, so that a
   * restart after a crash is back at once; after that another takes it.
   *
   * @param instance names this detector among those of the group
   */
  static KafkaConsumer<byte[], byte[]> member(
      String bootstrapServers, String topicPrefix, String instance) {
    Map<String, Object> config = new HashMap<>();
    config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, "outlay-anomaly-detector-" + instance);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, topicPrefix + "anomaly-detector");
    config.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, instance);
    config.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MILLIS);
    config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, SESSION_MILLIS / 4);
    config.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, MAX_STALL_MILLIS);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
    config.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Of the log of incidents: whoever began to write last is the only one who can. */
  static KafkaProducer<byte[], byte[]> producer(String bootstrapServers, String topicPrefix) {
    Map<String, Object> config = writing(bootstrapServers);
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topicPrefix + "anomaly-detector");
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_MILLIS);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Of states that replace each other: the next is right again. */
  static KafkaProducer<byte[], byte[]> stateProducer(String bootstrapServers) {
    return new KafkaProducer<>(
        writing(bootstrapServers), new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static Map<String, Object> writing(String bootstrapServers) {
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(ProducerConfig.CLIENT_ID_CONFIG, "outlay-anomaly-detector");
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ANSWER_MILLIS);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
    config.put(
        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
        Math.toIntExact(KafkaIncidentLog.TIMEOUT.toMillis()));
    return config;
  }
}
