package io.outlay.collectors.format;

/** A request has more events than are allowed. */
public class TooManyEventsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param max how many are allowed
   */
  public TooManyEventsException(int max) {
    super("a request must have at most " + max + " events; send the rest in another");
  }
}
