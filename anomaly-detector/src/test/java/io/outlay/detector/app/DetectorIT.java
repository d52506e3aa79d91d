package io.outlay.detector.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.detector.delivery.WebhookSigner;
import io.outlay.detector.incident.Micros;
import io.outlay.schema.CostRollup;
import io.outlay.schema.RollupWindow;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.topic.RollupKey;
import io.outlay.topic.TopicProvisioner;
import io.outlay.topic.Topics;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.apache.kafka.common.test.TestKitNodes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The packaged program against a real broker: rollups in, webhooks out, killed at any step. */
class DetectorIT {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static KafkaClusterTestKit kafka;
  private static RegistryStub registry;
  private static int tests;

  @TempDir private Path scratch;
  private final String prefix = "t" + ++tests + ".";
  // Some zone in which it is about noon, so that there is a day to judge whenever this runs.
  private final ZoneOffset zone =
      ZoneOffset.ofHours(12 - Instant.now().atOffset(ZoneOffset.UTC).getHour());
  private WebhookReceiver receiver;
  private WebhookReceiver backup;
  private KafkaProducer<byte[], byte[]> producer;
  private AvroCodec<CostRollup> codec;
  private Process program;
  private int port;

  @BeforeAll
  static void startKafka() throws Exception {
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
            .setConfigProp("transaction.state.log.num.partitions", "1")
            .build();
    kafka.format();
    kafka.startup();
    kafka.waitForReadyBrokers();
    registry = new RegistryStub();
  }

  @AfterAll
  static void stopKafka() throws Exception {
    registry.close();
    kafka.close();
  }

