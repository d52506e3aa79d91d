package io.outlay.embedded.stack;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Commands that outlive the terminal they were started from. */
final class Detached {
  private Detached() {}

  /**
   * The command in a session of its own, or, where the system has no {@code setsid}, deaf to the
   * terminal's hanging up. Either replaces itself by the command, so that the process keeps its
   * number.
   */
  static List<String> command(List<String> command) {
    String wrapper = find("setsid").or(() -> find("nohup")).orElse(null);
    if (wrapper == null) {
      return command;
    }
    List<String> wrapped = new ArrayList<>();
    wrapped.add(wrapper);
    wrapped.addAll(command);
    return wrapped;
  }

  private static Optional<String> find(String tool) {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String directory : path.split(File.pathSeparator)) {
      Path file = Path.of(directory, tool);
      if (Files.isExecutable(file)) {
        return Optional.of(file.toString());
      }
    }
    return Optional.empty();
  }
}
