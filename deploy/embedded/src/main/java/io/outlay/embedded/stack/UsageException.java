package io.outlay.embedded.stack;

/**
 * Something that the user has to put right first: an option, a key of the configuration, a taken
 * port. The message is for the terminal, as lines without a stack trace.
 */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is wrong and what to do about it
   */
  public UsageException(String message) {
    super(message);
  }

  /**
   * @param message what is wrong and what to do about it
   */
  public UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
