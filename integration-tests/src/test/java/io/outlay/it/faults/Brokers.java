package io.outlay.it.faults;

import io.outlay.embedded.kafka.BrokerReadiness;
import io.outlay.embedded.parts.Installation;
import io.outlay.embedded.stack.Listener;
import io.outlay.it.RunningStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A Kafka cluster as one would run it: several brokers, each topic on three of them, two of which
 * have to have a record before it is acknowledged.
 */
final class Brokers implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final int HEAP_MEGABYTES = 256;

  private final Installation installation = new Installation(Path.of(".."));
  private final List<Integer> ports;
  private final List<Process> processes = new ArrayList<>();

  /**
   * Starts them and waits until they have found each other.
   *
   * @param directory for their data and logs
   * @param count how many, ≥ 3
   */
  Brokers(Path directory, int count) throws Exception {
    List<Integer> all = RunningStack.freePorts(2 * count);
    this.ports = all.subList(0, count);
    try {
      start(directory, all.subList(count, 2 * count));
    } catch (Exception | AssertionError e) {
      close();
      throw e;
    }
  }

  /** Bootstrap servers, all of them. */
  String servers() {
    return ports.stream().map(port -> HOST + ":" + port).collect(Collectors.joining(","));
  }

  /** Kills one, as the loss of a machine would. */
  void kill(int number) {
    Process process = processes.get(number);
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
  }

  private void start(Path directory, List<Integer> controllers) throws Exception {
    String voters =
        IntStream.range(0, ports.size())
            .mapToObj(i -> i + 1 + "@" + HOST + ":" + controllers.get(i))
            .collect(Collectors.joining(","));
    String cluster = Uuid.randomUuid().toString();
    for (int i = 0; i < ports.size(); i++) {
      Path own = Files.createDirectories(directory.resolve("broker-" + (i + 1)));
      Properties properties = properties(own, i + 1, ports.get(i), controllers.get(i), voters);
      Path file = own.resolve("server.properties");
      try (var out = Files.newBufferedWriter(file)) {
        properties.store(out, null);
      }
      Process format =
          java(own, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", file.toString());
      assertThat(format.waitFor()).isZero();
      processes.add(java(own, "kafka.Kafka", file.toString()));
    }
    for (int port : ports) {
      BrokerReadiness readiness = new BrokerReadiness(new Listener("broker", HOST, port));
      LoadedStack.await("broker " + port).until(() -> readiness.whyNotReady().isEmpty());
    }
  }

  private Process java(Path own, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + HEAP_MEGABYTES + "m",
                "-XX:+UseSerialGC",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                installation.classPath()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(own.resolve("broker.log").toFile()))
        .start();
  }

  private static Properties properties(
      Path own, int node, int port, int controller, String voters) {
    Properties properties = new Properties();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", Integer.toString(node));
    properties.put("controller.quorum.voters", voters);
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put(
        "listeners",
        "PLAINTEXT://" + HOST + ":" + port + ",CONTROLLER://" + HOST + ":" + controller);
    properties.put("advertised.listeners", "PLAINTEXT://" + HOST + ":" + port);
    properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("inter.broker.listener.name", "PLAINTEXT");
    properties.put("log.dirs", own.resolve("log").toString());
    properties.put("auto.create.topics.enable", "false");
    properties.put("default.replication.factor", "3");
    properties.put("min.insync.replicas", "2");
    for (String internal : List.of("offsets.topic", "transaction.state.log")) {
      properties.put(internal + ".replication.factor", "3");
      properties.put(internal + ".num.partitions", "4");
    }
    properties.put("transaction.state.log.min.isr", "2");
    properties.put("group.initial.rebalance.delay.ms", "0");
    properties.put("log.cleaner.dedupe.buffer.size", "33554432");
    return properties;
  }
}
