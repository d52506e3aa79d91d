package io.outlay.collectors.pull;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with a target once, then every few minutes while it lasts, and when it is
 * over: an outage must not fill the disk. For one thread.
 */
final class Complaints {
  static final Duration EVERY = Duration.ofMinutes(5);

  private final Logger log;
  private final String who;
  private final InstantSource clock;
  private @Nullable Instant said;

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
    if (said == null || !now.isBefore(said.plus(EVERY))) {
      said = now;
      log.log(Level.WARNING, "{0}: {1}", who, what);
    }
  }

  void over() {
    if (said != null) {
      said = null;
      log.log(Level.INFO, "{0}: is well again", who);
    }
  }
}
