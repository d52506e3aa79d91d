package io.outlay.bench.pipeline;

import io.outlay.bench.BenchmarkFailedException;
import io.outlay.bench.Progress;
import io.outlay.embedded.cli.ClickHouseQuery;
import io.outlay.embedded.parts.EmbeddedStack;
import io.outlay.embedded.parts.Endpoints;
import io.outlay.embedded.parts.Installation;
import io.outlay.embedded.parts.TemporaryStack;
import io.outlay.embedded.stack.RunningProcess;
import io.outlay.embedded.stack.StackException;
import io.outlay.embedded.stack.UsageException;
import io.outlay.serde.HttpSchemaRegistry;
import io.outlay.serde.SchemaRegistry;
import io.outlay.topic.TopicProvisioner;
import io.outlay.topic.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.jspecify.annotations.Nullable;

/** The embedded stack, part by part: the programs with their own settings, each watched. */
final class PipelineStack implements AutoCloseable {
  static final String KAFKA = "kafka";
  static final String REGISTRY = "registry";
  static final String CLICKHOUSE = "clickhouse";
  static final String COLLECTORS = "collectors";
  static final String STREAMS = "streams-app";
  static final String SINK = "clickhouse-sink";
  static final String DETECTOR = "anomaly-detector";

  private static final Path PROC = Path.of("/proc");

  private final TemporaryStack temporary;
  private final Admin admin;

  private PipelineStack(TemporaryStack temporary) {
    this.temporary = temporary;
    this.admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, temporary.stack().endpoints().kafka()));
  }

  /**
   * Starts Kafka and the registry, and makes the topics.
   *
   * @param root of the project
   * @param configuration YAML without addresses; null for the defaults
   */
  static PipelineStack start(Path root, @Nullable String configuration, Progress progress) {
    TemporaryStack temporary;
    try {
      temporary =
          TemporaryStack.open(
              new Installation(root), configuration, System.getenv(), progress::detail);
    } catch (UsageException e) {
      throw new BenchmarkFailedException(String.valueOf(e.getMessage()));
    }
    try {
      // Before clients are told where it is.
      temporary.stack().only(Set.of(KAFKA, REGISTRY)).up();
      PipelineStack stack = new PipelineStack(temporary);
      new TopicProvisioner(
              stack.admin, Topics.DEFAULT_PREFIX, temporary.stack().config().kafka().partitions())
          .provision();
      return stack;
    } catch (StackException | UsageException e) {
      temporary.close();
      throw new BenchmarkFailedException(String.valueOf(e.getMessage()));
    }
  }

  /** Starts parts beside those that run, and waits until they are ready. */
  void up(String... parts) {
    try {
      stack().only(Set.of(parts)).up();
    } catch (StackException | UsageException e) {
      throw new BenchmarkFailedException(String.valueOf(e.getMessage()));
    }
  }

  /** Stops parts. */
  void down(String... parts) {
    stack().only(Set.of(parts)).down();
  }

  Admin admin() {
    return admin;
  }

  String kafka() {
    return endpoints().kafka();
  }

  Endpoints endpoints() {
    return stack().endpoints();
  }

  SchemaRegistry schemas() {
    return new HttpSchemaRegistry(endpoints().registry());
  }

  ClickHouseQuery clickhouse() {
    return ClickHouseQuery.of(endpoints().clickhouse(), stack().config().clickhouse());
  }

  /** Processor time that a part has taken since it started; zero if it does not run. */
  Duration cpu(String part) {
    return stack()
        .data()
        .pid(part)
        .readAlive()
        .flatMap(entry -> ProcessHandle.of(entry.process().pid()))
        .flatMap(process -> process.info().totalCpuDuration())
        .orElse(Duration.ZERO);
  }

  /**
   * The most memory that a part has held, in bytes; what it holds now where the system does not
   * tell.
   */
  long peakBytes(String part) {
    RunningProcess process = stack().data().pid(part).readAlive().orElseThrow().process();
    Path status = PROC.resolve(Long.toString(process.pid())).resolve("status");
    try {
      if (Files.exists(status)) {
        for (String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
          if (line.startsWith("VmHWM:")) {
            return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + status, e);
    }
    return process.residentBytes().orElse(0);
  }

  /** Bytes of all files of a part whose directory begins with a name; all for an empty one. */
  long diskBytes(String part, String prefix) {
    Path directory = stack().data().of(part);
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(
              file -> prefix.isEmpty() || directory.relativize(file).toString().contains(prefix))
          .mapToLong(PipelineStack::length)
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look into " + directory, e);
    }
  }

  private static long length(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0; // removed meanwhile
    }
  }

  private EmbeddedStack stack() {
    return temporary.stack();
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
    temporary.close();
  }
}
