package io.outlay.embedded.parts;

import io.outlay.config.OutlayConfig;
import io.outlay.embedded.kafka.BrokerMain;
import io.outlay.embedded.kafka.BrokerReadiness;
import io.outlay.embedded.stack.DataDirectory;
import io.outlay.embedded.stack.HttpReadiness;
import io.outlay.embedded.stack.Listener;
import io.outlay.embedded.stack.Part;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The parts of the stack: what runs, with what memory, and when it counts as ready. */
final class PartCatalog {
  static final String KAFKA = "kafka";
  static final String REGISTRY = "registry";
  static final String CLICKHOUSE = "clickhouse";

  /** Our programs; each is a module of the build and a part of the same name. */
  static final List<String> PROGRAMS =
      List.of("collectors", "streams-app", "clickhouse-sink", "anomaly-detector");

  /** Names of all parts, in the order in which they are started. */
  static final List<String> NAMES =
      Stream.concat(Stream.of(KAFKA, REGISTRY, CLICKHOUSE), PROGRAMS.stream()).toList();

  /** Mean something to the launcher, and nothing or something else to the programs. */
  static final Set<String> LAUNCHER_VARIABLES =
      Set.of("OUTLAY_DATA", "OUTLAY_CONFIG", "CONFIG_FILE");

