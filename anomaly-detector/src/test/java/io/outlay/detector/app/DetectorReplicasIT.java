package io.outlay.detector.app;

import io.outlay.config.ConfigChecks;
import io.outlay.detector.app.DetectorService.Phase;
import io.outlay.detector.incident.IncidentBook;
import io.outlay.detector.incident.IncidentLogException;
import io.outlay.detector.incident.Micros;
import io.outlay.schema.CostRollup;
import io.outlay.schema.Incident;
import io.outlay.schema.IncidentStatus;
import io.outlay.schema.Notification;
import io.outlay.schema.RollupWindow;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.topic.RollupKey;
import io.outlay.topic.TopicProvisioner;
import io.outlay.topic.Topics;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
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
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Two detectors on one topic: one judges and sends, the other takes over where it stopped. */
class DetectorReplicasIT {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static KafkaClusterTestKit kafka;
  private static RegistryStub registry;
  private static int tests;

  @TempDir private Path scratch;
  private final String prefix = "r" + ++tests + ".";
  // Some zone in which it is about noon, so that there is a day to judge whenever this runs.
  private final ZoneOffset zone =
      ZoneOffset.ofHours(12 - Instant.now().atOffset(ZoneOffset.UTC).getHour());
  private WebhookReceiver receiver;
  private KafkaProducer<byte[], byte[]> producer;
  private AvroCodec<CostRollup> rollups;
  private DetectorService first;
  private DetectorService second;

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
            .setConfigProp("offsets.topic.num.partitions", "1")
            .setConfigProp("group.initial.rebalance.delay.ms", "0")
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
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      new TopicProvisioner(admin, prefix, 2).provision();
    }
    rollups = AvroCodec.of(Topics.ROLLUPS, prefix, new HttpSchemaRegistry(registry.url()));
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers", kafka.bootstrapServers(), "transactional.id", prefix + "it"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    first = detector(18_082);
    second = detector(18_083);
  }

  @AfterEach
  void cleanUp() {
    receiver.holdBack.countDown();
    first.close();
    second.close();
    producer.close(Duration.ofSeconds(1));
    receiver.close();
  }

  /** A detector that listens nowhere; the port tells the two apart. */
  private DetectorService detector(int port) throws Exception {
    Path file = scratch.resolve("outlay-" + port + ".yaml");
    Files.writeString(
        file,
        """
        timezone: "%s"
        kafka: {bootstrapServers: "%s", topicPrefix: "%s"}
        registry: {url: "%s"}
        detector: {port: %d}
        receivers:
          - {name: oncall, type: webhook, url: "%s", secret: "%s", allowPrivate: true}
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
                SECRET));
    return new DetectorService(Settings.of(ConfigChecks.load(file, Map.of())), Clock.systemUTC());
  }

  private LocalDate today() {
    return Instant.now().atOffset(zone).toLocalDate();
  }

  private void spend(String team, LocalDate day, int usdOfDay, Instant until) {
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
        long micros = Micros.of(start);
        CostRollup rollup =
            CostRollup.newBuilder()
                .setWindow(RollupWindow.HOUR)
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
                .setLastEventMicros(Micros.of(stop.minusMillis(1)))
                .build();
        var unused =
            producer.send(
                new ProducerRecord<>(
                    Topics.ROLLUPS.name(prefix),
                    new RollupKey(
                            RollupWindow.HOUR, micros, team, "model-" + team, "feature-" + team)
                        .toBytes(),
                    rollups.encode(rollup)));
      }
    }
    producer.commitTransaction();
  }

  private void rises(String team, int usdOfDay) {
    for (int ago = 7; ago >= 1; ago--) {
      spend(team, today().minusDays(ago), 100, Instant.MAX);
    }
    spend(team, today(), usdOfDay, Instant.now());
  }

  private void startBoth() {
    first.start();
    await().atMost(PATIENCE).until(() -> first.phase() == Phase.JUDGING);
    second.start();
    await().atMost(PATIENCE).until(() -> second.phase() == Phase.STANDBY);
  }

  private static List<Incident> incidents(DetectorService service) {
    return service.reading().map(reading -> reading.book().latest(100)).orElse(List.of());
  }

  private boolean isDelivered(DetectorService service) {
    List<Notification> all =
        incidents(service).stream()
            .flatMap(incident -> incident.getNotifications().stream())
            .toList();
    return !all.isEmpty()
        && all.stream().noneMatch(notification -> notification.getDeliveredAtMicros() == null);
  }

  private void onlyOneMessage() {
    assertThat(receiver.received)
        .extracting(WebhookReceiver.Received::id)
        .containsOnly(receiver.received.get(0).id());
    assertThat(receiver.received)
        .extracting(WebhookReceiver.Received::body)
        .containsOnly(receiver.received.get(0).body());
  }

  @Test
  void givenTwoDetectorsWhenSpendRisesThenOneSendsAndTheOtherKnows() {
    startBoth();
    rises("search", 150);
    await().atMost(PATIENCE).until(() -> isDelivered(first) && isDelivered(second));

    assertThat(receiver.received).hasSize(1);
    assertThat(second.reading().orElseThrow().isLeader()).isFalse();
    assertThat(second.hindrance()).isEmpty();
    assertThat(second.writing()).isEmpty();
    assertThat(incidents(second)).isEqualTo(incidents(first));

    String id = incidents(first).get(0).getIncidentId();
    var unused = first.writing().orElseThrow().desk().acknowledge(id, "mira");
    await()
        .atMost(PATIENCE)
        .until(() -> incidents(second).get(0).getStatus() == IncidentStatus.ACKNOWLEDGED);
    first.close();
    await().atMost(Duration.ofSeconds(15)).until(() -> second.phase() == Phase.JUDGING);
    // It goes on where the other stopped.
    rises("search", 300);
    await().atMost(PATIENCE).until(() -> receiver.received.size() == 3);
    assertThat(receiver.received)
        .extracting(received -> received.json().get("type").asText())
        .containsExactly(
            "io.outlay.incident.opened",
            "io.outlay.incident.acknowledged",
            "io.outlay.incident.escalated");
    assertThat(incidents(second)).hasSize(1);
  }

  @Test
  void givenWrittenAndNotSentWhenTheLeaderIsGoneThenTheOtherSendsTheSame() {
    receiver.answer = 500;
    startBoth();
    rises("search", 150);
    await().atMost(PATIENCE).until(() -> !receiver.received.isEmpty());
    first.close();
    receiver.answer = 204;

    await().atMost(PATIENCE).until(() -> isDelivered(second));
    onlyOneMessage();
    assertThat(incidents(second)).hasSize(1);
  }

  @Test
  void givenSentAndNotSettledWhenTheLeaderIsGoneThenTheOtherSendsTheSameAgain() {
    receiver.holdBack = new CountDownLatch(1);
    startBoth();
    rises("search", 150);
    await().atMost(PATIENCE).until(() -> receiver.received.size() == 1);
    first.close();
    receiver.holdBack.countDown();

    await().atMost(PATIENCE).until(() -> isDelivered(second));
    assertThat(receiver.received).hasSize(2);
    onlyOneMessage();
    assertThat(incidents(second)).hasSize(1);
  }

  @Test
  void givenOtherRulesWhenTakenThenJudgedByThemAndIncidentsOfThoseThatAreGoneResolve()
      throws Exception {
    startBoth();
    rises("search", 150);
    await().atMost(PATIENCE).until(() -> isDelivered(first));
    Path file = scratch.resolve("outlay-18082.yaml");
    Files.writeString(
        file, Files.readString(file).replace("daily-spend,", "renamed, threshold: 1.3,"));
    first.judgeBy(Settings.of(ConfigChecks.load(file, Map.of())));

    await().atMost(PATIENCE).until(() -> receiver.received.size() == 3);
    assertThat(receiver.received)
        .extracting(
            received ->
                received.json().at("/data/rule/name").asText()
                    + " "
                    + received.json().at("/data/status").asText()
                    + " "
                    + received.json().at("/data/resolution").asText())
        .containsExactlyInAnyOrder(
            "daily-spend open ", "daily-spend resolved rule-removed", "renamed open ");
    assertThat(first.isLeader()).isTrue();
    assertThat(first.rules().get(0).terms().name()).isEqualTo("renamed");
  }

  @Test
  void givenAStalledLeaderWhenAnotherHasTakenOverThenItCannotWrite() {
    AvroCodec<Incident> codec =
        AvroCodec.of(Topics.INCIDENTS, prefix, new HttpSchemaRegistry(registry.url()));
    String topic = Topics.INCIDENTS.name(prefix);
    String servers = kafka.bootstrapServers();
    try (KafkaIncidentLog stalled =
            new KafkaIncidentLog(Clients.producer(servers, prefix), topic, codec);
        KafkaIncidentLog next =
            new KafkaIncidentLog(Clients.producer(servers, prefix), topic, codec);
        KafkaConsumer<byte[], byte[]> reader = Clients.consumer(servers)) {
      stalled.begin();
      stalled.write(List.of(open("inc_1")));
      next.begin();
      assertThatThrownBy(() -> stalled.write(List.of(open("inc_2"))))
          .isInstanceOf(IncidentLogException.class);
      assertThat(stalled.isOver()).isTrue();
      next.write(List.of(open("inc_3")));
      assertThat(next.isOver()).isFalse();

      IncidentBook book = new IncidentBook(incidents -> {});
      next.follow(reader);
      next.catchUp(reader, book);
      assertThat(book.open())
          .extracting(Incident::getIncidentId)
          .containsExactlyInAnyOrder("inc_1", "inc_3");
    }
  }

  private static Incident open(String id) {
    return IncidentRequestsTest.incident(id, IncidentStatus.OPEN, Map.of("team", "search"));
  }
}
