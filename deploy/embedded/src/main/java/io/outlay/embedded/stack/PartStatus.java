package io.outlay.embedded.stack;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a part is doing.
 *
 * @param pid empty if stopped
 * @param uptime zero if stopped
 * @param residentBytes memory that it holds now; empty if stopped or unknown on this system
 * @param reason why it is not ready; empty if it is, or is stopped
 */
public record PartStatus(
    Part part,
    State state,
    OptionalLong pid,
    Duration uptime,
    OptionalLong residentBytes,
    Optional<String> reason) {

  /** What users are told. */
  public enum State {
    /** Runs and does its work. */
    READY("ready"),
    /** Runs, not ready yet, and still has time. */
    STARTING("starting"),
    /** Runs, but does not do its work. */
    NOT_READY("not ready"),
    /** No process. */
    STOPPED("stopped");

    private final String label;

    State(String label) {
      this.label = label;
    }

    /** The word for it. */
    public String label() {
      return label;
    }
  }
}
