package io.outlay.embedded.stack;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DataDirectoryTest {
  @TempDir private Path temp;

  @Test
  void givenANewPath_whenCreated_thenItHoldsRunAndLogs() {
    DataDirectory data = new DataDirectory(temp.resolve("a b/../data"));
    assertThat(data.exists()).isFalse();

    data.create();

    assertThat(data.exists()).isTrue();
    assertThat(data.root()).isEqualTo(temp.resolve("data"));
    assertThat(data.logs()).isDirectory();
  }

  @Test
  void givenAFileInTheWay_whenCreated_thenItIsNamed() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "");

    assertThatThrownBy(() -> new DataDirectory(file).create())
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void givenAPathThatSomePartWouldSplit_whenConstructed_thenRefused() {
    assertThatThrownBy(() -> new DataDirectory(temp.resolve("a,b")))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("','");
  }
}
