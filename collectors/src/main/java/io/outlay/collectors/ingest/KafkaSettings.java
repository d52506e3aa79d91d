package io.outlay.collectors.ingest;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How the edge talks to Kafka.
 *
 * @param bootstrapServers as Kafka clients take it
 * @param topicPrefix of all topics
 * @param partitions of topics that carry traffic, when they are created
 * @param acknowledgeWithin how long an acknowledgement may take
 */
public record KafkaSettings(
    String bootstrapServers, String topicPrefix, int partitions, Duration acknowledgeWithin) {
  private static final int LINGER_MS = 5;
  private static final int BATCH_BYTES = 256 * 1024;
  private static final long BUFFER_BYTES = 64L * 1024 * 1024;
  private static final long MAX_BLOCK_MS = 1_000;
  private static final int ADMIN_REQUEST_MS = 3_000;
  private static final int RECONNECT_MAX_MS = 1_000;

  /**
   * @throws IllegalArgumentException if the broker has no time to acknowledge
   */
  public KafkaSettings {
    if (acknowledgeWithin.toMillis() < 100 || acknowledgeWithin.toMillis() > 600_000) {
      throw new IllegalArgumentException(
          "collectors.acknowledgeWithin must be between 100ms and 10m, was " + acknowledgeWithin);
    }
  }

  /** Configuration of the producer: durable, in order, without duplicates of its own. */
  Map<String, Object> producer() {
    int deliveryMs = Math.toIntExact(acknowledgeWithin.toMillis());
    Map<String, Object> config = common("outlay-collectors-producer");
    config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MS);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    // Where the broker is away or slow, the caller is to hear of it soon, not to hang.
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Math.min(MAX_BLOCK_MS, deliveryMs));
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, deliveryMs);
    // Half of it, so that a lost request can be sent once more.
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, deliveryMs / 2);
    return config;
  }

  /** Configuration of the client that creates topics and watches the broker. */
  Map<String, Object> admin() {
    Map<String, Object> config = common("outlay-collectors-admin");
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ADMIN_REQUEST_MS);
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ADMIN_REQUEST_MS);
    return config;
  }

  private Map<String, Object> common(String clientId) {
    Map<String, Object> config = new HashMap<>();
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
    config.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, RECONNECT_MAX_MS);
    return config;
  }
}
