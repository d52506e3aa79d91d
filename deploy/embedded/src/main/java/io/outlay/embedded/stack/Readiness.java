package io.outlay.embedded.stack;

import java.util.Optional;

/** Whether a part does its work, asked from outside. */
@FunctionalInterface
public interface Readiness {
  /**
   * Asks once, within about two seconds.
   *
   * @return empty if ready, else why not, in a few words
   */
  Optional<String> whyNotReady();
}
