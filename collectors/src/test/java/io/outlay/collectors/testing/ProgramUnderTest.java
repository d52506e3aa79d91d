package io.outlay.collectors.testing;

import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.topic.Topics;
import io.outlay.usage.EventKey;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.apache.kafka.common.test.TestKitNodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The program as it is shipped, in a process of its own, with a real broker and a stand-in for the
 * schema registry. All of it listens on loopback and ends with {@link #close()}.
 */
public final class ProgramUnderTest implements AutoCloseable {
  private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final KafkaClusterTestKit kafka;
  private final Path log;
  private final int port = freePort();
  private final int grpcPort = freePort();
  private final int registryPort = freePort();
  private final Process process;
  private RegistryStandIn registry;

  /**
   * Starts the broker and the program, not the registry.
   *
   * @param name of the log file
   * @param environment of the program, beside the addresses
   */
  public ProgramUnderTest(String name, Map<String, String> environment) throws Exception {
    kafka =
        new KafkaClusterTestKit.Builder(
                new TestKitNodes.Builder().setNumControllerNodes(1).setNumBrokerNodes(1).build())
            .setConfigProp("offsets.topic.replication.factor", "1")
            .setConfigProp("offsets.topic.num.partitions", "1")
            .build();
    kafka.format();
    kafka.startup();
    kafka.waitForReadyBrokers();
    log = Path.of("target", name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+ExitOnOutOfMemoryError",
            "-jar",
            JAR.toString());
    Map<String, String> variables = builder.environment();
    variables.put("OUTLAY_COLLECTORS_PORT", Integer.toString(port));
    variables.put("OUTLAY_COLLECTORS_GRPCPORT", Integer.toString(grpcPort));
    variables.put("OUTLAY_KAFKA_BOOTSTRAPSERVERS", kafka.bootstrapServers());
    variables.put("OUTLAY_REGISTRY_URL", RegistryStandIn.address(registryPort).toString());
    variables.putAll(environment);
    process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** Starts everything and waits until the program is ready. */
  public static ProgramUnderTest ready(String name, Map<String, String> environment)
      throws Exception {
    ProgramUnderTest program = new ProgramUnderTest(name, environment);
    try {
      program.startRegistry();
      program.awaitReady(Duration.ofSeconds(60));
      return program;
    } catch (Exception | AssertionError e) {
      program.close();
      throw e;
    }
  }

  public RegistryStandIn startRegistry() throws IOException {
    registry = new RegistryStandIn(registryPort);
    return registry;
  }

  public int port() {
    return port;
  }

  public int grpcPort() {
    return grpcPort;
  }

  public KafkaClusterTestKit kafka() {
    return kafka;
  }

  public Process process() {
    return process;
  }

  public String log() throws IOException {
    return Files.readString(log);
  }

  public void awaitReady(Duration atMost) {
    await()
        .atMost(atMost)
        .ignoreExceptions()
        .until(() -> get("/q/health/ready").statusCode() == 200);
  }

  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .version(HttpClient.Version.HTTP_1_1)
        .timeout(Duration.ofSeconds(20));
  }

  public HttpResponse<String> get(String path) throws Exception {
    return send(request(path).GET());
  }

  /**
   * @param headers names and values by turns
   */
  public HttpResponse<String> post(String path, String contentType, String body, String... headers)
      throws Exception {
    return post(path, contentType, HttpRequest.BodyPublishers.ofString(body), headers);
  }

  public HttpResponse<String> post(
      String path, String contentType, HttpRequest.BodyPublisher body, String... headers)
      throws Exception {
    HttpRequest.Builder request = request(path).header("Content-Type", contentType).POST(body);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return send(request);
  }

  public HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Our metrics by name and labels. */
  public Map<String, Double> metrics() throws Exception {
    return get("/q/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("outlay_"))
        .collect(
            Collectors.toMap(
                line -> line.substring(0, line.lastIndexOf(' ')),
                line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))));
  }

  /** Everything in the usage topic, whose keys must be right. */
  public List<UsageEvent> stored() {
    Map<String, Object> config = new HashMap<>();
    config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    AvroCodec<UsageEvent> codec =
        AvroCodec.of(
            Topics.USAGE, "outlay.", new HttpSchemaRegistry(RegistryStandIn.address(registryPort)));
    List<UsageEvent> events = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor("outlay.usage").stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          UsageEvent event = codec.decode(record.value());
          assertThat(record.key())
              .isEqualTo(EventKey.of(event.getSource(), event.getId()).toBytes());
          events.add(event);
        }
      }
    }
    return events;
  }

  @Override
  public void close() throws Exception {
    process.destroyForcibly().waitFor();
    if (registry != null) {
      registry.close();
    }
    kafka.close();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
