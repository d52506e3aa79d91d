package io.outlay.sink.app;

import com.clickhouse.client.api.Client;
import io.outlay.config.OutlayConfig;
import java.time.temporal.ChronoUnit;
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

/** Clients of Kafka and ClickHouse, configured for the sink. */
final class Clients {
  /** How long ClickHouse may be silent before an insert has failed. */
  static final long INSERT_TIMEOUT_MILLIS = 30_000;

  /** How long ClickHouse may be silent while it adds all facts up. */
  static final long AUDIT_TIMEOUT_MILLIS = 600_000;

  private static final long CONNECT_TIMEOUT_MILLIS = 3_000;
  private static final int MAX_CONNECTIONS = 32;

  private final OutlayConfig config;

  Clients(OutlayConfig config) {
    this.config = config;
  }

  /**
   * A client of ClickHouse. It does not retry: what is repeated, and when, is the sink's own
   * decision.
   *
   * @param silenceMillis how long ClickHouse may be silent
   */
  Client clickHouse(long silenceMillis) {
    return new Client.Builder()
        .addEndpoint(config.clickhouse().url().toString())
        .setUsername(config.clickhouse().user())
        .setPassword(config.clickhouse().password().orElse(""))
        .setClientName("outlay-clickhouse-sink")
        .setConnectTimeout(CONNECT_TIMEOUT_MILLIS, ChronoUnit.MILLIS)
        .setConnectionRequestTimeout(silenceMillis, ChronoUnit.MILLIS)
        .setSocketTimeout(silenceMillis, ChronoUnit.MILLIS)
        .setSocketTcpNodelay(true)
        .setMaxConnections(MAX_CONNECTIONS)
        .setMaxRetries(0)
        .compressClientRequest(false)
        .compressServerResponse(false)
        .build();
  }

  Admin admin() {
    Map<String, Object> properties = kafka("admin");
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000);
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
    return Admin.create(properties);
  }

  /** A consumer of committed records whose commits are made by hand. */
  KafkaConsumer<byte[], byte[]> consumer(String worker) {
    Map<String, Object> properties = kafka(worker);
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, group(config.kafka().topicPrefix(), worker));
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    // A worker that was killed is missed this soon; only then its partitions are read again.
    // Brokers take no less unless told so.
    properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
    properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 2_000);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 * 1024 * 1024);
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 * 1024 * 1024);
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** The consumer group of a worker. */
  static String group(String topicPrefix, String worker) {
    return topicPrefix + "sink." + worker;
  }

  /** A consumer of committed records that belongs to no group. */
  KafkaConsumer<byte[], byte[]> auditConsumer() {
    Map<String, Object> properties = kafka("audit");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    // It looks whether there is a record, and reads none.
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 100);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 16 * 1024);
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** A producer of dead letters. */
  KafkaProducer<byte[], byte[]> producer() {
    Map<String, Object> properties = kafka("dead-letters");
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 4 * 1024 * 1024);
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 8L * 1024 * 1024);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private Map<String, Object> kafka(String part) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
    properties.put(AdminClientConfig.CLIENT_ID_CONFIG, "outlay-clickhouse-sink-" + part);
    properties.put(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
    return properties;
  }
}