  private static final Set<String> COMMON_VARIABLES =
      Set.of("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "JAVA_TOOL_OPTIONS", "LD_LIBRARY_PATH");
  private static final Path DEFAULT_STATE = Path.of(".outlay");
  private static final Duration START_WITHIN = Duration.ofMinutes(2);

  private final Installation installation;
  private final DataDirectory data;
  private final Endpoints endpoints;
  private final OutlayConfig config;
  private final Optional<Path> configFile;
  private final Map<String, String> environment;

  /**
   * @param environment of the launcher
   */
  PartCatalog(
      Installation installation,
      DataDirectory data,
      Endpoints endpoints,
      OutlayConfig config,
      Optional<Path> configFile,
      Map<String, String> environment) {
    this.installation = installation;
    this.data = data;
    this.endpoints = endpoints;
    this.config = config;
    this.configFile = configFile;
    this.environment = environment;
  }

  /** Where each part leaves its classes. */
  Stream<ClassArchive> archives() {
    return NAMES.stream().filter(name -> !name.equals(CLICKHOUSE)).map(this::archive);
  }

  /** All parts. */
  List<Part> parts() {
    return List.of(
        kafka(),
        registry(),
        clickhouse(),
        collectors(),
        program("streams-app", 320, streamsOptions(), "streams.port", endpoints.streams()),
        program("clickhouse-sink", 256, List.of(), "sink.port", endpoints.sink()),
        program("anomaly-detector", 256, List.of(), "detector.port", endpoints.detector()));
  }

  private Part kafka() {
    Listener listener = endpoints.kafkaListener();
    List<String> command = java(KAFKA, 384, "-Xms96m");
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    command.add("-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info");
    command.add("-Dorg.slf4j.simpleLogger.log.kafka.server.BrokerServer=info");
    command.add("-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.utils.AppInfoParser=info");
    command.add("-cp");
    command.add(installation.classPath());
    command.add(BrokerMain.class.getName());
    command.add(listener.host());
    command.add(Integer.toString(listener.port()));
    command.add(data.of(KAFKA).toString());
    return new Part(
        KAFKA,
        List.of(),
        command,
        commonEnvironment(),
        data.of(KAFKA),
        List.of(listener),
        listener.address(),
        new BrokerReadiness(listener),
        START_WITHIN);
  }

  private Part registry() {
    Listener listener = endpoints.registryListener();
    // Every commit reaches the file before it is answered: the ids it gives out are in every
    // record, so none may be given out again.
    String database = "jdbc:h2:file:" + data.of(REGISTRY).resolve("registry") + ";WRITE_DELAY=0";
    List<String> command = java(REGISTRY, 128, "-XX:TieredStopAtLevel=1");
    command.addAll(
        List.of(
            "-Dquarkus.http.host=" + listener.host(),
            "-Dquarkus.http.port=" + listener.port(),
            "-Dquarkus.http.access-log.enabled=false",
            "-Dquarkus.banner.enabled=false",
            "-Dapicurio.storage.kind=sql",
            "-Dapicurio.storage.sql.kind=h2",
            "-Dapicurio.datasource.url=" + database));
    // Two further pools serve snapshots of a storage that is not used here.
    for (String pool : List.of("", "blue.", "green.")) {
      String prefix = "-Dapicurio.datasource." + pool + "jdbc.";
      String idle = pool.isEmpty() ? "1" : "0";
      command.add(prefix + "initial-size=" + idle);
      command.add(prefix + "min-size=" + idle);
      command.add(prefix + "max-size=8");
    }
    command.add("-jar");
    command.add(installation.registryJar().toString());
    return new Part(
        REGISTRY,
        List.of(),
        command,
        commonEnvironment(),
        data.of(REGISTRY),
        List.of(listener),
        endpoints.registry().toString(),
        new HttpReadiness(URI.create("http://" + listener.address() + "/health/ready")),
        START_WITHIN);
  }

  private Part clickhouse() {
    Listener listener = endpoints.clickhouseListener();
    Map<String, String> small = commonEnvironment();
    small.put("OUTLAY_CLICKHOUSE_USER", config.clickhouse().user());
    config.clickhouse().password().ifPresent(word -> small.put("OUTLAY_CLICKHOUSE_PASSWORD", word));
    return new Part(
        CLICKHOUSE,
        List.of(),
        List.of(
            "node",
            installation.clickhouse().toString(),
            "--data",
            data.of(CLICKHOUSE).toString(),
            "--host",
            listener.host(),
            "--port",
            Integer.toString(listener.port())),
        small,
        data.of(CLICKHOUSE),
        List.of(listener),
        "http://" + listener.address(),
        new HttpReadiness(URI.create("http://" + listener.address() + "/ping")),
        START_WITHIN);
  }

  private Part collectors() {
    URI otlp = endpoints.otlp();
    List<String> options = stateOption("collectors", config.collectors().stateDir());
    Part http = program("collectors", 256, options, "collectors.port", endpoints.collectors());
    return http.alsoAt(
        new Listener("collectors.grpcPort", endpoints.host(), otlp.getPort()), "OTLP/gRPC " + otlp);
  }

  private List<String> streamsOptions() {
    return stateOption("streams", config.streams().stateDir());
  }

  /** State lies in the data directory unless it was put elsewhere. */
  private List<String> stateOption(String program, Path state) {
    Path absolute =
        state.equals(DEFAULT_STATE.resolve(program)) ? data.of(program) : state.toAbsolutePath();
    return List.of("-Doutlay." + program + ".stateDir=" + absolute);
  }

  private Part program(
      String module, int heapMegabytes, List<String> options, String key, URI address) {
    List<String> command = java(module, heapMegabytes);
    configFile.ifPresent(file -> command.add("-Dconfig.file=" + file));
    command.addAll(options);
    command.add("-jar");
    command.add(installation.program(module).toString());
    Map<String, String> variables = new HashMap<>(environment);
    variables.keySet().removeAll(LAUNCHER_VARIABLES);
    return new Part(
        module,
        List.of(KAFKA, REGISTRY, CLICKHOUSE),
        command,
        variables,
        data.root(),
        List.of(new Listener(key, endpoints.host(), address.getPort())),
        address.toString(),
        new HttpReadiness(address.resolve("/q/health/ready")),
        START_WITHIN);
  }

  private List<String> java(String part, int heapMegabytes, String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + heapMegabytes + "m");
    command.add("-XX:+UseSerialGC");
    command.addAll(archive(part).options());
    command.add("-XX:ErrorFile=" + data.logs().resolve("hs_err_%p.log"));
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.addAll(List.of(options));
    return command;
  }

  private ClassArchive archive(String part) {
    List<Path> sources =
        switch (part) {
          case KAFKA -> installation.classPathEntries();
          case REGISTRY -> List.of(installation.registryJar().getParent());
          default -> List.of(installation.program(part).getParent());
        };
    return ClassArchive.of(installation.archives(), part, sources);
  }

  private Map<String, String> commonEnvironment() {
    Map<String, String> common = new HashMap<>(environment);
    common.keySet().retainAll(COMMON_VARIABLES);
    return common;
  }
}
