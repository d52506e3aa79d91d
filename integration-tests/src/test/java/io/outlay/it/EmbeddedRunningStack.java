package io.outlay.it;

import io.outlay.embedded.cli.ClickHouseQuery;
import io.outlay.embedded.parts.EmbeddedStack;
import io.outlay.embedded.parts.Installation;
import io.outlay.embedded.stack.DataDirectory;
import io.outlay.embedded.stack.PartStatus;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** All seven parts, as {@code ./outlay up} starts them. */
final class EmbeddedRunningStack extends RunningStack {
  private static final List<String> PROGRAM_KEYS =
      List.of("collectors", "streams", "sink", "detector");

  private final Path directory;
  private final EmbeddedStack stack;

  private EmbeddedRunningStack(Path directory, EmbeddedStack stack) {
    this.directory = directory;
    this.stack = stack;
  }

  static EmbeddedRunningStack start(String configuration) throws IOException {
    Path directory = Files.createTempDirectory("outlay-it");
    Path config = directory.resolve("outlay.yaml");
    Files.writeString(config, configuration + addresses());
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.keySet().removeIf(name -> name.startsWith("OUTLAY_"));
    EmbeddedStack stack =
        EmbeddedStack.open(
            new Installation(Path.of("..")),
            new DataDirectory(directory.resolve("data")),
            config,
            environment,
            System.out::println);
    EmbeddedRunningStack running = new EmbeddedRunningStack(directory, stack);
    try {
      stack.up();
    } catch (RuntimeException e) {
      running.close();
      throw e;
    }
    return running;
  }

  @Override
  URI collectors() {
    return stack.endpoints().collectors();
  }

  @Override
  URI otlp() {
    return stack.endpoints().otlp();
  }

  @Override
  URI streams() {
    return stack.endpoints().streams();
  }

  @Override
  String kafka() {
    return stack.endpoints().kafka();
  }

  @Override
  URI registry() {
    return stack.endpoints().registry();
  }

  @Override
  URI sink() {
    return stack.endpoints().sink();
  }

  @Override
  ClickHouseQuery clickhouse() {
    return ClickHouseQuery.of(stack.endpoints().clickhouse(), stack.config().clickhouse());
  }

  @Override
  void kill(String program) {
    PartStatus status =
        stack.status().stream()
            .filter(each -> each.part().name().equals(program))
            .findFirst()
            .orElseThrow();
    ProcessHandle process = ProcessHandle.of(status.pid().orElseThrow()).orElseThrow();
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  void up() {
    stack.up();
  }

  @Override
  void down() {
    stack.down();
  }

  @Override
  public void close() throws IOException {
    stack.down();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static String addresses() throws IOException {
    List<Integer> ports = freePorts(4 + PROGRAM_KEYS.size());
    StringBuilder yaml =
        new StringBuilder(
            """

            kafka: {bootstrapServers: "127.0.0.1:%d"}
            registry: {url: "http://127.0.0.1:%d/apis/ccompat/v7"}
            clickhouse: {url: "http://127.0.0.1:%d"}
            """
                .formatted(ports.get(0), ports.get(1), ports.get(2)));
    for (int i = 0; i < PROGRAM_KEYS.size(); i++) {
      String more =
          PROGRAM_KEYS.get(i).equals("collectors")
              ? ", grpcPort: " + ports.get(3 + PROGRAM_KEYS.size()) + METERED
              : "";
      yaml.append("%s: {port: %d%s}%n".formatted(PROGRAM_KEYS.get(i), ports.get(3 + i), more));
    }
    return yaml.toString();
  }
}
