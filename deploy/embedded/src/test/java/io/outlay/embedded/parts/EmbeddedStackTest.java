package io.outlay.embedded.parts;

import io.outlay.config.ConfigChecks;
import io.outlay.embedded.stack.DataDirectory;
import io.outlay.embedded.stack.Listener;
import io.outlay.embedded.stack.Part;
import io.outlay.embedded.stack.PidFile;
import io.outlay.embedded.stack.RunningProcess;
import io.outlay.embedded.stack.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class EmbeddedStackTest {
  @TempDir private Path temp;

  private Installation installation;
  private DataDirectory data;

  @BeforeEach
  void setUp() {
    installation = new Installation(temp);
    data = new DataDirectory(temp.resolve("data"));
  }

  @Test
  void givenARecord_whenWrittenAndRead_thenItIsTheSame() {
    data.create();
    Endpoints endpoints = Endpoints.of(ConfigChecks.load(null, Map.of()));
    for (Optional<Path> config : List.of(Optional.<Path>empty(), Optional.of(temp))) {
      StackRecord record = new StackRecord(endpoints, config);

      record.write(data);

      assertThat(StackRecord.read(data)).contains(record);
    }
  }

  @Test
  void givenARecordOfAnotherVersion_whenRead_thenThereIsNone() throws Exception {
    data.create();
    Files.writeString(data.run().resolve("stack.properties"), "kafka=127.0.0.1:1\n");

    assertThat(StackRecord.read(data)).isEmpty();
  }

  @Test
  void givenARunningStack_whenOpenedWithoutAFile_thenWithTheOneItRunsWith() throws Exception {
    Path config = config("collectors:\n  port: 18080\n");
    pretendRunning(config);

    EmbeddedStack stack = open(null, Map.of());

    assertThat(stack.config().collectors().port()).isEqualTo(18_080);
  }

  @Test
  void givenARunningStack_whenOpenedWithAnotherConfiguration_thenRefused() throws Exception {
    Path config = config("collectors:\n  port: 18080\n");
    pretendRunning(config);

    assertThatThrownBy(() -> open(temp.resolve("other.yaml"), Map.of()))
        .isInstanceOf(UsageException.class);
    Files.writeString(temp.resolve("other.yaml"), "");
    assertThatThrownBy(() -> open(temp.resolve("other.yaml"), Map.of()))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("another configuration")
        .hasMessageContaining("other.yaml")
        .hasMessageContaining("./outlay down");
    assertThatThrownBy(() -> open(config, Map.of("OUTLAY_SINK_PORT", "18084")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("18084");
  }

  @Test
  void givenABrokenConfiguration_whenFound_thenTheStackCanStillBeStopped() throws Exception {
    Path config = config("collectors:\n  port: 18080\n");
    pretendRunning(config);
    Files.writeString(config, "nonsense: [");

    EmbeddedStack stack = EmbeddedStack.find(installation, data, Map.of(), line -> fail(line));

    assertThat(stack.endpoints().collectorsPort()).isEqualTo(18_080);
    assertThat(stack.status()).hasSize(EmbeddedStack.partNames().size());
  }

  @Test
  void givenLaunchersVariables_whenPartsAreMade_thenNoProgramSeesThem() {
    Map<String, String> environment =
        Map.of(
            "OUTLAY_DATA", "d",
            "OUTLAY_CONFIG", "c",
            "CONFIG_FILE", "f",
            "OUTLAY_TIMEZONE", "UTC",
            "PATH", "/bin");

    for (Part part : parts(environment, Optional.empty())) {
      assertThat(part.environment())
          .as(part.name())
          .containsKey("PATH")
          .doesNotContainKeys("OUTLAY_DATA", "OUTLAY_CONFIG", "CONFIG_FILE");
      assertThat(part.environment().containsKey("OUTLAY_TIMEZONE"))
          .as(part.name())
          .isEqualTo(PartCatalog.PROGRAMS.contains(part.name()));
    }
  }

  @Test
  void givenAConfigurationFile_whenPartsAreMade_thenEveryProgramIsToldOfIt() {
    List<Part> parts = parts(Map.of(), Optional.of(Path.of("/etc/outlay.yaml")));

    assertThat(parts.stream().map(Part::name).toList()).isEqualTo(EmbeddedStack.partNames());
    for (Part part : parts) {
      assertThat(part.command().contains("-Dconfig.file=/etc/outlay.yaml"))
          .as(part.name())
          .isEqualTo(PartCatalog.PROGRAMS.contains(part.name()));
    }
  }

  @Test
  void givenAStateDirectory_whenPartsAreMade_thenItIsAbsoluteAndTheDefaultLiesInTheData() {
    assertThat(streams(Map.of()).command())
        .contains("-Doutlay.streams.stateDir=" + data.of("streams"));
    assertThat(streams(Map.of("OUTLAY_STREAMS_STATEDIR", "elsewhere")).command())
        .contains("-Doutlay.streams.stateDir=" + Path.of("elsewhere").toAbsolutePath());
    assertThat(part("collectors", Map.of()).command())
        .contains("-Doutlay.collectors.stateDir=" + data.of("collectors"));
  }

  @Test
  void givenTheCollectors_whenMade_thenBothOfTheirPortsAreWatchedAndShown() {
    Part collectors = part("collectors", Map.of("OUTLAY_COLLECTORS_GRPCPORT", "14317"));

    assertThat(collectors.listeners())
        .extracting(Listener::key)
        .containsExactly("collectors.port", "collectors.grpcPort");
    assertThat(collectors.address())
        .isEqualTo("http://127.0.0.1:8080, OTLP/gRPC http://127.0.0.1:14317");
  }

  private Part streams(Map<String, String> environment) {
    return part("streams-app", environment);
  }

  private Part part(String name, Map<String, String> environment) {
    return parts(environment, Optional.empty()).stream()
        .filter(part -> part.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private List<Part> parts(Map<String, String> environment, Optional<Path> file) {
    Map<String, String> configured = new java.util.HashMap<>(environment);
    configured.keySet().removeAll(PartCatalog.LAUNCHER_VARIABLES);
    var config = ConfigChecks.load(null, configured);
    return new PartCatalog(installation, data, Endpoints.of(config), config, file, environment)
        .parts();
  }

  private EmbeddedStack open(Path config, Map<String, String> environment) {
    return EmbeddedStack.open(installation, data, config, environment, line -> fail(line));
  }

  private Path config(String yaml) throws Exception {
    return Files.writeString(temp.resolve("c.yaml"), yaml);
  }

  private void pretendRunning(Path config) {
    data.create();
    new StackRecord(Endpoints.of(ConfigChecks.load(config, Map.of())), Optional.of(config))
        .write(data);
    RunningProcess self = RunningProcess.find(ProcessHandle.current().pid()).orElseThrow();
    data.pid("clickhouse-sink").write(new PidFile.Entry(self, Instant.now()));
  }

  private static void fail(String line) {
    throw new AssertionError("unexpected progress: " + line);
  }
}
