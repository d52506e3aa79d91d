package io.outlay.streams.app;

/** A change of the prices gave way to another that began after it; it may be tried again. */
public final class ConcurrentChangeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ConcurrentChangeException(String message, Throwable cause) {
    super(message, cause);
  }
}
