package io.outlay.embedded.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the stack keeps everything: {@code run/} (pid files, lock), {@code logs/}, and one
 * directory to a part.
 *
 * @param root absolute
 */
public record DataDirectory(Path root) {
  /**
   * @throws UsageException if the path cannot be written into the configuration of every part
   */
  public DataDirectory {
    root = root.toAbsolutePath().normalize();
    String path = root.toString();
    for (char c : new char[] {',', ';', ':', '\n'}) {
      if (path.indexOf(c) >= 0) {
        throw new UsageException("the data directory's path must not contain '" + c + "': " + path);
      }
    }
  }

  /**
   * Creates what is missing.
   *
   * @throws UsageException if that is not possible
   */
  public void create() {
    try {
      Files.createDirectories(run());
      Files.createDirectories(logs());
    } catch (IOException e) {
      throw new UsageException("cannot write to the data directory " + root + ": " + e, e);
    }
  }

  /** Whether a stack was ever started with it. */
  public boolean exists() {
    return Files.isDirectory(run());
  }

  /** Where pid files and the lock are. */
  public Path run() {
    return root.resolve("run");
  }

  /** Where logs are. */
  public Path logs() {
    return root.resolve("logs");
  }

  /** Where a part keeps its data. */
  public Path of(String part) {
    return root.resolve(part);
  }

  /** The log of a part. */
  public LogFile log(String part) {
    return new LogFile(logs().resolve(part + ".log"));
  }

  /** The pid file of a part. */
  public PidFile pid(String part) {
    return new PidFile(run().resolve(part + ".pid"));
  }
}
