package io.outlay.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ReadableProblemTest {
  @TempDir Path directory;

  @Test
  void anUnknownKeyIsNamedAsItStandsInTheFile() throws IOException {
    Path file = file("rules:\n  - {name: a, type: spend-ratio, treshold: 2, receivers: []}\n");

    assertThatThrownBy(() -> ConfigChecks.load(file, Map.of()))
        .hasMessageContaining("unknown key rules[0].treshold in " + file);
  }

  @Test
  void aVariableThatIsNotSetIsNamedWithTheKeyThatNeedsIt() throws IOException {
    Path file =
        file(
            "receivers:\n  - {name: a, type: webhook, url: 'http://x/y', secret: '${NO_SUCH_SECRET}'}\n");

    assertThatThrownBy(() -> ConfigChecks.load(file, Map.of()))
        .hasMessageContaining(
            "receivers[0].secret: the environment variable NO_SUCH_SECRET is not set");
  }

  @Test
  void anythingElseStaysAsItIsButForTheClassOfTheException() {
    assertThat(ReadableProblem.of("java.lang.IllegalStateException: something else"))
        .isEqualTo("something else");
    assertThat(ReadableProblem.of("SRCFG00039: wrong")).isEqualTo("SRCFG00039: wrong");
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(directory.resolve("outlay.yaml"), yaml);
  }
}
