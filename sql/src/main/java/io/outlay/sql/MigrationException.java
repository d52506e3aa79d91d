package io.outlay.sql;

/**
 * The schema cannot be brought up to date although ClickHouse answers: trying again will not help.
 */
public class MigrationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MigrationException(String message) {
    super(message);
  }

  public MigrationException(String message, Throwable cause) {
    super(message, cause);
  }
}
