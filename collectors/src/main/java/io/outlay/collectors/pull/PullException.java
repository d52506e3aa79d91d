package io.outlay.collectors.pull;

/** A reading failed; its slot is still open, so that trying again is worth it. */
class PullException extends Exception {
  private static final long serialVersionUID = 1L;

  PullException(String message) {
    super(message);
  }

  PullException(String message, Throwable cause) {
    super(message, cause);
  }
}
