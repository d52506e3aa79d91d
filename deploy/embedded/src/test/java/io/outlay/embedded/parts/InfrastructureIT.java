package io.outlay.embedded.parts;

import io.outlay.config.ConfigChecks;
import io.outlay.embedded.stack.DataDirectory;
import io.outlay.embedded.stack.Part;
import io.outlay.embedded.stack.PartStatus;
import io.outlay.embedded.stack.PartStatus.State;
import io.outlay.embedded.stack.RunningProcess;
import io.outlay.embedded.stack.Stack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.coordinator.transaction.generated.TransactionLogKey;
import org.apache.kafka.coordinator.transaction.generated.TransactionLogValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The broker and the schema registry as the build left them: what they were told survives an
 * orderly end and a kill. The ids of schemas are part of every record, so that losing one would
 * make records unreadable.
 */
class InfrastructureIT {
  private static final Set<String> INFRASTRUCTURE = Set.of(PartCatalog.KAFKA, PartCatalog.REGISTRY);

  @TempDir private Path temp;

  private final HttpClient http = HttpClient.newHttpClient();
  private DataDirectory data;
  private Endpoints endpoints;
  private Stack stack;

  @BeforeEach
  void start() throws Exception {
    data = new DataDirectory(temp.resolve("data"));
    Map<String, String> environment =
        Map.of(
            "OUTLAY_KAFKA_BOOTSTRAPSERVERS", "127.0.0.1:" + freePort(),
            "OUTLAY_REGISTRY_URL", "http://127.0.0.1:" + freePort() + "/apis/ccompat/v7",
            "PATH", System.getenv("PATH"));
    var config = ConfigChecks.load(null, environment);
    endpoints = Endpoints.of(config);
    Installation installation = new Installation(Path.of("../.."));
    List<Part> parts =
        new PartCatalog(installation, data, endpoints, config, Optional.empty(), environment)
            .parts().stream().filter(part -> INFRASTRUCTURE.contains(part.name())).toList();
    stack = new Stack(data, parts, Duration.ofSeconds(20), line -> {});
    stack.up();
  }

  @AfterEach
  void stop() {
    stack.down();
  }

  @Test
  void givenSchemasAndTopics_whenStoppedOrKilledAndStarted_thenAllAreThere() throws Exception {
    int first = register("a-value", "A");
    createTopic("kept");

    stack.down();
    stack.up();
    assertThat(register("a-value", "A")).isEqualTo(first);
    int second = register("b-value", "B");
    killAll();
    stack.up();

    assertThat(get("/schemas/ids/" + first)).contains("\\\"name\\\":\\\"A\\\"");
    assertThat(get("/schemas/ids/" + second)).contains("\\\"name\\\":\\\"B\\\"");
    assertThat(register("b-value", "B")).isEqualTo(second);
    assertThat(register("c-value", "C")).isGreaterThan(second).isNotEqualTo(first);
    try (Admin admin = admin()) {
      assertThat(admin.listTopics().names().get(30, TimeUnit.SECONDS)).contains("kept");
    }
    assertThat(stack.status()).allMatch(part -> part.state() == State.READY);
  }

  /**
   * What a broker that is killed while a transaction ends can come back with: its log says how the
   * transaction was to end and that it has, and a partition was not told.
   */
  @ParameterizedTest
  @CsvSource({"2, 4, 1", "3, 5, 0"})
  void givenATransactionWhoseEndAPartitionWasNotTold_whenStarted_thenItIsToldAsTheLogSays(
      byte prepared, byte complete, int records) throws Exception {
    createTopic("untold");
    KafkaProducer<byte[], byte[]> producer =
        producer(Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "lost"));
    try {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("untold", new byte[] {1})).get();
      ProducerState open = openTransaction();
      writeEnd("lost", open, prepared, List.of(0));
      writeEnd("lost", open, complete, List.of());
      killAll();
    } finally {
      // It would wait for the broker.
      producer.close(Duration.ZERO);
    }
    stack.up();

    TopicPartition untold = new TopicPartition("untold", 0);
    try (KafkaConsumer<byte[], byte[]> consumer = committedReader()) {
      consumer.assign(List.of(untold));
      consumer.seekToBeginning(List.of(untold));
      List<byte[]> read = new ArrayList<>();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(each -> read.add(each.value()));
                // The record and the marker after it.
                return consumer.position(untold) == 2;
              });
      assertThat(read).hasSize(records);
    }
  }

  private ProducerState openTransaction() throws Exception {
    TopicPartition untold = new TopicPartition("untold", 0);
    try (Admin admin = admin()) {
      return admin
          .describeProducers(List.of(untold))
          .partitionResult(untold)
          .get(30, TimeUnit.SECONDS)
          .activeProducers()
          .get(0);
    }
  }

  /** Writes what a coordinator writes; brokers take it from clients of that name only. */
  private void writeEnd(String id, ProducerState open, byte status, List<Integer> partitions)
      throws Exception {
    TransactionLogValue value =
        new TransactionLogValue()
            .setProducerId(open.producerId())
            .setProducerEpoch((short) (open.producerEpoch() + 1))
            .setTransactionTimeoutMs(60_000)
            .setTransactionStatus(status)
            .setClientTransactionVersion((short) 2)
            .setTransactionPartitions(
                partitions.isEmpty()
                    ? List.of()
                    : List.of(
                        new TransactionLogValue.PartitionsSchema()
                            .setTopic("untold")
                            .setPartitionIds(partitions)));
    try (KafkaProducer<byte[], byte[]> producer =
        producer(Map.of(ProducerConfig.CLIENT_ID_CONFIG, "__admin_client"))) {
      String log = "__transaction_state";
      int partition = Math.abs(id.hashCode()) % producer.partitionsFor(log).size();
      producer
          .send(
              new ProducerRecord<>(
                  log,
                  partition,
                  MessageUtil.toVersionPrefixedBytes(
                      (short) 0, new TransactionLogKey().setTransactionalId(id)),
                  MessageUtil.toVersionPrefixedBytes((short) 1, value)))
          .get();
    }
  }

  private KafkaProducer<byte[], byte[]> producer(Map<String, String> settings) {
    Map<String, Object> properties = new HashMap<>(settings);
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, endpoints.kafka());
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private KafkaConsumer<byte[], byte[]> committedReader() {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            endpoints.kafka(),
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private void killAll() {
    Set<RunningProcess> killed = new HashSet<>();
    for (PartStatus part : stack.status()) {
      killed.add(RunningProcess.find(part.pid().orElseThrow()).orElseThrow());
    }
    killed.forEach(RunningProcess::kill);
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (killed.stream().anyMatch(RunningProcess::isAlive)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private int register(String subject, String name) throws Exception {
    String body =
        "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"%s\\\",\\\"fields\\\":[]}\"}"
            .formatted(name);
    String answer =
        http.send(
                HttpRequest.newBuilder(
                        URI.create(endpoints.registry() + "/subjects/" + subject + "/versions"))
                    .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                BodyHandlers.ofString())
            .body();
    assertThat(answer).matches("\\{\"id\":\\d+}");
    return Integer.parseInt(answer.replaceAll("\\D", ""));
  }

  private String get(String path) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create(endpoints.registry() + path)).build(),
            BodyHandlers.ofString())
        .body();
  }

  private void createTopic(String name) throws Exception {
    try (Admin admin = admin()) {
      admin
          .createTopics(List.of(new NewTopic(name, Optional.of(1), Optional.empty())))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  private Admin admin() {
    return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, endpoints.kafka()));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
