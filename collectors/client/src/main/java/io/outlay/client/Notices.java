package io.outlay.client;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Tells the listener and the log what happens, on a thread of its own. Lost and rejected events are
 * logged at most once in ten seconds each, with how many there were.
 */
final class Notices {
  private static final Logger LOG = System.getLogger("io.outlay.client");
  private static final int MAX_WAITING = 4_096;
  private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final ClientListener listener;
  private final ThreadPoolExecutor thread;
  private final AtomicLong leftOut = new AtomicLong();

  // Touched by the one thread only.
  private final Throttle rejections = new Throttle("rejected");
  private final Throttle drops = new Throttle("lost");
  private boolean away;

  Notices(ClientListener listener) {
    this.listener = listener;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            task -> {
              Thread created = new Thread(task, "outlay-client-listener");
              created.setDaemon(true);
              return created;
            });
    thread.allowCoreThreadTimeOut(true);
  }

  void delivered(int events) {
    tell(
        () -> {
          if (away) {
            away = false;
            LOG.log(Level.INFO, "the collector takes events again");
          }
          listener.delivered(events);
        });
  }

  void rejected(Rejection rejection) {
    tell(
        () -> {
          rejections.log(
              "event " + rejection.id() + ", " + rejection.field() + ": " + rejection.error());
          listener.rejected(rejection);
        });
  }

  void dropped(@Nullable String id, String reason) {
    tell(
        () -> {
          drops.log(id == null ? reason : "event " + id + ": " + reason);
          listener.dropped(id, reason);
        });
  }

  void spooled(List<String> ids) {
    tell(() -> listener.spooled(ids));
  }

  void retrying(String reason, Duration delay) {
    tell(
        () -> {
          // One line per absence; the listener hears of every attempt.
          LOG.log(
              away ? Level.DEBUG : Level.WARNING,
              "the collector is away, next attempt in {0} ms: {1}",
              String.valueOf(delay.toMillis()),
              reason);
          away = true;
          listener.retrying(reason, delay);
        });
  }

  void refused(int status, String detail, Duration delay) {
    tell(
        () -> {
          LOG.log(
              Level.ERROR,
              "the collector refuses this client, next attempt in {0} s: HTTP {1} {2}",
              String.valueOf(delay.toSeconds()),
              String.valueOf(status),
              detail);
          away = true;
          listener.refused(status, detail, delay);
        });
  }

  void problem(String what, @Nullable Throwable cause) {
    tell(() -> LOG.log(Level.WARNING, what, cause));
  }

  /** Tells what waits, for as long as there is time; then nothing any more. */
  void close(Duration timeout) {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        thread.getQueue().clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(Runnable notice) {
    try {
      thread.execute(
          () -> {
            try {
              long missed = leftOut.getAndSet(0);
              if (missed > 0) {
                LOG.log(Level.WARNING, "notices left out, since the listener is slow: " + missed);
              }
              notice.run();
            } catch (RuntimeException e) {
              LOG.log(Level.WARNING, "a listener failed", e);
            }
          });
    } catch (RejectedExecutionException e) {
      leftOut.incrementAndGet();
    }
  }

  private static final class Throttle {
    private final String what;
    private long next = System.nanoTime();
    private long unsaid;

    Throttle(String what) {
      this.what = what;
    }

    void log(String example) {
      unsaid++;
      long now = System.nanoTime();
      if (now - next >= 0) {
        LOG.log(Level.WARNING, "events " + what + ": " + unsaid + ", the last: " + example);
        unsaid = 0;
        next = now + LOG_INTERVAL_NANOS;
      }
    }
  }
}
