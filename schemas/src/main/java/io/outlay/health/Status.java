package io.outlay.health;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether something that a program needs works. Says so in the log when that changes, not whenever
 * it is asked. Safe for concurrent use.
 */
public final class Status {
  private static final Logger LOG = System.getLogger(Status.class.getName());

  private final String what;
  private final Clock clock;
  private @Nullable Instant since;
  private String reason = "";
  private long failures;

  /**
   * @param what names it in the log
   */
  public Status(String what, Clock clock) {
    this.what = what;
    this.clock = clock;
  }

  /** Says that it does not work. */
  public synchronized void failed(String why) {
    failures++;
    reason = why;
    if (since == null) {
      since = clock.instant();
      LOG.log(Level.WARNING, "{0} fails, trying again until it works: {1}", what, why);
    }
  }

  /** Says that it works. */
  public synchronized void works() {
    if (since != null) {
      LOG.log(
          Level.INFO,
          "{0} works again after {1} and {2} failures",
          what,
          Duration.between(since, clock.instant()).withNanos(0),
          Long.toString(failures));
      since = null;
      failures = 0;
      reason = "";
    }
  }

  /** For how long it has not worked; zero while it works. */
  public synchronized Duration failingFor() {
    return since == null ? Duration.ZERO : Duration.between(since, clock.instant());
  }

  /** Whether the last word was that it works. */
  public synchronized boolean isWorking() {
    return since == null;
  }

  /** Why it does not work, and since when; empty while it works. */
  public synchronized String reason() {
    return since == null ? "" : "since " + since + ": " + reason;
  }

  /** What it is. */
  public String what() {
    return what;
  }
}
