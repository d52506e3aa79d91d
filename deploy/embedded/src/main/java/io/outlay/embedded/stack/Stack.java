package io.outlay.embedded.stack;

import io.outlay.embedded.stack.PartStatus.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Processes that belong together. Each runs detached from whoever started it and is found again
 * through its pid file, so that any number of launchers, one after the other or at once, see the
 * same stack.
 */
public final class Stack {
  private static final Duration LOCK_PATIENCE = Duration.ofMinutes(5);
  private static final Duration REMIND_EVERY = Duration.ofSeconds(5);
  private static final long POLL_MILLIS = 50;

  /** Asking costs the part that is asked while it has other things to do. */
  private static final long ASK_MILLIS = 200;

  private static final int TAIL_LINES = 25;

  private final DataDirectory data;
  private final List<Part> parts;
  private final Duration stopWithin;
  private final Progress progress;

  /** How {@link #up()} ended. */
  public enum Outcome {
    /** Everything was running and ready before. */
    WAS_UP,
    /** Something was started, or became ready, and now all is. */
    IS_UP
  }

  /**
   * @param parts each after those that it needs
   * @param stopWithin how long a part may take to end before it is killed
   * @throws IllegalArgumentException if a part needs one that does not stand before it
   */
  public Stack(DataDirectory data, List<Part> parts, Duration stopWithin, Progress progress) {
    Set<String> seen = new HashSet<>();
    for (Part part : parts) {
      if (!seen.containsAll(part.after())) {
        throw new IllegalArgumentException(part.name() + " stands before one of " + part.after());
      }
      seen.add(part.name());
    }
    this.data = data;
    this.parts = List.copyOf(parts);
    this.stopWithin = stopWithin;
    this.progress = progress;
  }

  /** The parts, in the order in which they are started. */
  public List<Part> parts() {
    return parts;
  }

  /** Whether any part runs. */
  public boolean isAnyRunning() {
    return parts.stream().anyMatch(part -> data.pid(part.name()).readAlive().isPresent());
  }

  /**
   * Starts what does not run and waits until all of it is ready. Where that fails, what this call
   * started is stopped again; what ran before is left alone.
   *
   * @throws UsageException if a port is taken
   * @throws StackException if a part ends while it starts, or takes too long
   */
  @SuppressWarnings("try") // the lock is there to be held
  public Outcome up() {
    data.create();
    try (StackLock lock = StackLock.acquire(data, LOCK_PATIENCE, progress)) {
      return upLocked();
    }
  }

  private Outcome upLocked() {
    Map<String, RunningProcess> running = new ConcurrentHashMap<>();
    List<Part> missing = new ArrayList<>();
    for (Part part : parts) {
      data.pid(part.name())
          .readAlive()
          .ifPresentOrElse(
              entry -> running.put(part.name(), entry.process()), () -> missing.add(part));
    }
    if (missing.isEmpty()
        && parts.stream().allMatch(part -> part.readiness().whyNotReady().isEmpty())) {
      return Outcome.WAS_UP;
    }
    checkPorts(missing);
    Start start = new Start(running);
    Thread onInterrupt = new Thread(() -> start.abandon(parts), "stop-what-was-started");
    Runtime.getRuntime().addShutdownHook(onInterrupt);
    try {
      start.run();
      return Outcome.IS_UP;
    } catch (RuntimeException e) {
      start.abandon(parts);
      throw e;
    } finally {
      removeHook(onInterrupt);
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The virtual machine is ending: the hook runs, or has run, and that is what it is for.
      return;
    }
  }

