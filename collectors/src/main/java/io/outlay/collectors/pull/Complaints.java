package io.outlay.collectors.pull;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with a target once, then every few minutes while it lasts or comes back, and
 * when it is over. Something else that is wrong is said soon. An outage must not fill the disk. For
 * one thread.
 */
final class Complaints {
  private static final Duration SAME = Duration.ofMinutes(5);
  private static final Duration OTHER = Duration.ofSeconds(10);

  private final Logger log;
  private final String who;
  private final InstantSource clock;
  private @Nullable Instant said;
  private String last = "";
  private boolean open;

  /**
   * @param who named at the beginning of each line
   */
  Complaints(Logger log, String who, InstantSource clock) {
    this.log = log;
    this.who = who;
    this.clock = clock;
  }

  void wrong(String what) {
    Instant now = clock.instant();
    Duration quiet = what.equals(last) ? SAME : OTHER;
    if (said == null || !now.isBefore(said.plus(quiet))) {
      said = now;
      last = what;
      open = true;
      log.log(Level.WARNING, "{0}: {1}", who, what);
    }
  }

  void over() {
    if (open) {
      open = false;
      log.log(Level.INFO, "{0}: is well again", who);
    }
  }
}
