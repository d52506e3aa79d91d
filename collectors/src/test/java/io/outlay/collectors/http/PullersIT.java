package io.outlay.collectors.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.outlay.collectors.testing.ProgramUnderTest;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.UsageEvent;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The program as it is shipped reads an exporter and a listing by itself. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PullersIT {
  private static final long SECOND = 1_000_000;
  private static final String FAILED =
      "outlay_puller_readings_total{kind=\"gpu\",outcome=\"failed\",target=\"node-1\"}";
  private static final String MISSED =
      "outlay_puller_slots_missed_total{kind=\"gpu\",target=\"node-1\"}";
  private static final String LISTING = "dataset,tier,bytes,team\nlogs,hot,100,search\n";
  private static final String MOVED =
      "dataset,tier,bytes,team\nlogs,hot,30,search\nlogs,cold,70,search\n";

  @TempDir static Path directory;

  private static HttpServer targets;
  private static ProgramUnderTest program;
  private static volatile String listing = LISTING;
  private static volatile int status = 200;

  @BeforeAll
  static void start() throws Exception {
    String metrics;
    try (InputStream in =
        Objects.requireNonNull(PullersIT.class.getResourceAsStream("/dcgm/mig.txt"))) {
      metrics = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    targets = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    targets.createContext("/metrics", exchange -> send(exchange, "oops{\n" + metrics));
    targets.createContext("/listing", exchange -> send(exchange, listing));
    targets.start();
    int port = targets.getAddress().getPort();
    Path config = directory.resolve("outlay.yaml");
    Files.writeString(
        config,
        """
        attribution:
          - {namespace: ml-training, team: ml}
        pullers:
          gpus:
            - {name: node-1, url: "http://127.0.0.1:%d/metrics", interval: 1s, timeout: 1s, team: platform, cloud: aws}
          inventories:
            - {name: lake, url: "http://127.0.0.1:%d/listing", interval: 1s, timeout: 1s, store: lake, team: data}
        """
            .formatted(port, port));
    program =
        ProgramUnderTest.ready(
            "pullers-it",
            Map.of(
                "CONFIG_FILE",
                config.toString(),
                "OUTLAY_COLLECTORS_STATEDIR",
                directory.resolve("state").toString()));
  }

  @AfterAll
  static void stop() throws Exception {
    if (program != null) {
      program.close();
    }
    if (targets != null) {
      targets.stop(0);
    }
  }

  @Test
  @Order(1)
  void givenExporter_thenEveryGpuIsOneGpuInEverySlot() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> slots(GpuUsage.class).size() >= 3 && slots(StorageUsage.class).size() >= 3);

    List<UsageEvent> events = of(GpuUsage.class);
    assertThat(events).extracting(UsageEvent::getId).doesNotHaveDuplicates();
    Map<Long, Long> micros =
        events.stream()
            .collect(
                Collectors.groupingBy(
                    UsageEvent::getEventTimeMicros,
                    Collectors.summingLong(e -> ((GpuUsage) e.getDetail()).getGpuMicros())));
    assertThat(micros.values()).containsOnly(SECOND);
    assertThat(micros.keySet()).allMatch(time -> time % SECOND == 0);
    assertThat(events)
        .filteredOn(e -> ((GpuUsage) e.getDetail()).getWorkload().equals("ml-training/eval-0"))
        .hasSameSizeAs(micros.keySet())
        .extracting(UsageEvent::getTeam)
        .containsOnly("ml");
  }

  @Test
  @Order(2)
  void givenBytesThatChangeTier_thenOneMove() {
    listing = MOVED;
    await().atMost(Duration.ofSeconds(20)).until(() -> !of(StorageMove.class).isEmpty());
    int slots = slots(StorageUsage.class).size();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> slots(StorageUsage.class).size() >= slots + 2);

    List<UsageEvent> moves = of(StorageMove.class);
    assertThat(moves).hasSize(1);
    assertThat(moves.get(0).getTeam()).isEqualTo("search");
    assertThat(moves.get(0).getDetail())
        .isEqualTo(
            StorageMove.newBuilder()
                .setStore("lake")
                .setDataset("logs")
                .setBytes(70)
                .setFromTier("hot")
                .setToTier("cold")
                .build());
    assertThat(of(StorageUsage.class))
        .allMatch(e -> ((StorageUsage) e.getDetail()).getMicros() == SECOND);
  }

  @Test
  @Order(3)
  void givenTargetsThatFail_thenCountedAndSaidOnce() throws Exception {
    // Kafka may have come later than the first reading.
    double failedBefore = program.metrics().get(FAILED);
    double missedBefore = program.metrics().get(MISSED);
    status = 500;
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                program.metrics().get(FAILED) >= failedBefore + 3
                    && program.metrics().get(MISSED) > missedBefore
                    && program.log().contains("gpu target node-1: answered 500"));

    assertThat(program.log())
        .containsOnlyOnce("gpu target node-1: answered 500")
        .containsOnlyOnce(
            "gpu target node-1: 1 rejected, the first: line 1: must have a label or }")
        .doesNotContain("\tat ");

    status = 200;
    String log = program.log();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> program.log().substring(log.length()).contains("node-1: is well again"));
  }

  @Test
  @Order(4)
  void givenAllThat_thenTheCountsBalance() throws Exception {
    status = 500;
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                program
                        .metrics()
                        .getOrDefault(
                            "outlay_puller_last_success_age_seconds{kind=\"inventory\",target=\"lake\"}",
                            0.0)
                    > 2);

    Map<String, Double> metrics = program.metrics();
    for (String format : List.of("dcgm", "inventory")) {
      assertThat(metrics.get("outlay_ingest_received_total{format=\"" + format + "\"}"))
          .isEqualTo(
              events(metrics, format, "accepted")
                  + events(metrics, format, "rejected")
                  + events(metrics, format, "ignored")
                  + events(metrics, format, "unacknowledged"));
      assertThat(events(metrics, format, "unacknowledged")).isZero();
    }
    assertThat(events(metrics, "dcgm", "accepted")).isEqualTo(of(GpuUsage.class).size());
    assertThat(events(metrics, "dcgm", "rejected")).isEqualTo(slots(GpuUsage.class).size());
    assertThat(events(metrics, "inventory", "accepted"))
        .isEqualTo(of(StorageUsage.class).size() + of(StorageMove.class).size());
    assertThat(
            metrics.get(
                "outlay_puller_readings_total{kind=\"gpu\",outcome=\"ok\",target=\"node-1\"}"))
        .isEqualTo(slots(GpuUsage.class).size());
  }

  @Test
  @Order(5)
  void givenSigterm_thenEndsWithinSeconds() throws Exception {
    program.process().destroy();

    assertThat(program.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(program.log()).doesNotContain("\tat ");
  }

  private static double events(Map<String, Double> metrics, String format, String outcome) {
    return metrics.getOrDefault(
        "outlay_ingest_events_total{format=\"" + format + "\",outcome=\"" + outcome + "\"}", 0.0);
  }

  private static List<Long> slots(Class<?> detail) {
    return of(detail).stream().map(UsageEvent::getEventTimeMicros).distinct().toList();
  }

  private static List<UsageEvent> of(Class<?> detail) {
    return program.stored().stream().filter(event -> detail.isInstance(event.getDetail())).toList();
  }

  private static void send(HttpExchange exchange, String body) throws IOException {
    try (exchange) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