  private static void checkPorts(List<Part> missing) {
    List<String> problems = new ArrayList<>();
    Map<String, String> claimed = new HashMap<>();
    for (Part part : missing) {
      for (Listener listener : part.listeners()) {
        String other = claimed.putIfAbsent(listener.address(), listener.key());
        if (other != null) {
          problems.add(
              "port %d (%s): %s and %s must differ"
                  .formatted(listener.port(), part.name(), other, listener.key()));
        } else {
          PortCheck.problem(part.name(), listener).ifPresent(problems::add);
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new UsageException(String.join("\n", problems));
    }
  }

  /**
   * Stops everything, those first that others were started before. Parts that do not end in time
   * are killed. Data stays.
   *
   * @return how many processes were stopped
   */
  @SuppressWarnings("try") // the lock is there to be held
  public int down() {
    if (!data.exists()) {
      return 0;
    }
    try (StackLock lock = StackLock.acquire(data, LOCK_PATIENCE, progress)) {
      return stop(parts);
    }
  }

  /** How each part is doing, now. */
  public List<PartStatus> status() {
    List<CompletableFuture<PartStatus>> asked = new ArrayList<>();
    ExecutorService threads = threads();
    try {
      for (Part part : parts) {
        asked.add(CompletableFuture.supplyAsync(() -> status(part), threads));
      }
      return asked.stream().map(CompletableFuture::join).toList();
    } finally {
      threads.shutdownNow();
    }
  }

  private PartStatus status(Part part) {
    Optional<PidFile.Entry> alive = data.pid(part.name()).readAlive();
    if (alive.isEmpty()) {
      return new PartStatus(
          part,
          State.STOPPED,
          OptionalLong.empty(),
          Duration.ZERO,
          OptionalLong.empty(),
          Optional.empty());
    }
    RunningProcess process = alive.get().process();
    Duration uptime = Duration.between(alive.get().startedAt(), Instant.now());
    Optional<String> reason = part.readiness().whyNotReady();
    State state =
        reason.isEmpty()
            ? State.READY
            : uptime.compareTo(part.startWithin()) < 0 ? State.STARTING : State.NOT_READY;
    return new PartStatus(
        part,
        state,
        OptionalLong.of(process.pid()),
        uptime.isNegative() ? Duration.ZERO : uptime,
        process.residentBytes(),
        reason);
  }

  /** One attempt to bring everything up. */
  private final class Start {
    private final Map<String, RunningProcess> running;
    private final Map<String, Part> started = new ConcurrentHashMap<>();
    private final Set<String> waiting = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private final long begin = System.nanoTime();
    private volatile boolean abandoned;
    private boolean stopping;

    Start(Map<String, RunningProcess> running) {
      this.running = running;
    }

    void run() {
      ExecutorService threads = threads();
      try {
        Map<String, CompletableFuture<Void>> ready = new HashMap<>();
        for (Part part : parts) {
          CompletableFuture<?>[] needed =
              part.after().stream().map(ready::get).toArray(CompletableFuture[]::new);
          ready.put(
              part.name(),
              CompletableFuture.allOf(needed).thenRunAsync(() -> tryStart(part), threads));
        }
        await(ready.values());
      } finally {
        abandoned = true;
        threads.shutdownNow();
      }
    }

    private void await(Collection<CompletableFuture<Void>> ready) {
      // The first failure ends the wait; the others would only fail after it.
      CompletableFuture<Object> done =
          CompletableFuture.anyOf(
              CompletableFuture.allOf(ready.toArray(CompletableFuture[]::new)), failed);
      while (true) {
        try {
          done.get(REMIND_EVERY.toMillis(), TimeUnit.MILLISECONDS);
          return;
        } catch (TimeoutException e) {
          progress.line("%5.1f s  waiting for %s".formatted(elapsed(), waitingFor()));
        } catch (java.util.concurrent.ExecutionException e) {
          throw unwrap(e.getCause());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new StackException("interrupted while starting", e);
        }
      }
    }

    private String waitingFor() {
      return String.join(", ", parts.stream().map(Part::name).filter(waiting::contains).toList());
    }

    private double elapsed() {
      return (System.nanoTime() - begin) / 1e9;
    }

    private void tryStart(Part part) {
      try {
        startAndAwait(part);
      } catch (RuntimeException e) {
        failed.completeExceptionally(e);
        throw e;
      }
    }

    private void startAndAwait(Part part) {
      LogFile log = data.log(part.name());
      long from = log.length();
      waiting.add(part.name());
      RunningProcess process = running.get(part.name());
      if (process == null) {
        log.rotate();
        from = log.length();
        process = launch(part, log);
      }
      long deadline = System.nanoTime() + part.startWithin().toNanos();
      while (!abandoned) {
        Optional<String> reason = part.readiness().whyNotReady();
        if (reason.isEmpty() && process.isAlive()) {
          waiting.remove(part.name());
          progress.line(
              "%5.1f s  %s  %s at %s"
                  .formatted(
                      elapsed(),
                      padded(part),
                      started.containsKey(part.name()) ? "ready" : "was running",
                      part.address()));
          return;
        }
        if (!process.isAlive()) {
          throw new StackException(
              part.name() + " ended while it was starting" + lastWords(log, from));
        }
        if (System.nanoTime() > deadline) {
          throw new StackException(
              "%s is not ready after %d s (%s)%s"
                  .formatted(
                      part.name(),
                      part.startWithin().toSeconds(),
                      reason.orElse(""),
                      lastWords(log, from)));
        }
        pause(ASK_MILLIS);
      }
      throw new StackException("starting " + part.name() + " was interrupted");
    }

    private RunningProcess launch(Part part, LogFile log) {
      try {
        Files.createDirectories(part.directory());
        ProcessBuilder builder =
            new ProcessBuilder(Detached.command(part.command()))
                .directory(part.directory().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.path().toFile()));
        builder.environment().clear();
        builder.environment().putAll(part.environment());
        synchronized (started) {
          if (abandoned) {
            throw new StackException("starting " + part.name() + " was interrupted");
          }
          Process process = builder.start();
          started.put(part.name(), part);
          RunningProcess known =
              RunningProcess.find(process.pid())
                  .orElseGet(() -> new RunningProcess(process.pid(), "ended"));
          data.pid(part.name()).write(new PidFile.Entry(known, Instant.now()));
          return known;
        }
      } catch (IOException e) {
        throw new StackException("cannot start " + part.name() + ": " + e.getMessage(), e);
      }
    }

    private String lastWords(LogFile log, long from) {
      List<String> lines = log.tail(from, TAIL_LINES);
      return "; the end of its log, %s:%n  %s"
          .formatted(log.path(), lines.isEmpty() ? "(empty)" : String.join("\n  ", lines));
    }

    /** Stops what this attempt started. */
    void abandon(List<Part> all) {
      List<Part> mine;
      synchronized (started) {
        if (stopping) {
          return; // by the other of main thread and shutdown hook
        }
        stopping = true;
        abandoned = true;
        mine = all.stream().filter(part -> started.containsKey(part.name())).toList();
      }
      if (!mine.isEmpty()) {
        progress.line("stopping what was started");
        stop(mine);
      }
    }
  }

  private static RuntimeException unwrap(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof RuntimeException runtime
        ? runtime
        : new StackException(String.valueOf(cause), cause);
  }

  private int stop(List<Part> which) {
    List<Part> left = new ArrayList<>(which);
    int stopped = 0;
    while (!left.isEmpty()) {
      // All that nobody left needs: programs at once, then what they stood on.
      Set<String> needed = new HashSet<>();
      left.forEach(part -> needed.addAll(part.after()));
      List<Part> next = left.stream().filter(part -> !needed.contains(part.name())).toList();
      stopped += stopTogether(next);
      left.removeAll(next);
    }
    return stopped;
  }

  private int stopTogether(List<Part> together) {
    Map<Part, RunningProcess> ending = new HashMap<>();
    for (Part part : together) {
      PidFile file = data.pid(part.name());
      file.readAlive().ifPresentOrElse(entry -> ending.put(part, entry.process()), file::delete);
    }
    int count = ending.size();
    ending.values().forEach(RunningProcess::terminate);
    long begin = System.nanoTime();
    long remindAt = REMIND_EVERY.toNanos();
    boolean killed = false;
    while (!ending.isEmpty()) {
      long elapsed = System.nanoTime() - begin;
      for (Part part : together) {
        RunningProcess process = ending.get(part);
        if (process != null && !process.isAlive()) {
          ending.remove(part);
          data.pid(part.name()).delete();
          progress.line("%5.1f s  %s  stopped".formatted(elapsed / 1e9, padded(part)));
        }
      }
      if (!ending.isEmpty() && !killed && elapsed > stopWithin.toNanos()) {
        killed = true;
        for (var late : ending.entrySet()) {
          progress.line(
              "%5.1f s  %s  did not end within %d s: killing process %d"
                  .formatted(
                      elapsed / 1e9,
                      padded(late.getKey()),
                      stopWithin.toSeconds(),
                      late.getValue().pid()));
          late.getValue().kill();
        }
      } else if (!ending.isEmpty() && elapsed > remindAt) {
        remindAt += REMIND_EVERY.toNanos();
        progress.line(
            "%5.1f s  waiting for %s to end"
                .formatted(
                    elapsed / 1e9,
                    String.join(", ", ending.keySet().stream().map(Part::name).toList())));
      }
      if (!ending.isEmpty()) {
        pause(POLL_MILLIS);
      }
    }
    return count;
  }

  private String padded(Part part) {
    int width = parts.stream().mapToInt(one -> one.name().length()).max().orElse(0);
    return part.name() + " ".repeat(width - part.name().length());
  }

  private ExecutorService threads() {
    return Executors.newFixedThreadPool(
        Math.max(1, parts.size()),
        task -> {
          Thread thread = new Thread(task, "stack");
          thread.setDaemon(true);
          return thread;
        });
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted while waiting", e));
    }
  }
}
