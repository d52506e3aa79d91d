package io.outlay.it.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A disk of its own for one directory, so that it can be full: a file system in a file. Making one
 * takes the right to mount, which ends with an {@link IOException} where it is missing.
 */
public final class SmallDisk implements AutoCloseable {
  private static final long BYTES = 24L << 30;
  private static final int COMMAND_SECONDS = 60;
  private static final int BLOCK = 4_096;
  private static final long SLOWLY = 320L << 20;
  private static final int PIECE = 4 << 20;
  private static final int PAUSE_MILLIS = 10;

  private final Path directory;
  private final Path image;
  private final Path filler;

  private SmallDisk(Path directory, Path image) {
    this.directory = directory;
    this.image = image;
    this.filler = directory.resolve("filler");
  }

  /**
   * Puts a directory on a disk of its own.
   *
   * @param directory is made, empty
   * @throws IOException if that is not possible, saying why
   */
  public static SmallDisk at(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path image = directory.resolveSibling(directory.getFileName() + ".disk");
    // Takes no room before it is written to.
    try (OutputStream file = Files.newOutputStream(image)) {
      file.flush();
    }
    run("truncate", "-s", Long.toString(BYTES), image.toString());
    run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image.toString());
    run("mount", "-o", "loop", image.toString(), directory.toString());
    // Kafka takes every directory in its own for a partition.
    Files.deleteIfExists(directory.resolve("lost+found"));
    return new SmallDisk(directory, image);
  }

  /**
   * Takes all the room that is left: most of it at once, the last of it piece by piece within a
   * second or two, as disks fill. ClickHouse's engine counts on that: what it has begun when room
   * runs short must find an end.
   */
  public void fill() throws IOException, InterruptedException {
    long most = Files.getFileStore(directory).getUsableSpace() - SLOWLY;
    run("fallocate", "-l", Long.toString(Math.max(BLOCK, most)), filler.toString());
    byte[] piece = new byte[PIECE];
    int written = 0;
    while (write(piece, piece.length)) {
      written += piece.length;
      Thread.sleep(PAUSE_MILLIS);
      if (written > 2 * SLOWLY) {
        throw new IOException(directory + " does not become full");
      }
    }
    while (write(piece, BLOCK)) {
      written += BLOCK;
    }
  }

  /** Whether there was room. */
  private boolean write(byte[] bytes, int length) {
    try (OutputStream end =
        Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      end.write(bytes, 0, length);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Gives it back. */
  public void free() throws IOException {
    Files.deleteIfExists(filler);
  }

  /** Takes the disk away, with all that is on it. Nothing may use it any more. */
  @Override
  public void close() throws IOException {
    if (Files.exists(filler)) {
      free();
    }
    run("umount", directory.toString());
    Files.delete(image);
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(String.join(" ", List.of(command)) + ": " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted during " + command[0], e);
    }
  }
}
