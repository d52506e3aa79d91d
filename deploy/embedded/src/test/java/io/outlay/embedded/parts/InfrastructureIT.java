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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

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
