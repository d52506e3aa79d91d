package io.outlay.it;

import io.outlay.embedded.cli.ClickHouseQuery;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.clickhouse.ClickHouseContainer;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startables;

import static org.awaitility.Awaitility.await;

/** Kafka, Apicurio and ClickHouse in containers, and the four programs as processes beside them. */
final class ContainerStack extends RunningStack {
  private static final Map<String, String> PROGRAMS =
      Map.of(
          "collectors", "collectors",
          "streams-app", "streams",
          "clickhouse-sink", "sink",
          "anomaly-detector", "detector");
  private static final int REGISTRY_PORT = 8080;
  private static final Duration READY_WITHIN = Duration.ofMinutes(2);

  private final KafkaContainer kafka = new KafkaContainer("apache/kafka:4.3.1");
  private final GenericContainer<?> registry =
      new GenericContainer<>("apicurio/apicurio-registry:3.0.9")
          .withExposedPorts(REGISTRY_PORT)
          .waitingFor(Wait.forHttp("/health/ready").forPort(REGISTRY_PORT));
  private final ClickHouseContainer clickhouse =
      new ClickHouseContainer("clickhouse/clickhouse-server:26.8");
  private final Path directory;
  private final Map<String, Integer> ports = new HashMap<>();
  private int grpcPort;
  private final Map<String, Process> processes = new HashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();

  private ContainerStack(Path directory) {
    this.directory = directory;
  }

  static ContainerStack start(String configuration) throws Exception {
    boolean docker = DockerClientFactory.instance().isDockerAvailable();
    if (!docker) {
      System.out.println(
          "SKIPPED: the profile `containers` needs a Docker engine, and none answers");
    }
    Assumptions.assumeTrue(docker, "no Docker engine answers");
    ContainerStack stack = new ContainerStack(Files.createTempDirectory("outlay-it"));
    try {
      Startables.deepStart(stack.kafka, stack.registry, stack.clickhouse).join();
      List<Integer> free = freePorts(PROGRAMS.size() + 1);
      StringBuilder yaml = new StringBuilder(configuration).append(stack.addresses());
      for (Map.Entry<String, String> program : PROGRAMS.entrySet()) {
        int port = free.get(stack.ports.size());
        stack.ports.put(program.getKey(), port);
        String more = program.getKey().equals("collectors") ? METERED : "";
        yaml.append("%s: {port: %d%s}%n".formatted(program.getValue(), port, more));
      }
      stack.grpcPort = free.get(PROGRAMS.size());
      Files.writeString(stack.directory.resolve("outlay.yaml"), yaml);
      stack.up();
      return stack;
    } catch (Exception e) {
      stack.close();
      throw e;
    }
  }

  private String addresses() {
    return """

        kafka: {bootstrapServers: "%s"}
        registry: {url: "%s"}
        clickhouse: {url: "http://%s:%d", user: "%s", password: "%s"}
        """
        .formatted(
            kafka(),
            registry(),
            clickhouse.getHost(),
            clickhouse.getMappedPort(8123),
            clickhouse.getUsername(),
            clickhouse.getPassword());
  }

  @Override
  public URI collectors() {
    return program("collectors");
  }

  @Override
  public URI otlp() {
    return URI.create("http://127.0.0.1:" + grpcPort);
  }

  @Override
  public URI sink() {
    return program("clickhouse-sink");
  }

  @Override
  public URI streams() {
    return program("streams-app");
  }

  @Override
  public String kafka() {
    return kafka.getBootstrapServers();
  }

  @Override
  public URI registry() {
    return URI.create(
        "http://"
            + registry.getHost()
            + ":"
            + registry.getMappedPort(REGISTRY_PORT)
            + "/apis/ccompat/v7");
  }

  @Override
  public ClickHouseQuery clickhouse() {
    return new ClickHouseQuery(
        URI.create("http://" + clickhouse.getHost() + ":" + clickhouse.getMappedPort(8123)),
        "outlay",
        clickhouse.getUsername(),
        clickhouse.getPassword());
  }

  @Override
  public void kill(String program) {
    Process process = processes.remove(program);
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void up() throws IOException {
    for (String program : PROGRAMS.keySet()) {
      if (!processes.containsKey(program)) {
        processes.put(program, run(program));
      }
    }
    await()
        .atMost(READY_WITHIN)
        .pollInterval(Duration.ofMillis(500))
        .until(() -> PROGRAMS.keySet().stream().allMatch(this::isReady));
  }

  @Override
  public void down() {
    processes.values().forEach(Process::destroy);
    processes.values().forEach(process -> process.onExit().join());
    processes.clear();
  }

  @Override
  public void close() throws IOException {
    down();
    Stream.of(clickhouse, registry, kafka).forEach(GenericContainer::stop);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private Process run(String program) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx320m");
    command.add("-Dconfig.file=" + directory.resolve("outlay.yaml"));
    command.add("-Doutlay.streams.stateDir=" + directory.resolve("streams"));
    command.add("-Doutlay.collectors.stateDir=" + directory.resolve("collectors"));
    command.add("-Doutlay.collectors.grpcPort=" + grpcPort);
    command.add("-jar");
    command.add(Path.of("..", program, "target/quarkus-app/quarkus-run.jar").toString());
    File log = directory.resolve(program + ".log").toFile();
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
        .start();
  }

  private boolean isReady(String program) {
    HttpRequest request =
        HttpRequest.newBuilder(program(program).resolve("/q/health/ready")).build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private URI program(String name) {
    return URI.create("http://127.0.0.1:" + ports.get(name));
  }
}
