package io.outlay.embedded.stack;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class PidFileTest {
  @TempDir private Path temp;

  @Test
  void givenALivingProcess_whenWrittenAndRead_thenItIsFoundAlive() {
    PidFile file = new PidFile(temp.resolve("x.pid"));
    RunningProcess self = RunningProcess.find(ProcessHandle.current().pid()).orElseThrow();
    PidFile.Entry entry = new PidFile.Entry(self, Instant.ofEpochMilli(1_234_567));

    file.write(entry);

    assertThat(file.read()).contains(entry);
    assertThat(file.readAlive()).contains(entry);
    assertThat(self.residentBytes().orElse(0)).isGreaterThan(1L << 20);
  }

  @Test
  void givenAProcessThatHasEnded_whenRead_thenItIsNotAlive() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    PidFile file = new PidFile(temp.resolve("x.pid"));
    file.write(new PidFile.Entry(new RunningProcess(ended.pid(), "boot/1"), Instant.now()));

    assertThat(file.read()).isPresent();
    assertThat(file.readAlive()).isEmpty();
  }

  @Test
  void givenNoFileOrNonsense_whenRead_thenEmpty() throws Exception {
    Path path = temp.resolve("x.pid");
    assertThat(new PidFile(path).read()).isEmpty();

    for (String nonsense : new String[] {"", "12", "a b c", "1 2 c", "1 2 3 4"}) {
      Files.writeString(path, nonsense);
      assertThat(new PidFile(path).read()).as(nonsense).isEmpty();
    }
  }

  @Test
  void givenAFile_whenDeletedTwice_thenItIsGone() {
    PidFile file = new PidFile(temp.resolve("x.pid"));
    file.write(new PidFile.Entry(new RunningProcess(1, "boot/1"), Instant.now()));

    file.delete();
    file.delete();

    assertThat(file.read()).isEmpty();
  }
}
