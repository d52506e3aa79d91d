package io.outlay.streams.reprice;

/** What repricing reads or writes does not answer; it may later. */
public final class StoreAwayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreAwayException(String message, Throwable cause) {
    super(message, cause);
  }
}
