package io.outlay.embedded.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Small processes that stand in for parts. Each is ready when it has written its number into a
 * file, and as long as it lives.
 */
final class StandIn {
  private final Path directory;

  StandIn(Path directory) {
    this.directory = directory;
  }

  /** Becomes ready and runs until told to end. */
  Part obedient(String name, String... after) {
    return part(name, "echo $$ > ready; exec sleep 60", Duration.ofSeconds(20), after);
  }

  /** Becomes ready and does not listen when told to end. */
  Part deaf(String name, String... after) {
    return part(
        name,
        "trap '' TERM; echo $$ > ready; while :; do sleep 0.05; done",
        Duration.ofSeconds(20),
        after);
  }

  /** Says something and ends with 7. */
  Part dying(String name, String... after) {
    return part(name, "echo these are my last words; exit 7", Duration.ofSeconds(20), after);
  }

  /** Runs and never becomes ready. */
  Part hanging(String name, Duration startWithin, String... after) {
    return part(name, "echo I ponder; exec sleep 60", startWithin, after);
  }

  /** The order in which parts were started, by name. */
  List<String> starts() throws Exception {
    Path file = directory.resolve("starts");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private static boolean isReady(Path file) {
    try {
      return Files.exists(file)
          && RunningProcess.find(Long.parseLong(Files.readString(file).strip())).isPresent();
    } catch (IOException | NumberFormatException e) {
      return false; // being written
    }
  }

  private Part part(String name, String script, Duration startWithin, String... after) {
    Path home = directory.resolve(name);
    String prologue = "rm -f ready; echo " + name + " >> ../starts; ";
    return new Part(
        name,
        List.of(after),
        List.of("/bin/sh", "-c", prologue + script),
        Map.of("PATH", System.getenv("PATH")),
        home,
        List.of(),
        "nowhere",
        () -> isReady(home.resolve("ready")) ? Optional.empty() : Optional.of("no file yet"),
        startWithin);
  }
}
