package io.outlay.collectors.ingest;

/** Events cannot be written now; sending them again later is safe and worth it. */
public class UnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  public UnavailableException(String message) {
    super(message);
  }

  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
