package io.outlay.streams.app;

import com.clickhouse.client.api.Client;
import io.outlay.config.OutlayConfig;
import io.outlay.schema.Repricing;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.SchemaRegistry;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.reprice.Repricer;
import io.outlay.streams.reprice.RepricingLog;
import io.outlay.streams.reprice.store.ClickHouseFacts;
import io.outlay.streams.reprice.store.KafkaArrivals;
import io.outlay.streams.reprice.store.KafkaBooks;
import io.outlay.streams.reprice.store.KafkaRepricingLog;
import io.outlay.streams.rollup.OpenWindows;
import io.outlay.streams.topology.UsageCodecs;
import io.outlay.topic.Topics;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Ties repricing to Kafka and ClickHouse. */
public final class PastRatings implements AutoCloseable {
  private static final int CONNECT_TIMEOUT_MILLIS = 3_000;
  private static final Duration SILENCE = Duration.ofSeconds(120);
  private static final int TRANSACTION_TIMEOUT_MILLIS = 30_000;
  private static final int ADMIN_TIMEOUT_MILLIS = 10_000;

  private final Admin admin;
  private final KafkaConsumer<byte[], byte[]> lookout;
  private final Client clickHouse;
  private final KafkaRepricingLog log;
  private final Repricer repricer;
  private volatile String waitingFor = "";

  /**
   * Begins.
   *
   * @param leads whether this instance is the one that reprices
   */
  PastRatings(
      OutlayConfig config,
      UsageCodecs codecs,
      SchemaRegistry registry,
      Supplier<PriceBook> prices,
      BooleanSupplier leads) {
    String prefix = config.kafka().topicPrefix();
    AvroCodec<Repricing> repricings = AvroCodec.of(Topics.REPRICINGS, prefix, registry);
    Map<String, Object> kafka =
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
    admin =
        Admin.create(
            with(
                with(kafka, AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ADMIN_TIMEOUT_MILLIS / 2),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                ADMIN_TIMEOUT_MILLIS));
    clickHouse =
        new Client.Builder()
            .addEndpoint(config.clickhouse().url().toString())
            .setUsername(config.clickhouse().user())
            .setPassword(config.clickhouse().password().orElse(""))
            .setClientName("outlay-streams-app")
            .setConnectTimeout(CONNECT_TIMEOUT_MILLIS, ChronoUnit.MILLIS)
            .setSocketTimeout(SILENCE.toMillis(), ChronoUnit.MILLIS)
            .build();
    lookout = consumer(kafka);
    log =
        new KafkaRepricingLog(
            consumer(kafka),
            new KafkaProducer<>(
                with(kafka, ProducerConfig.ACKS_CONFIG, "all"),
                new ByteArraySerializer(),
                new ByteArraySerializer()),
            repricings,
            Topics.REPRICINGS.name(prefix));
    repricer =
        new Repricer(
            new Repricer.Setting(
                new ClickHouseFacts(clickHouse, config.clickhouse().database(), config.timezone()),
                log,
                prices,
                () ->
                    new KafkaBooks(
                        new KafkaProducer<>(
                            transactional(kafka, prefix),
                            new ByteArraySerializer(),
                            new ByteArraySerializer()),
                        prefix,
                        codecs,
                        repricings),
                new KafkaArrivals(admin, lookout, prefix, this::waitsFor),
                new OpenWindows(config.streams().retention()),
                ConfiguredCuts.of(config),
                config.timezone(),
                leads,
                Clock.systemUTC()));
    repricer.start();
  }

  public RepricingLog log() {
    return log;
  }

  public Repricer repricer() {
    return repricer;
  }

  /** What the repricing that runs waits for; empty if it does not wait. */
  public String waitingFor() {
    return waitingFor;
  }

  @Override
  public void close() {
    repricer.close();
    log.close();
    lookout.close();
    clickHouse.close();
    admin.close(Duration.ofSeconds(2));
  }

  private void waitsFor(String what) {
    waitingFor = what;
  }

  /** One id for all instances: whoever opens the books fences the writer before. */
  private static Map<String, Object> transactional(Map<String, Object> kafka, String prefix) {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, prefix + "repricings");
    properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MILLIS);
    properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 10);
    return properties;
  }

  /** Of committed records; not in a group. */
  private static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> kafka) {
    return new KafkaConsumer<>(
        with(
            with(kafka, ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"),
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static Map<String, Object> with(Map<String, Object> kafka, String key, Object value) {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(key, value);
    return properties;
  }
}