  @BeforeEach
  void prepare() throws Exception {
    receiver = new WebhookReceiver();
    backup = new WebhookReceiver();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      new TopicProvisioner(admin, prefix, 2).provision();
    }
    codec = AvroCodec.of(Topics.ROLLUPS, prefix, new HttpSchemaRegistry(registry.url()));
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers", kafka.bootstrapServers(), "transactional.id", prefix + "it"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    Files.deleteIfExists(log());
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    configure("");
  }

  /** Writes the configuration, with keys of the receiver beside the usual ones. */
  private void configure(String more) throws IOException {
    Files.writeString(
        scratch.resolve("outlay.yaml"),
        """
        timezone: "%s"
        kafka: {bootstrapServers: "%s", topicPrefix: "%s"}
        registry: {url: "%s"}
        detector: {port: %d}
        receivers:
          - {name: oncall, type: webhook, url: "%s", secret: "%s", allowPrivate: true%s}
          - {name: backup, type: alertmanager, url: "%s", allowPrivate: true}
        rules:
          - {name: daily-spend, type: spend-ratio, receivers: [oncall]}
        """
            .formatted(
                zone,
                kafka.bootstrapServers(),
                prefix,
                registry.url(),
                port,
                receiver.url(),
                SECRET,
                more,
                backup.url()));
  }

  @AfterEach
  void cleanUp() throws InterruptedException {
    kill();
    producer.close(Duration.ofSeconds(1));
    receiver.close();
    backup.close();
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
  }

  private Path log() {
    return Path.of("target", "detector-" + prefix + "log").toAbsolutePath();
  }

  private void awaitReady() {
    await().atMost(PATIENCE).until(() -> status("/q/health/ready") == 200);
  }

  private void kill() throws InterruptedException {
    if (program != null) {
      program.destroyForcibly();
      assertThat(program.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private int status(String path) {
    try {
      return get(path).statusCode();
    } catch (IOException e) {
      return -1;
    }
  }

  private HttpResponse<String> get(String path) throws IOException {
    try {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
              HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  /** Hours of a day at a rate, up to an instant, in one transaction. */
  private void spend(String team, LocalDate day, double usdOfDay, Instant until, boolean commit) {
    producer.beginTransaction();
    for (int hour = 0; hour < 24; hour++) {
      Instant start = day.atTime(hour, 0).toInstant(zone);
      if (start.isBefore(until)) {
        Instant end = start.plus(1, ChronoUnit.HOURS);
        Instant stop = end.isBefore(until) ? end : until;
        BigDecimal cost =
            BigDecimal.valueOf(usdOfDay)
                .multiply(BigDecimal.valueOf(Duration.between(start, stop).toMillis()))
                .divide(BigDecimal.valueOf(86_400_000L), 12, RoundingMode.HALF_EVEN);
        send(RollupWindow.HOUR, team, start, cost, stop.minusMillis(1));
        // What is not an hour is not to be counted again.
        send(RollupWindow.MINUTE, team, start, cost, stop.minusMillis(1));
      }
    }
    if (commit) {
      producer.commitTransaction();
    } else {
      producer.flush();
      producer.abortTransaction();
    }
  }

  private void send(
      RollupWindow window, String team, Instant start, BigDecimal cost, Instant lastEvent) {
    long micros = Micros.of(start);
    CostRollup rollup =
        CostRollup.newBuilder()
            .setWindow(window)
            .setWindowStartMicros(micros)
            .setTeam(team)
            .setModel("model-" + team)
            .setFeature("feature-" + team)
            .setEvents(10)
            .setUnpricedEvents(0)
            .setCost(cost)
            .setListCost(cost)
            .setAvoidedCost(BigDecimal.ZERO.setScale(12))
            .setRequests(10)
            .setInputTokens(100)
            .setOutputTokens(100)
            .setRevision(1)
            .setLastEventMicros(Micros.of(lastEvent))
            .build();
    // Committing reports what sending could not do.
    var unused =
        producer.send(
            new ProducerRecord<>(
                Topics.ROLLUPS.name(prefix),
                new RollupKey(window, micros, team, "model-" + team, "feature-" + team).toBytes(),
                codec.encode(rollup)));
  }

  private LocalDate today() {
    return Instant.now().atOffset(zone).toLocalDate();
  }

  private void week(String team) {
    for (int ago = 7; ago >= 1; ago--) {
      spend(team, today().minusDays(ago), 100, Instant.MAX, true);
    }
  }

  private void today(String team, double usdOfDay) {
    spend(team, today(), usdOfDay, Instant.now(), true);
  }

  private JsonNode incidents() throws IOException {
    return new ObjectMapper().readTree(get("/v1/incidents").body()).get("incidents");
  }

  @Test
  void givenSpendLeavesItsBaselineWhenTheProgramRunsThenOneSignedWebhookWithinSeconds()
      throws Exception {
    start();
    awaitReady();
    week("search");
    week("docs");
    today("docs", 100);
    today("search", 115);
    // An aborted transaction is no spend.
    spend("search", today(), 900, Instant.now(), false);
    await()
        .atMost(PATIENCE)
        .until(() -> metric("outlay_detector_rollups_total{kind=\"hour\"}") > 300);
    await().during(Duration.ofSeconds(2)).atMost(PATIENCE).until(() -> receiver.received.isEmpty());

    Instant visible = Instant.now();
    today("search", 150);
    await().atMost(PATIENCE).until(() -> !receiver.received.isEmpty());
    Duration took = Duration.between(visible, Instant.now());
    assertThat(took).isLessThan(Duration.ofSeconds(5));

    WebhookReceiver.Received webhook = receiver.received.get(0);
    assertThat(webhook.contentType()).isEqualTo("application/cloudevents+json");
    assertThat(webhook.signature())
        .isEqualTo(
            new WebhookSigner(SECRET)
                .sign(webhook.id(), Long.parseLong(webhook.timestamp()), webhook.body()));
    JsonNode event = webhook.json();
    assertThat(event.get("type").asText()).isEqualTo("io.outlay.incident.opened");
    assertThat(event.at("/data/scope/team").asText()).isEqualTo("search");
    assertThat(event.at("/data/ratio").decimalValue())
        .isBetween(new BigDecimal("1.49"), new BigDecimal("1.51"));
    await()
        .during(Duration.ofSeconds(2))
        .atMost(PATIENCE)
        .until(() -> receiver.received.size() == 1);

    assertThat(incidents()).hasSize(1);
    JsonNode incident = incidents().get(0);
    assertThat(incident.at("/notifications/0/webhookId").asText()).isEqualTo(webhook.id());
    assertThat(incident.at("/notifications/0/deliveredAt").isNull()).isFalse();
    String id = incident.get("incidentId").asText();
    assertThat(status("/v1/incidents/" + id)).isEqualTo(200);
    assertThat(status("/v1/incidents/inc_none")).isEqualTo(404);
    assertThat(metric("outlay_detector_incidents_total{step=\"opened\"}")).isEqualTo(1);

    assertThat(post("/v1/incidents/" + id + "/ack", "{}").statusCode()).isEqualTo(400);
    assertThat(post("/v1/incidents/inc_none/ack", "{\"by\":\"mira\"}").statusCode()).isEqualTo(404);
    HttpResponse<String> taken = post("/v1/incidents/" + id + "/ack", "{\"by\":\"mira\"}");
    assertThat(taken.statusCode()).isEqualTo(200);
    assertThat(taken.headers().firstValue("Outlay-Role")).contains("leader");
    assertThat(new ObjectMapper().readTree(taken.body()).get("status").asText())
        .isEqualTo("acknowledged");
    await().atMost(PATIENCE).until(() -> receiver.received.size() == 2);
    assertThat(get("/v1/incidents?status=open").body()).isEqualTo("{\"incidents\":[]}");
    assertThat(status("/v1/incidents?status=opne")).isEqualTo(400);

    // Prices are corrected: the spend falls back.
    today("search", 110);
    await().atMost(PATIENCE).until(() -> receiver.received.size() == 3);
    assertThat(receiver.received.get(2).json().get("type").asText())
        .isEqualTo("io.outlay.incident.resolved");
    assertThat(post("/v1/incidents/" + id + "/ack", "{\"by\":\"mira\"}").statusCode())
        .isEqualTo(409);

    program.destroy();
    assertThat(program.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(log())).doesNotContain("ERROR").doesNotContain("\tat ");
  }

  @Test
  void givenKilledBeforeDeliveryWhenRestartedThenTheSameMessageAndAfterDeliveryNoMore()
      throws Exception {
    receiver.answer = 500;
    week("search");
    today("search", 150);
    start();
    await().atMost(PATIENCE).until(() -> receiver.received.size() >= 2);
    kill();
    receiver.answer = 200;
    int before = receiver.received.size();

    start();
    await().atMost(PATIENCE).until(() -> receiver.received.size() > before);
    awaitReady();
    await()
        .atMost(PATIENCE)
        .until(() -> !incidents().at("/0/notifications/0/deliveredAt").isNull());
    kill();
    assertThat(receiver.received)
        .extracting(WebhookReceiver.Received::id)
        .containsOnly(receiver.received.get(0).id());
    assertThat(receiver.received)
        .extracting(WebhookReceiver.Received::body)
        .containsOnly(receiver.received.get(0).body());
    int delivered = receiver.received.size();

    start();
    awaitReady();
    today("search", 160);
    await()
        .during(Duration.ofSeconds(2))
        .atMost(PATIENCE)
        .until(() -> receiver.received.size() == delivered);
    assertThat(incidents()).hasSize(1);
  }

  @Test
  void givenKilledAtAnyStepWhenRestartedThenNothingIsLostAndNothingOpensTwice() throws Exception {
    Random random = new Random(7);
    int rounds = 5;
    for (int round = 0; round < rounds; round++) {
      week("team-" + round);
      today("team-" + round, 100);
    }
    for (int round = 0; round < rounds; round++) {
      start();
      if (round % 2 == 0) {
        awaitReady();
      }
      today("team-" + round, 200);
      // Not a wait for something: the moment of the kill is what varies.
      program.waitFor(random.nextInt(2_500), TimeUnit.MILLISECONDS);
      kill();
    }
    start();
    awaitReady();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                incidents().size() == rounds
                    && incidents().findValues("deliveredAt").stream().noneMatch(JsonNode::isNull));
    Map<String, List<WebhookReceiver.Received>> byId =
        receiver.received.stream()
            .collect(
                Collectors.groupingBy(
                    WebhookReceiver.Received::id, HashMap::new, Collectors.toList()));
    assertThat(byId).hasSize(rounds);
    byId.values()
        .forEach(
            attempts ->
                assertThat(attempts)
                    .extracting(WebhookReceiver.Received::body)
                    .containsOnly(attempts.get(0).body()));
    assertThat(
            receiver.received.stream()
                .map(webhook -> webhook.json().at("/data/scope/team").asText())
                .distinct())
        .hasSize(rounds);
  }

  @Test
  void givenReceiverFailsWhenItHasAFallbackThenThatIsToldAndBothCanBeLookedAtAndTried()
      throws Exception {
    configure(", fallback: backup, fallbackAfter: 2");
    receiver.answer = 500;
    week("search");
    today("search", 150);
    start();
    awaitReady();

    await().atMost(PATIENCE).until(() -> !backup.received.isEmpty());
    JsonNode told = backup.received.get(0).json();
    assertThat(told.get("version").asText()).isEqualTo("4");
    assertThat(told.at("/commonLabels/incident").asText())
        .isEqualTo(receiver.received.get(0).json().at("/data/incidentId").asText());
    assertThat(receiver.received).hasSizeGreaterThanOrEqualTo(2);

    JsonNode receivers = new ObjectMapper().readTree(get("/v1/receivers").body()).get("receivers");
    assertThat(receivers.findValuesAsText("name")).containsExactly("oncall", "backup");
    assertThat(receivers.at("/0/pending").asInt()).isEqualTo(1);
    assertThat(receivers.at("/0/lastFailure/status").asInt()).isEqualTo(500);
    assertThat(receivers.at("/0/lastSuccess").isNull()).isTrue();
    assertThat(receivers.toString()).doesNotContain("/hook").doesNotContain(SECRET);
    JsonNode deliveries =
        new ObjectMapper()
            .readTree(get("/v1/deliveries?receiver=oncall&limit=2").body())
            .get("deliveries");
    assertThat(deliveries).hasSize(2);
    assertThat(deliveries.at("/0/outcome").asText()).isEqualTo("failed");
    assertThat(deliveries.at("/1/messageId").asText()).isEqualTo(receiver.received.get(0).id());
    assertThat(status("/v1/deliveries?limit=0")).isEqualTo(400);
    assertThat(status("/v1/deliveries?receiver=nobody")).isEqualTo(404);

    HttpResponse<String> refused = post("/v1/receivers/oncall/test");
    assertThat(refused.statusCode()).isEqualTo(502);
    assertThat(new ObjectMapper().readTree(refused.body()).get("status").asInt()).isEqualTo(500);
    receiver.answer = 204;
    HttpResponse<String> taken = post("/v1/receivers/oncall/test");
    assertThat(taken.statusCode()).isEqualTo(200);
    String test = new ObjectMapper().readTree(taken.body()).get("messageId").asText();
    assertThat(receiver.received)
        .filteredOn(webhook -> webhook.id().equals(test))
        .singleElement()
        .satisfies(webhook -> assertThat(webhook.json().at("/data/test").asBoolean()).isTrue());
    assertThat(post("/v1/receivers/nobody/test").statusCode()).isEqualTo(404);

    // Once it works again it gets what it was owed, and both are told that it is over.
    today("search", 100);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                receiver.received.stream()
                        .anyMatch(webhook -> webhook.body().contains("incident.resolved"))
                    && backup.received.stream()
                        .anyMatch(webhook -> webhook.body().contains("\"resolved\"")));
  }

  private HttpResponse<String> post(String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private double metric(String name) throws IOException {
    return get("/q/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
