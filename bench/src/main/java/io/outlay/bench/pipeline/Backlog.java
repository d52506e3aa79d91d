package io.outlay.bench.pipeline;

import io.outlay.bench.BenchmarkFailedException;
import io.outlay.bench.Progress;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.topic.Topics;
import io.outlay.usage.EventKey;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Usage in the topic before anybody reads it. */
final class Backlog {
  private static final long SEED = 20_261_121;
  private static final int COPIES_AFTER = 2_500;
  private static final int TELL_EVERY = 250_000;
  private static final int PERCENT = 100;

  private Backlog() {}

  /**
   * Publishes it, as the collectors do.
   *
   * @param lastAt time of its last event
   */
  static Expected publish(PipelineStack stack, Shape shape, Instant lastAt, Progress progress) {
    AvroCodec<UsageEvent> codec =
        AvroCodec.of(Topics.USAGE, Topics.DEFAULT_PREFIX, stack.schemas());
    String topic = Topics.USAGE.name(Topics.DEFAULT_PREFIX);
    long first =
        ChronoUnit.MICROS.between(Instant.EPOCH, lastAt.minus(shape.minutes(), ChronoUnit.MINUTES));
    Traffic traffic = new Traffic(shape, SEED, first, "backlog");
    AtomicReference<Exception> failed = new AtomicReference<>();
    Deque<ProducerRecord<byte[], byte[]>> copies = new ArrayDeque<>();
    BigInteger cost = BigInteger.ZERO;
    long pico = 0;
    long bytes = 0;
    int copied = 0;
    try (KafkaProducer<byte[], byte[]> producer = producer(stack)) {
      for (int i = 0; i < shape.events() && failed.get() == null; i++) {
        UsageEvent event = traffic.next();
        byte[] value = codec.encode(event);
        byte[] key = EventKey.of(event.getSource(), event.getId()).toBytes();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, key, value);
        send(producer, record, failed);
        bytes += key.length + value.length;
        pico += traffic.costPico();
        if (pico > Long.MAX_VALUE / 2) {
          cost = cost.add(BigInteger.valueOf(pico));
          pico = 0;
        }
        if ((long) (i + 1) * shape.copiesPercent() / PERCENT > copied) {
          copied++;
          copies.add(record);
          bytes += key.length + value.length;
        }
        if (copies.size() > COPIES_AFTER) {
          send(producer, copies.remove(), failed);
        }
        if (i % TELL_EVERY == 0) {
          progress.detail(String.format("publishing a backlog: %,d of %,d", i, shape.events()));
        }
      }
      copies.forEach(copy -> send(producer, copy, failed));
    }
    if (failed.get() != null) {
      throw new BenchmarkFailedException("a backlog cannot be published: " + failed.get());
    }
    return Expected.of(shape.records(), shape.events(), cost.add(BigInteger.valueOf(pico)), bytes);
  }

  static KafkaProducer<byte[], byte[]> producer(PipelineStack stack) {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            stack.kafka(),
            ProducerConfig.ACKS_CONFIG,
            "all",
            ProducerConfig.COMPRESSION_TYPE_CONFIG,
            "lz4",
            ProducerConfig.BATCH_SIZE_CONFIG,
            256 << 10,
            ProducerConfig.LINGER_MS_CONFIG,
            10),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback is told of failures
  static void send(
      KafkaProducer<byte[], byte[]> producer,
      ProducerRecord<byte[], byte[]> record,
      AtomicReference<Exception> failed) {
    producer.send(
        record,
        (metadata, error) -> {
          if (error != null) {
            failed.compareAndSet(null, error);
          }
        });
  }
}
