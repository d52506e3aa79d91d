package io.outlay.embedded.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * A process of this machine that cannot be mistaken for a later one with the same number: beside
 * the number it is known by when it started.
 *
 * @param pid number of the process
 * @param start when it started, as the system tells it: on Linux in ticks since a certain boot,
 *     which no change of the clock moves; elsewhere in milliseconds since the epoch
 */
public record RunningProcess(long pid, String start) {
  private static final Path PROC = Path.of("/proc");

  /** The process with this number; empty if there is none, or only the remains of one. */
  public static Optional<RunningProcess> find(long pid) {
    Optional<ProcessHandle> handle = ProcessHandle.of(pid);
    if (handle.isEmpty() || !handle.get().isAlive()) {
      return Optional.empty();
    }
    Path stat = PROC.resolve(Long.toString(pid)).resolve("stat");
    if (Files.exists(PROC.resolve("self/stat"))) {
      try {
        String text = Files.readString(stat, StandardCharsets.ISO_8859_1);
        // The name stands in parentheses and may hold anything: count from the last one.
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
        // Dead and waiting for a parent that does not care; but as long as any of its threads has
        // not ended yet, it still holds its ports.
        boolean dead = fields[0].equals("Z") || fields[0].equals("X");
        if (dead && Integer.parseInt(fields[17]) <= 1) {
          return Optional.empty();
        }
        String boot = Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
        return Optional.of(new RunningProcess(pid, boot + "/" + fields[19]));
      } catch (IOException e) {
        return Optional.empty(); // gone in between
      }
    }
    return handle
        .get()
        .info()
        .startInstant()
        .map(start -> new RunningProcess(pid, Long.toString(start.toEpochMilli())));
  }

  /** Whether this very process still runs. */
  public boolean isAlive() {
    return find(pid).filter(this::equals).isPresent();
  }

  /** Asks it to end; nothing happens if it has. */
  public void terminate() {
    if (isAlive()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
    }
  }

  /** Ends it without asking; nothing happens if it has ended. */
  public void kill() {
    if (isAlive()) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  /** Memory that it holds now, in bytes; empty where the system does not tell. */
  public OptionalLong residentBytes() {
    Path status = PROC.resolve(Long.toString(pid)).resolve("status");
    try {
      if (Files.exists(status)) {
        for (String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
          if (line.startsWith("VmRSS:")) {
            return OptionalLong.of(kilobytes(line.replaceAll("[^0-9]", "")));
          }
        }
        return OptionalLong.empty();
      }
      Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", Long.toString(pid)).start();
      String rss = new String(ps.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return ps.waitFor(2, TimeUnit.SECONDS) && !rss.isBlank()
          ? OptionalLong.of(kilobytes(rss.strip()))
          : OptionalLong.empty();
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalLong.empty();
    }
  }

  private static long kilobytes(String number) {
    return Math.multiplyExact(Long.parseLong(number), 1024L);
  }
}
