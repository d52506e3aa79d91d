package io.outlay.bench.pipeline;

import io.outlay.bench.BenchmarkFailedException;
import io.outlay.bench.Progress;
import io.outlay.topic.Topics;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What the same bytes cost that are only moved: read, copied to another topic in transactions of a
 * second, inserted into a table. Nobody who moves them exactly once does it for less. Processor
 * time is that of this process and of the broker or ClickHouse.
 */
final class Floor {
  private static final int PARTITIONS = 4;
  private static final int ROWS = 50_000;
  private static final int INSERTS = 12;
  private static final int WARM_INSERTS = 4;
  private static final int OK = 200;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long TRANSACTION_NANOS = 1_000_000_000;

  private final PipelineStack stack;
  private final Progress progress;

  Floor(PipelineStack stack, Progress progress) {
    this.stack = stack;
    this.progress = progress;
  }

  /**
   * What one way of moving costs.
   *
   * @param perSecond records or rows a second
   * @param cpuMicros of a record or row: both processes
   */
  record Cost(double perSecond, double cpuMicros) {}

  /** Reads the whole backlog, and does nothing with it. */
  Cost consume(long records) {
    progress.step("floor: reading");
    Meter meter = new Meter(PipelineStack.KAFKA);
    long read = 0;
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      while (read < records) {
        read += consumer.poll(POLL).count();
      }
    }
    return meter.of(read);
  }

  /** Copies the whole backlog in transactions of a second. */
  Cost copy(long records) {
    progress.step("floor: copying in transactions");
    String to = Topics.DEFAULT_PREFIX + "bench-copy";
    try {
      stack.admin().createTopics(List.of(new NewTopic(to, PARTITIONS, (short) 1))).all().get();
    } catch (ExecutionException e) {
      throw new BenchmarkFailedException("cannot make a topic: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkFailedException("interrupted while measuring");
    }
    Meter meter = new Meter(PipelineStack.KAFKA);
    long copied = 0;
    try (KafkaConsumer<byte[], byte[]> consumer = consumer();
        KafkaProducer<byte[], byte[]> producer = producer()) {
      producer.initTransactions();
      Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
      long began = 0;
      while (copied < records) {
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
        if (began == 0 && !polled.isEmpty()) {
          producer.beginTransaction();
          began = System.nanoTime();
        }
        for (ConsumerRecord<byte[], byte[]> record : polled) {
          send(
              producer, new ProducerRecord<>(to, record.partition(), record.key(), record.value()));
          offsets.put(
              new TopicPartition(record.topic(), record.partition()),
              new OffsetAndMetadata(record.offset() + 1));
        }
        copied += polled.count();
        if (began != 0 && (copied >= records || System.nanoTime() - began > TRANSACTION_NANOS)) {
          producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
          producer.commitTransaction();
          began = 0;
        }
      }
    }
    return meter.of(copied);
  }

  /** Inserts facts that are there already into a table of the same shape, as they come. */
  Cost insert() {
    progress.step("floor: inserting");
    query(
        "CREATE TABLE bench_floor AS usage_costs_store ENGINE = MergeTree PARTITION BY"
            + " toYYYYMM(event_time) PRIMARY KEY (toDate(event_time), team, feature, model)"
            + " ORDER BY (toDate(event_time), team, feature, model, event_time, event_key)");
    byte[] rows =
        post(
            "SELECT * FROM usage_costs_store ORDER BY kafka_partition, kafka_offset LIMIT "
                + ROWS
                + " FORMAT RowBinary",
            new byte[0]);
    String insert = "INSERT INTO bench_floor FORMAT RowBinary";
    for (int i = 0; i < WARM_INSERTS; i++) {
      post(insert, rows);
    }
    Meter meter = new Meter(PipelineStack.CLICKHOUSE);
    for (int i = 0; i < INSERTS; i++) {
      post(insert, rows);
    }
    return meter.of((long) ROWS * INSERTS);
  }

  private void query(String sql) {
    post(sql, new byte[0]);
  }

  private byte[] post(String sql, byte[] body) {
    URI address = stack.endpoints().clickhouse();
    String settings =
        "database=outlay&async_insert=0&max_insert_block_size=100000000"
            + "&min_insert_block_size_rows=100000000&input_format_parallel_parsing=0&query=";
    HttpRequest request =
        HttpRequest.newBuilder(
                address.resolve("/?" + settings + URLEncoder.encode(sql, StandardCharsets.UTF_8)))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    try {
      HttpResponse<InputStream> answer =
          HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = answer.body()) {
        byte[] bytes = in.readAllBytes();
        if (answer.statusCode() != OK) {
          throw new BenchmarkFailedException(
              "ClickHouse says: " + new String(bytes, StandardCharsets.UTF_8));
        }
        return bytes;
      }
    } catch (IOException e) {
      throw new BenchmarkFailedException("ClickHouse does not answer: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkFailedException("interrupted while measuring");
    }
  }

  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private KafkaConsumer<byte[], byte[]> consumer() {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stack.kafka(),
                ConsumerConfig.GROUP_ID_CONFIG,
                "bench-floor",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                5_000,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                4 << 20,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    String usage = Topics.USAGE.name(Topics.DEFAULT_PREFIX);
    List<TopicPartition> partitions =
        consumer.partitionsFor(usage).stream()
            .map(info -> new TopicPartition(usage, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }

  private KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            stack.kafka(),
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            "bench-floor",
            ProducerConfig.COMPRESSION_TYPE_CONFIG,
            "lz4",
            ProducerConfig.BATCH_SIZE_CONFIG,
            256 << 10,
            ProducerConfig.LINGER_MS_CONFIG,
            10),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the commit fails if one of them did
  private static void send(
      KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record) {
    producer.send(record);
  }

  /** Time and processor time from when it was made. */
  private final class Meter {
    private final String part;
    private final long beginNanos = System.nanoTime();
    private final Duration own = own();
    private final Duration others;

    Meter(String part) {
      this.part = part;
      this.others = stack.cpu(part);
    }

    Cost of(long records) {
      long nanos = System.nanoTime() - beginNanos;
      Duration cpu = own().minus(own).plus(stack.cpu(part).minus(others));
      return new Cost(records * 1e9 / nanos, cpu.toNanos() / 1e3 / records);
    }

    private static Duration own() {
      return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }
  }
}
