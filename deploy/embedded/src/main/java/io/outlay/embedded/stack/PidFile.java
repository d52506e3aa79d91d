package io.outlay.embedded.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

/**
 * Remembers a process across runs of the launcher. A file is one line: the number, when the system
 * says that it started, and when we started it in milliseconds since the epoch.
 */
public final class PidFile {
  private final Path file;

  /**
   * @param file need not exist
   */
  public PidFile(Path file) {
    this.file = file;
  }

  /**
   * What a file says.
   *
   * @param process not necessarily alive
   * @param startedAt by our clock
   */
  public record Entry(RunningProcess process, Instant startedAt) {}

  /** Writes the file, whole or not at all. */
  public void write(Entry entry) {
    String line =
        entry.process().pid()
            + " "
            + entry.process().start()
            + " "
            + entry.startedAt().toEpochMilli()
            + "\n";
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(draft, line);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** What the file says; empty if there is none or it says nothing that can be understood. */
  public Optional<Entry> read() {
    try {
      String[] fields = Files.readString(file).strip().split(" ");
      if (fields.length != 3) {
        return Optional.empty();
      }
      return Optional.of(
          new Entry(
              new RunningProcess(Long.parseLong(fields[0]), fields[1]),
              Instant.ofEpochMilli(Long.parseLong(fields[2]))));
    } catch (NoSuchFileException | NumberFormatException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** What the file says, if that process still runs. */
  public Optional<Entry> readAlive() {
    return read().filter(entry -> entry.process().isAlive());
  }

  /** Removes the file, if there is one. */
  public void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file, e);
    }
  }
}
