package io.outlay.collectors.format;

/** A body is not of its format from some place on, so that nothing of it can be taken. */
public class UnreadableBodyException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;

  /**
   * @param line of the place, from 1; 0 where there is none to name
   * @param column of the place, in bytes from 1; 0 where there is none to name
   */
  public UnreadableBodyException(String message, int line, int column) {
    super(message);
    this.line = line;
    this.column = column;
  }

  /** Line of the place, from 1; 0 where there is none to name. */
  public int line() {
    return line;
  }

  /** Column of the place, in bytes from 1; 0 where there is none to name. */
  public int column() {
    return column;
  }
}
