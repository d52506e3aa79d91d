package io.outlay.config;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class OutlayFileTest {
  @TempDir Path folder;

  @Test
  void programsFindTheFileThatThePropertyNames() throws IOException {
    Path file = write("timezone: Europe/Berlin\nkafka: {partitions: 9}\n");

    OutlayConfig config = program(Map.of("config.file", file.toString()));

    assertThat(config.timezone()).hasToString("Europe/Berlin");
    assertThat(config.kafka().partitions()).isEqualTo(9);
  }

  @Test
  void programsWithoutAFileTakeTheDefaults() {
    assertThat(program(Map.of()).timezone()).hasToString("UTC");
    assertThat(program(Map.of("config.file", "")).timezone()).hasToString("UTC");
  }

  @Test
  void theFileRanksBelowTheEnvironmentAndAboveTheProgram() throws IOException {
    Path file = write("host: file\ntimezone: Europe/Berlin\n");

    SmallRyeConfig config =
        builder(Map.of("config.file", file.toString()))
            .withSources(new PropertiesConfigSource(Map.of("outlay.host", "env"), "env", 300))
            .withSources(
                new PropertiesConfigSource(Map.of("outlay.timezone", "UTC"), "program", 250))
            .build();

    assertThat(config.getConfigValue("outlay.host").getValue()).isEqualTo("env");
    assertThat(config.getConfigValue("outlay.timezone").getValue()).isEqualTo("Europe/Berlin");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    Path file = folder.resolve("nowhere.yaml");

    assertThatThrownBy(() -> ConfigChecks.load(file, Map.of()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("cannot read the configuration file " + file + ": ")
        .hasMessageContaining("NoSuchFile");
    assertThatThrownBy(() -> program(Map.of("config.file", file.toString())))
        .hasMessageContaining("cannot read the configuration file " + file);
  }

  @Test
  void aFolderIsNoFile() {
    assertThatThrownBy(() -> ConfigChecks.load(folder, Map.of()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot read the configuration file " + folder);
  }

  @Test
  void bytesThatAreNoTextAreNamed() throws IOException {
    Path file = folder.resolve("outlay.yaml");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});

    assertThatThrownBy(() -> OutlayFile.source(file))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot read the configuration file " + file);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "timezone: [~| is not YAML: line 2: ",
        "kafka: {a: 1~timezone: UTC~| is not YAML: line 2: ",
        "a: 1~\tb: 2~| is not YAML: line 2: ",
        "timezone: UTC~kafka:~  partitions: 1~  partitions: 2~"
            + "| is not YAML: line 4: found duplicate key partitions",
        "timezone: UTC~timezone: CET~| is not YAML: line 2: found duplicate key timezone",
        "timezone: UTC~---~timezone: CET~| is not YAML: line 2: ",
        "a: \u0001~| is not YAML: ",
        "a: !!java.net.URL [x]~| is not YAML: line 1: ",
        "- timezone: UTC~| must be a mapping of keys to values",
        "just words~| must be a mapping of keys to values",
        "timezone=UTC~| must be a mapping of keys to values",
      })
  void aFileThatIsNotWhatItShouldBeIsNamed(String text, String message) throws IOException {
    Path file = write(text.replace('~', '\n'));

    assertThatThrownBy(() -> ConfigChecks.load(file, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the configuration file " + file + " " + message.strip());
  }

  @Test
  void aBrokenLineIsNotShownForItMayHoldASecret() throws IOException {
    Path file = write("receivers:\n  - {name: a, secret: whsec_hunter2, ]\n");

    assertThatThrownBy(() -> OutlayFile.source(file))
        .hasMessageContaining("line 2")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aliasesThatMultiplyAreRefused() throws IOException {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 10; i++) {
      bomb.append("a").append(i).append(": &a").append(i).append(" [");
      bomb.append(("*a" + (i - 1) + ",").repeat(10)).append("]\n");
    }
    Path file = write(bomb.toString());

    assertThatThrownBy(() -> OutlayFile.source(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("aliases");
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("outlay.yaml"), text);
  }

  private static OutlayConfig program(Map<String, String> properties) {
    return builder(properties).build().getConfigMapping(OutlayConfig.class);
  }

  /** As the runtime of the programs builds it: sources are found as services. */
  private static SmallRyeConfigBuilder builder(Map<String, String> properties) {
    return new SmallRyeConfigBuilder()
        .addDefaultInterceptors()
        .addDiscoveredSources()
        .withSources(new PropertiesConfigSource(properties, "system", 400))
        .withMapping(OutlayConfig.class);
  }
}
