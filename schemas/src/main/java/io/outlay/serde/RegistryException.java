package io.outlay.serde;

/**
 * The schema registry is away or refused a request. Worth trying again; says nothing about a
 * record.
 */
public class RegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RegistryException(String message) {
    super(message);
  }

  public RegistryException(String message, Throwable cause) {
    super(message, cause);
  }
}
