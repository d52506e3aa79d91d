package io.outlay.it;

import io.outlay.embedded.cli.ClickHouseQuery;
import io.outlay.embedded.parts.EmbeddedStack;
import io.outlay.embedded.parts.Installation;
import io.outlay.embedded.stack.DataDirectory;
import io.outlay.embedded.stack.Part;
import io.outlay.embedded.stack.PartStatus;
import io.outlay.embedded.stack.RunningProcess;
import io.outlay.it.faults.SmallDisk;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/** All seven parts, as {@code ./outlay up} starts them. */
public final class EmbeddedRunningStack extends RunningStack {
  private static final List<String> PROGRAM_KEYS =
      List.of("collectors", "streams", "sink", "detector");

  private static final int CLICKHOUSE_PORT = 2;
  private static final String SECOND = "-2";

  private final Path directory;
  private final EmbeddedStack stack;
  private final Map<String, SmallDisk> disks;
  private final Map<String, Process> seconds = new ConcurrentHashMap<>();

  private EmbeddedRunningStack(Path directory, EmbeddedStack stack, Map<String, SmallDisk> disks) {
    this.directory = directory;
    this.stack = stack;
    this.disks = disks;
  }

  static EmbeddedRunningStack start(String configuration) throws IOException {
    return start(configuration, port -> {}, Map.of(), List.of());
  }

  /**
   * Starts one and waits until it is ready.
   *
   * @param configuration YAML without addresses, which are chosen here
   * @param clickhouse is told ClickHouse's port before anything starts
   * @param variables environment of all parts
   * @param onSmallDisks directories, named as in the data directory, that get disks of their own
   * @throws IOException also if small disks cannot be made
   */
  public static EmbeddedRunningStack start(
      String configuration,
      IntConsumer clickhouse,
      Map<String, String> variables,
      List<String> onSmallDisks)
      throws IOException {
    List<Integer> ports = freePorts(4 + PROGRAM_KEYS.size());
    clickhouse.accept(ports.get(CLICKHOUSE_PORT));
    Path directory = Files.createTempDirectory("outlay-it");
    Path config = directory.resolve("outlay.yaml");
    Files.writeString(config, configuration + addresses(ports));
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.keySet().removeIf(name -> name.startsWith("OUTLAY_"));
    environment.putAll(variables);
    EmbeddedStack stack =
        EmbeddedStack.open(
            new Installation(Path.of("..")),
            new DataDirectory(directory.resolve("data")),
            config,
            environment,
            System.out::println);
    Map<String, SmallDisk> disks = new LinkedHashMap<>();
    EmbeddedRunningStack running = new EmbeddedRunningStack(directory, stack, disks);
    try {
      for (String name : onSmallDisks) {
        disks.put(name, SmallDisk.at(stack.data().of(name)));
      }
      stack.up();
    } catch (IOException | RuntimeException e) {
      running.close();
      throw e;
    }
    return running;
  }

  @Override
  public URI collectors() {
    return stack.endpoints().collectors();
  }

  @Override
  public URI otlp() {
    return stack.endpoints().otlp();
  }

  @Override
  public URI streams() {
    return stack.endpoints().streams();
  }

  @Override
  public String kafka() {
    return stack.endpoints().kafka();
  }

  @Override
  public URI registry() {
    return stack.endpoints().registry();
  }

  @Override
  public URI sink() {
    return stack.endpoints().sink();
  }

  @Override
  public ClickHouseQuery clickhouse() {
    return ClickHouseQuery.of(stack.endpoints().clickhouse(), stack.config().clickhouse());
  }

  /** The end of a part's log. */
  public List<String> log(String part, int lines) {
    return stack.data().log(part).tail(0, lines);
  }

  /** Whether a part runs, or is stopped. */
  public boolean isAlive(String part) {
    return stack.data().pid(part).readAlive().isPresent();
  }

  @Override
  public void kill(String part) {
    ProcessHandle process = ProcessHandle.of(process(part).pid()).orElseThrow();
    process.destroyForcibly();
    process.onExit().join();
  }

  /** The disk of a part that was started on a small one. */
  public SmallDisk disk(String name) {
    return Optional.ofNullable(disks.get(name)).orElseThrow();
  }

  /**
   * Starts another instance of a program beside that of the stack, and does not wait for it.
   *
   * @param options as the virtual machine takes them: what it may not have in common with the other
   * @return where it will listen
   */
  public URI startSecond(String part, String portKey, List<String> options) throws IOException {
    Part first =
        stack.status().stream()
            .map(PartStatus::part)
            .filter(one -> one.name().equals(part))
            .findFirst()
            .orElseThrow();
    int port = freePorts(1).get(0);
    List<String> command = new ArrayList<>(first.command());
    command.removeIf(option -> option.startsWith("-XX:ArchiveClassesAtExit"));
    int jar = command.indexOf("-jar");
    command.add(jar, "-Doutlay." + portKey + "=" + port);
    command.addAll(jar, options);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(first.directory().toFile())
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(
                    stack.data().logs().resolve(part + SECOND + ".log").toFile()));
    builder.environment().clear();
    builder.environment().putAll(first.environment());
    seconds.put(part, builder.start());
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Whether a second instance runs. */
  public boolean hasSecond(String part) {
    return Optional.ofNullable(seconds.get(part)).filter(Process::isAlive).isPresent();
  }

  /** Kills the second instance, as a crash would. */
  public void killSecond(String part) {
    Process process = seconds.get(part);
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Asks all second instances to end, and waits for that. */
  public void endSeconds() {
    seconds.values().forEach(Process::destroy);
    seconds.values().forEach(process -> process.onExit().join());
  }

  /** A directory of a second instance. */
  public Path ofSecond(String part) {
    return stack.data().of(part + SECOND);
  }

  /** Stops a part, as a debugger or a pause of the machine would. */
  public void stop(String part) throws IOException, InterruptedException {
    signal("STOP", part);
  }

  /** Continues a part that was stopped. */
  public void proceed(String part) throws IOException, InterruptedException {
    signal("CONT", part);
  }

  private void signal(String name, String part) throws IOException, InterruptedException {
    String pid = Long.toString(process(part).pid());
    int status = new ProcessBuilder("kill", "-" + name, pid).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException("kill -%s %s ended with %d".formatted(name, pid, status));
    }
  }

  private RunningProcess process(String part) {
    return stack.data().pid(part).readAlive().orElseThrow().process();
  }

  @Override
  public void up() {
    stack.up();
  }

  @Override
  public void down() {
    seconds.values().forEach(Process::destroyForcibly);
    stack.down();
  }

  /** Also while the virtual machine ends, when two threads may come here. */
  @Override
  public synchronized void close() throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    down();
    for (SmallDisk disk : disks.values()) {
      disk.close();
    }
    disks.clear();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static String addresses(List<Integer> ports) {
    StringBuilder yaml =
        new StringBuilder(
            """

            kafka: {bootstrapServers: "127.0.0.1:%d"}
            registry: {url: "http://127.0.0.1:%d/apis/ccompat/v7"}
            clickhouse: {url: "http://127.0.0.1:%d"}
            """
                .formatted(ports.get(0), ports.get(1), ports.get(CLICKHOUSE_PORT)));
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
