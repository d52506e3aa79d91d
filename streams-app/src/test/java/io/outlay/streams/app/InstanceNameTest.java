package io.outlay.streams.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class InstanceNameTest {
  @TempDir Path directory;

  @Test
  void aRestartHasTheSameName() {
    Path state = directory.resolve("not/there/yet");

    String first = InstanceName.of(state);

    assertThat(first).isNotBlank();
    assertThat(InstanceName.of(state)).isEqualTo(first);
  }

  @Test
  void anotherStateIsAnotherInstance() {
    assertThat(InstanceName.of(directory.resolve("one")))
        .isNotEqualTo(InstanceName.of(directory.resolve("other")));
  }

  @Test
  void aFileThatWasLeftEmptyIsWrittenAnew() throws IOException {
    Files.writeString(directory.resolve(InstanceName.FILE), "");

    String name = InstanceName.of(directory);

    assertThat(name).isNotBlank();
    assertThat(InstanceName.of(directory)).isEqualTo(name);
  }

  @Test
  void aDirectoryThatCannotBeUsedIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "no directory");

    assertThatThrownBy(() -> InstanceName.of(file))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("streams.stateDir")
        .hasMessageContaining(file.toString());
  }
}
