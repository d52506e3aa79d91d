package io.outlay.it.faults;

import io.outlay.schema.LlmUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.topic.Topics;
import io.outlay.usage.EventKey;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A service that produces to the topic itself, and gets it wrong in every way there is. */
final class Poison implements AutoCloseable {
  /** Header that says as what a record has to be set aside. */
  static final String HEADER = "expected";

  private static final String TOPIC = Topics.USAGE.name(Topics.DEFAULT_PREFIX);
  private static final int WAYS = 4;

  private final KafkaProducer<byte[], byte[]> producer;
  private final AvroCodec<UsageEvent> codec;
  private final AtomicLong sent = new AtomicLong();

  Poison(String kafka, URI registry) {
    codec = AvroCodec.of(Topics.USAGE, Topics.DEFAULT_PREFIX, new HttpSchemaRegistry(registry));
    producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                kafka,
                ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                500),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Sends one until the broker has it; sometimes twice, which is two records then. */
  void send(long number) throws InterruptedException {
    ProducerRecord<byte[], byte[]> record = record(number);
    while (true) {
      try {
        producer.send(record).get();
        sent.incrementAndGet();
        return;
      } catch (ExecutionException e) {
        continue; // the broker is away
      }
    }
  }

  /** Records that the broker has acknowledged. */
  long sent() {
    return sent.get();
  }

  @Override
  public void close() {
    producer.close();
  }

  private ProducerRecord<byte[], byte[]> record(long number) {
    return switch ((int) ((number ^ number >>> 7) % WAYS)) {
      case 0 -> record("unreadable", bytes("key"), new byte[] {0, 0x7f, 0, 0, 1, 2});
      case 1 -> record("unreadable", bytes("key"), null);
      case 2 -> record("wrong_key", bytes("k-" + number), codec.encode(event(number, 10)));
      default ->
          record(
              "invalid",
              EventKey.of("poison", "p-" + number).toBytes(),
              codec.encode(event(number, -1)));
    };
  }

  private static ProducerRecord<byte[], byte[]> record(
      String reason, byte[] key, byte @Nullable [] value) {
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(TOPIC, key, value);
    record.headers().add(HEADER, bytes(reason));
    return record;
  }

  private static UsageEvent event(long number, long tokens) {
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    return UsageEvent.newBuilder()
        .setId("p-" + number)
        .setSource("poison")
        .setEventTimeMicros(now)
        .setIngestedAtMicros(now)
        .setTeam("search")
        .setDetail(
            LlmUsage.newBuilder()
                .setProvider("acme")
                .setModel("comet")
                .setTokens(TokenCounts.newBuilder().setInput(tokens).build())
                .build())
        .build();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
