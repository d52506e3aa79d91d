package io.outlay.collectors.ingest;

import java.time.Duration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class KafkaSettingsTest {
  @ParameterizedTest
  @ValueSource(longs = {100, 3_000, 10_000, 600_000})
  void givenAcknowledgeWithin_thenTheProducerTakesItAndKeepsToIt(long millis) {
    KafkaSettings settings =
        new KafkaSettings("127.0.0.1:1", "outlay.", 4, Duration.ofMillis(millis));

    assertThat(settings.producer())
        .containsEntry(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) millis)
        .containsEntry(ProducerConfig.ACKS_CONFIG, "all")
        .containsEntry(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    try (var producer = new KafkaProducer<byte[], byte[]>(settings.producer())) {
      assertThat(producer.metrics()).isNotEmpty();
    }
  }
}
