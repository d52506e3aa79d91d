package io.outlay.sink.row;

import io.outlay.schema.DeadLetterReason;

/** A record that can be read but does not fit its table. Trying again will not help. */
public class InvalidRowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final DeadLetterReason reason;

  /**
   * @param message names field and value
   */
  public InvalidRowException(DeadLetterReason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Class of the failure. */
  public DeadLetterReason reason() {
    return reason;
  }
}
