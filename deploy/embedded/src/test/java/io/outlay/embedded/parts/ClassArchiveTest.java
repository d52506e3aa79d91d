package io.outlay.embedded.parts;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ClassArchiveTest {
  @TempDir private Path temp;

  private Path directory;
  private Path jar;

  @BeforeEach
  void setUp() throws Exception {
    directory = temp.resolve("cds");
    jar = Files.writeString(Files.createDirectories(temp.resolve("lib")).resolve("a.jar"), "1");
  }

  @Test
  void givenNoArchive_whenAsked_thenTheMachineIsToWriteIt() {
    assertThat(archive().options().get(0))
        .startsWith("-XX:ArchiveClassesAtExit=" + directory)
        .endsWith(".jsa");
  }

  @Test
  void givenAnArchive_whenAsked_thenTheMachineIsToReadIt() throws Exception {
    Path file = write();

    assertThat(archive().options().get(0)).isEqualTo("-XX:SharedArchiveFile=" + file);
  }

  @Test
  void givenAnArchiveOfAnotherBuild_whenPrepared_thenItIsReplaced() throws Exception {
    Path old = write();
    Path other = Files.writeString(directory.resolve("other-1.jsa"), "");
    Files.writeString(jar, "22");

    archive().prepare();

    assertThat(old).doesNotExist();
    assertThat(other).exists();
    assertThat(archive().options().get(0)).startsWith("-XX:ArchiveClassesAtExit=");
  }

  @Test
  void givenAnArchiveOfThisBuild_whenPrepared_thenItStays() throws Exception {
    Path file = write();

    archive().prepare();

    assertThat(file).exists();
  }

  private Path write() throws Exception {
    archive().prepare();
    Path file = Path.of(archive().options().get(0).replaceFirst(".*?=", ""));
    return Files.writeString(file, "");
  }

  private ClassArchive archive() {
    return ClassArchive.of(directory, "part", List.of(temp.resolve("lib"), temp.resolve("none")));
  }
}
