package io.outlay.detector.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.detector.incident.Micros;
import io.outlay.schema.BudgetLevel;
import io.outlay.schema.BudgetState;
import io.outlay.schema.CostRollup;
import io.outlay.schema.RollupWindow;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.topic.RollupKey;
import io.outlay.topic.TopicProvisioner;
import io.outlay.topic.Topics;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.apache.kafka.common.test.TestKitNodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Budgets of the packaged program against a real broker, killed in between. */
class BudgetsIT {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String PREFIX = "b.";
  private static final int REQUESTS = 10_000;
  private static final int WARM_UP = 2_000;
  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: (\\d+)");

  @TempDir private Path scratch;
  // Some zone in which it is about noon, so that today ends in no test.
  private final ZoneOffset zone =
      ZoneOffset.ofHours(12 - Instant.now().atOffset(ZoneOffset.UTC).getHour());
  private final HttpClient http = HttpClient.newHttpClient();
  private KafkaClusterTestKit kafka;
  private RegistryStub registry;
  private WebhookReceiver receiver;
  private KafkaProducer<byte[], byte[]> producer;
  private AvroCodec<CostRollup> codec;
  private Process program;
  private int port;

  @BeforeEach
  void prepare() throws Exception {
    kafka =
        new KafkaClusterTestKit.Builder(
                new TestKitNodes.Builder()
                    .setCombined(true)
                    .setNumBrokerNodes(1)
                    .setNumControllerNodes(1)
                    .build())
            .setConfigProp("offsets.topic.replication.factor", "1")
            .setConfigProp("transaction.state.log.replication.factor", "1")
            .setConfigProp("transaction.state.log.min.isr", "1")
            .build();
    kafka.format();
    kafka.startup();
    kafka.waitForReadyBrokers();
    registry = new RegistryStub();
    receiver = new WebhookReceiver();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      new TopicProvisioner(admin, PREFIX, 2).provision();
    }
    codec = AvroCodec.of(Topics.ROLLUPS, PREFIX, new HttpSchemaRegistry(registry.url()));
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Files.deleteIfExists(log());
    Files.writeString(
        scratch.resolve("outlay.yaml"),
        """
        timezone: "%s"
        kafka: {bootstrapServers: "%s", topicPrefix: "%s"}
        registry: {url: "%s"}
        detector: {port: %d}
        receivers:
          - {name: oncall, type: webhook, url: "%s", secret: "%s", allowPrivate: true}
        budgets:
          - {name: search-day, scope: {team: search}, period: day, limitUsd: 1000, hard: true, forecast: false,
             receivers: [oncall]}
          - {name: everything, period: quarter, limitUsd: 5000, forecast: false}
        """
            .formatted(
                zone,
                kafka.bootstrapServers(),
                PREFIX,
                registry.url(),
                port,
                receiver.url(),
                SECRET));
  }

  @AfterEach
  void cleanUp() throws Exception {
    kill();
    producer.close(Duration.ofSeconds(1));
    receiver.close();
    registry.close();
    kafka.close();
  }

  private void start() throws IOException {
    program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-Dconfig.file=" + scratch.resolve("outlay.yaml"),
                "-jar",
                Path.of("target", "quarkus-app", "quarkus-run.jar").toAbsolutePath().toString())
            .directory(scratch.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    await().atMost(PATIENCE).until(() -> status("/q/health/ready") == 200);
  }

  private static Path log() {
    return Path.of("target", "budgets-it.log").toAbsolutePath();
  }

  private void kill() throws InterruptedException {
    if (program != null) {
      program.destroyForcibly();
      assertThat(program.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private int status(String path, String... headers) {
    try {
      return get(path, headers).statusCode();
    } catch (IOException e) {
      return -1;
    }
  }

  private HttpResponse<String> get(String path, String... headers) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private JsonNode budget(String name) throws IOException {
    return new ObjectMapper().readTree(get("/v1/budgets/" + name).body());
  }

  private void spend(String team, LocalDate day, String usd) throws Exception {
    long micros = Micros.of(day.atStartOfDay(zone).toInstant());
    BigDecimal cost = new BigDecimal(usd).setScale(12);
    CostRollup rollup =
        CostRollup.newBuilder()
            .setWindow(RollupWindow.DAY)
            .setWindowStartMicros(micros)
            .setTeam(team)
            .setModel("m")
            .setFeature("f")
            .setEvents(10)
            .setUnpricedEvents(0)
            .setCost(cost)
            .setListCost(cost)
            .setAvoidedCost(BigDecimal.ZERO.setScale(12))
            .setRequests(10)
            .setInputTokens(100)
            .setOutputTokens(100)
            .setRevision(1)
            .setLastEventMicros(Micros.of(Instant.now()))
            .build();
    byte[] key = new RollupKey(RollupWindow.DAY, micros, team, "m", "f").toBytes();
    producer
        .send(new ProducerRecord<>(Topics.ROLLUPS.name(PREFIX), key, codec.encode(rollup)))
        .get(10, TimeUnit.SECONDS);
  }

  private LocalDate today() {
    return Instant.now().atOffset(zone).toLocalDate();
  }

  @Test
  void givenSpendThatGrowsThenGatewaysSeeItAndEachThresholdIsToldOnceAlsoAfterAKill()
      throws Exception {
    start();
    await().atMost(PATIENCE).until(() -> status("/v1/budgets/search-day") == 200);
    assertThat(budget("search-day").get("state").asText()).isEqualTo("normal");
    assertThat(status("/v1/budgets/none")).isEqualTo(404);

    spend("search", today(), "860.5");
    await()
        .atMost(PATIENCE)
        .until(() -> budget("search-day").get("action").asText().equals("degrade"));
    await().atMost(PATIENCE).until(() -> receiver.received.size() == 1);
    JsonNode opened = receiver.received.get(0).json();
    assertThat(opened.get("type").asText()).isEqualTo("io.outlay.incident.opened");
    assertThat(opened.at("/data/rule/type").asText()).isEqualTo("budget");
    assertThat(opened.at("/data/rule/threshold").decimalValue()).isEqualByComparingTo("0.85");
    HttpResponse<String> answer = get("/v1/budgets/search-day");
    String tag = answer.headers().firstValue("ETag").orElseThrow();
    assertThat(status("/v1/budgets/search-day", "If-None-Match", tag)).isEqualTo(304);

    kill();
    start();
    assertThat(budget("search-day").get("actualUsd").asText()).isEqualTo("860.50");
    spend("docs", today(), "4200");
    spend("search", today(), "1000");
    await()
        .atMost(PATIENCE)
        .until(() -> budget("search-day").get("action").asText().equals("refuse"));
    await()
        .atMost(PATIENCE)
        .until(() -> budget("everything").get("state").asText().equals("exhausted"));
    await().atMost(PATIENCE).until(() -> receiver.received.size() == 2);
    assertThat(receiver.received.get(1).json().get("type").asText())
        .isEqualTo("io.outlay.incident.escalated");
    await()
        .during(Duration.ofSeconds(2))
        .atMost(PATIENCE)
        .until(() -> receiver.received.size() == 2);

    assertThat(lastWritten("search-day").getLevel()).isEqualTo(BudgetLevel.EXHAUSTED);
    assertThat(lastWritten("everything").getActualUsd()).isEqualByComparingTo("5200");
    measure("/v1/budgets/search-day");
    measure("/v1/budgets");

    program.destroy();
    assertThat(program.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(log())).doesNotContain("ERROR").doesNotContain("\tat ");
  }

  private BudgetState lastWritten(String name) {
    AvroCodec<BudgetState> states =
        AvroCodec.of(Topics.BUDGET_STATES, PREFIX, new HttpSchemaRegistry(registry.url()));
    BudgetState[] last = new BudgetState[1];
    try (KafkaConsumer<byte[], byte[]> consumer = Clients.consumer(kafka.bootstrapServers())) {
      TopicPartition partition = new TopicPartition(Topics.BUDGET_STATES.name(PREFIX), 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        consumer
            .poll(Duration.ofMillis(100))
            .forEach(
                record -> {
                  if (name.equals(new String(record.key(), StandardCharsets.UTF_8))) {
                    last[0] = states.decode(record.value());
                  }
                });
      }
    }
    return last[0];
  }

  /**
   * Says what an answer takes, over one connection of loopback and without a client library; no
   * limit, since what else runs here counts too.
   */
  private void measure(String path) throws IOException {
    byte[] request =
        ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    long[] nanos = new long[REQUESTS];
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int i = -WARM_UP; i < REQUESTS; i++) {
        long start = System.nanoTime();
        socket.getOutputStream().write(request);
        assertThat(readAnswer(in)).startsWith("HTTP/1.1 200 ");
        nanos[Math.max(0, i)] = System.nanoTime() - start;
      }
    }
    Arrays.sort(nanos);
    System.out.printf(
        "%s: %d requests, median %d µs, p99 %d µs%n",
        path, REQUESTS, nanos[REQUESTS / 2] / 1_000, nanos[REQUESTS / 100 * 99] / 1_000);
  }

  private static String readAnswer(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    Matcher length = LENGTH.matcher(head);
    assertThat(length.find()).isTrue();
    in.readNBytes(Integer.parseInt(length.group(1)));
    return head.toString();
  }
}
