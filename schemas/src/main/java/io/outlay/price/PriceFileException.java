package io.outlay.price;

/** A fault in a price file. */
public final class PriceFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;

  /**
   * @param line where the fault is, from 1; 0 if unknown
   */
  public PriceFileException(int line, String message) {
    super((line > 0 ? "line " + line + ": " : "") + message);
    this.line = line;
  }

  /** Where the fault is, from 1; 0 if unknown. */
  public int line() {
    return line;
  }
}
