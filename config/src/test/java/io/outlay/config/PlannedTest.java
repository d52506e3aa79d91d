package io.outlay.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PlannedTest {
  @TempDir Path folder;

  private OutlayConfig load(String planned) throws IOException {
    Path file = folder.resolve("outlay.yaml");
    Files.writeString(file, "timezone: Pacific/Auckland\nplanned:\n  - " + planned + "\n");
    return ConfigChecks.load(file, Map.of());
  }

  @Test
  void givenDatesAndInstantsWhenLoadedThenTaken() throws IOException {
    OutlayConfig config =
        load("{name: fair, from: 2026-11-27, to: \"2026-11-28T06:00:00Z\", scope: {tags.tier: a}}");

    assertThat(config.planned().get(0).scope()).containsExactly(Map.entry("tags.tier", "a"));
    assertThat(PlannedTimes.instant("2026-11-27", config.timezone()))
        .isEqualTo("2026-11-26T11:00:00Z");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          from: soon, to: 2026-11-28 | planned[0].from: must be an instant such as 2026-11-27T08:00:00Z or a date, was soon
          from: 2026-11-28, to: 2026-11-28 | planned[0].to: must be after from, was 2026-11-28
          from: 2026-11-27, to: 2026-11-28, scope: {crew: x} | planned[0].scope.crew: must be of
          """)
  void givenAMistakeWhenLoadedThenTheKeyIsNamed(String keys, String message) {
    assertThatThrownBy(() -> load("{name: fair, " + keys + "}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
