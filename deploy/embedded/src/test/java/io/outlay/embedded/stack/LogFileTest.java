package io.outlay.embedded.stack;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class LogFileTest {
  @TempDir private Path temp;

  @Test
  void givenLines_whenTail_thenTheLastOfThoseBehindThePosition() throws Exception {
    Path path = temp.resolve("a.log");
    Files.writeString(path, "old\none\ntwo\nthree\n");
    LogFile log = new LogFile(path);

    assertThat(log.tail(0, 2)).containsExactly("two", "three");
    assertThat(log.tail(4, 100)).containsExactly("one", "two", "three");
    assertThat(log.tail(log.length(), 100)).isEmpty();
    assertThat(log.read(4, 7)).isEqualTo("one");
  }

  @Test
  void givenNoFile_whenRead_thenEmpty() {
    LogFile log = new LogFile(temp.resolve("a.log"));

    assertThat(log.length()).isZero();
    assertThat(log.tail(0, 10)).isEmpty();
    log.rotate();
  }

  @Test
  void givenAShortLog_whenRotated_thenItStays() throws Exception {
    Path path = temp.resolve("a.log");
    Files.writeString(path, "one\n");

    new LogFile(path).rotate();

    assertThat(path).hasContent("one\n");
  }
}
