package io.outlay.collectors.pull;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads all targets, each in its own time. One thread keeps the times; the readings run on others,
 * one for each target up to {@value #MAX_WORKERS}, so that a target that is slow delays no other.
 */
public final class PullSchedule implements AutoCloseable {
  /** Readings at once. */
  static final int MAX_WORKERS = 64;

  private static final Logger LOG = System.getLogger(PullSchedule.class.getName());
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final String PROMETHEUS = "text/plain;version=0.0.4";
  private static final String LISTING =
      "text/csv, application/json, application/x-ndjson, */*;q=0.5";

  private final ScheduledThreadPoolExecutor timer;
  private final ThreadPoolExecutor workers;
  private final InstantSource clock;
  private final List<Course> courses = new ArrayList<>();
  private volatile boolean closing;

  /**
   * What to read, and how.
   *
   * @param stateDir where readings are kept until they are acknowledged; not to be shared by
   *     collectors that run at the same time
   * @param maxBodyBytes largest answer or file, ≥ 1
   */
  public record Settings(
      List<GpuTarget> gpus, List<InventoryTarget> inventories, Path stateDir, int maxBodyBytes) {
    public Settings {
      gpus = List.copyOf(gpus);
      inventories = List.copyOf(inventories);
    }
  }

  /**
   * @param clock says which slot it is
   */
  public PullSchedule(
      Settings settings, Delivery delivery, PullMetrics metrics, InstantSource clock) {
    this.clock = clock;
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    for (GpuTarget target : settings.gpus()) {
      Source source =
          new HttpSource(
              client, target.url(), target.timeout(), PROMETHEUS, settings.maxBodyBytes());
      StateFile file =
          new StateFile(settings.stateDir().resolve("gpu").resolve(target.name() + ".json"));
      courses.add(new Course(new GpuPuller(target, source, file, delivery), metrics, clock));
    }
    for (InventoryTarget target : settings.inventories()) {
      Source source =
          "file".equals(target.url().getScheme())
              ? new FileSource(Path.of(target.url()), settings.maxBodyBytes())
              : new HttpSource(
                  client, target.url(), target.timeout(), LISTING, settings.maxBodyBytes());
      StateFile file =
          new StateFile(settings.stateDir().resolve("inventory").resolve(target.name() + ".json"));
      courses.add(new Course(new InventoryPuller(target, source, file, delivery), metrics, clock));
    }
    timer = new ScheduledThreadPoolExecutor(1, threads("outlay-pull-timer"));
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    int threads = Math.max(1, Math.min(MAX_WORKERS, courses.size()));
    workers =
        new ThreadPoolExecutor(
            threads,
            threads,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(),
            threads("outlay-pull-worker"));
    workers.allowCoreThreadTimeOut(true);
  }

  /** Begins to read. */
  public void start() {
    courses.forEach(course -> schedule(course, course.first()));
  }

  /** Breaks off what runs. What was read and not acknowledged is kept, and sent after the start. */
  @Override
  public void close() {
    closing = true;
    timer.shutdownNow();
    workers.shutdownNow();
    try {
      if (!workers.awaitTermination(2, TimeUnit.SECONDS)) {
        LOG.log(Level.WARNING, "a reading does not stop, and is left behind");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void schedule(Course course, Instant when) {
    long delay = Math.max(1, Duration.between(clock.instant(), when).toMillis());
    try {
      // The task never fails and is never cancelled by itself.
      var unused =
          timer.schedule(() -> workers.execute(() -> run(course)), delay, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      if (!closing) {
        throw e;
      }
    }
  }

  private void run(Course course) {
    Instant again;
    try {
      again = course.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    schedule(course, again);
  }

  private static ThreadFactory threads(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
