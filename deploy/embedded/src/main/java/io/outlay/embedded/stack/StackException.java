package io.outlay.embedded.stack;

/** A part that did not start, or did not answer. The message is for the terminal. */
public final class StackException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what failed, and where to look
   */
  public StackException(String message) {
    super(message);
  }

  /**
   * @param message what failed, and where to look
   */
  public StackException(String message, Throwable cause) {
    super(message, cause);
  }
}
