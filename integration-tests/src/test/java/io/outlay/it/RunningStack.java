package io.outlay.it;

import io.outlay.embedded.cli.ClickHouseQuery;
import io.outlay.embedded.parts.EmbeddedStack;
import io.outlay.embedded.parts.Installation;
import io.outlay.embedded.stack.DataDirectory;
import io.outlay.embedded.stack.PartStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A stack of its own on free ports and in a directory of its own, gone when closed. */
final class RunningStack implements AutoCloseable {
  private static final List<String> HTTP_PARTS =
      List.of("collectors", "streams", "sink", "detector");

  private final Path data;
  private final EmbeddedStack stack;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private RunningStack(Path data, EmbeddedStack stack) {
    this.data = data;
    this.stack = stack;
  }

  /**
   * Starts one and waits until it is ready.
   *
   * @param configuration YAML without addresses, which are chosen here
   */
  static RunningStack start(String configuration) throws IOException {
    Path data = Files.createTempDirectory("outlay-it");
    Path config = data.resolve("outlay.yaml");
    Files.writeString(config, configuration + addresses());
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.keySet().removeIf(name -> name.startsWith("OUTLAY_"));
    EmbeddedStack stack =
        EmbeddedStack.open(
            new Installation(Path.of("..")),
            new DataDirectory(data.resolve("data")),
            config,
            environment,
            System.out::println);
    RunningStack running = new RunningStack(data, stack);
    try {
      stack.up();
    } catch (RuntimeException e) {
      running.close();
      throw e;
    }
    return running;
  }

  EmbeddedStack stack() {
    return stack;
  }

  URI collectors() {
    return stack.endpoints().collectors();
  }

  /** Posts a body to the ingest edge. */
  HttpResponse<String> post(String json) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(collectors().resolve("/v1/events"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** One value that a query answers. */
  String scalar(String sql) throws IOException, InterruptedException {
    return ClickHouseQuery.of(stack.endpoints().clickhouse(), stack.config().clickhouse())
        .text(sql, "TabSeparated")
        .strip();
  }

  /** Kills a part as a crash would. */
  void kill(String part) {
    PartStatus status =
        stack.status().stream()
            .filter(each -> each.part().name().equals(part))
            .findFirst()
            .orElseThrow();
    ProcessHandle process = ProcessHandle.of(status.pid().orElseThrow()).orElseThrow();
    process.destroyForcibly();
    process.onExit().join();
  }

  private static String addresses() throws IOException {
    List<Integer> ports = freePorts(3 + HTTP_PARTS.size());
    StringBuilder yaml = new StringBuilder("\n");
    yaml.append("kafka: {bootstrapServers: \"127.0.0.1:").append(ports.get(0)).append("\"}\n");
    yaml.append("registry: {url: \"http://127.0.0.1:")
        .append(ports.get(1))
        .append("/apis/ccompat/v7\"}\n");
    yaml.append("clickhouse: {url: \"http://127.0.0.1:").append(ports.get(2)).append("\"}\n");
    for (int i = 0; i < HTTP_PARTS.size(); i++) {
      yaml.append(HTTP_PARTS.get(i)).append(": {port: ").append(ports.get(3 + i)).append("}\n");
    }
    return yaml.toString();
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      sockets.add(socket);
      ports.add(socket.getLocalPort());
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return ports;
  }

  @Override
  public void close() throws IOException {
    stack.down();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
