package io.outlay.streams.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/**
 * Names an instance across its restarts, so that one that was killed and comes back takes its place
 * in the group again at once, instead of waiting until its former self is given up for dead. The
 * name lies beside the state, which belongs to one instance as well: whoever starts without that
 * state is another one.
 */
final class InstanceName {
  static final String FILE = "instance-name";

  private InstanceName() {}

  /**
   * The name, made up at the first start.
   *
   * @param stateDir need not exist
   * @throws UncheckedIOException if the name can be neither read nor kept
   */
  static String of(Path stateDir) {
    Path file = stateDir.resolve(FILE);
    try {
      String name = read(file);
      if (!name.isEmpty()) {
        return name;
      }
      String made = UUID.randomUUID().toString();
      Files.createDirectories(stateDir);
      Path draft = stateDir.resolve(FILE + ".new");
      Files.writeString(draft, made);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException("streams.stateDir " + stateDir + " cannot be used", e);
    }
  }

  /** Empty if there is none, or a file that a crash of the machine has left empty. */
  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
