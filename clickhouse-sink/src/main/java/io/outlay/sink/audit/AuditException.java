package io.outlay.sink.audit;

/** The audit could not be made; the message says what does not answer. */
public final class AuditException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public AuditException(String message, Throwable cause) {
    super(message, cause);
  }
}
