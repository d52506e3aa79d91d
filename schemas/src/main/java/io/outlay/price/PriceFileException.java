package io.outlay.price;

import java.util.List;

/** The faults of a price file. Its message has a line for each. */
public final class PriceFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * One fault.
   *
   * @param line where it is, from 1; 0 if unknown
   * @param message key and value that are wrong, and what must hold
   */
  public record Fault(int line, String message) implements java.io.Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      return line > 0 ? "line " + line + ": " + message : message;
    }
  }

  private final List<Fault> faults;
  private final int count;

  /**
   * @param line where the fault is, from 1; 0 if unknown
   */
  public PriceFileException(int line, String message) {
    this(List.of(new Fault(line, message)), 1);
  }

  PriceFileException(List<Fault> faults, int count) {
    super(message(faults, count));
    this.faults = List.copyOf(faults);
    this.count = count;
  }

  private static String message(List<Fault> faults, int count) {
    StringBuilder text = new StringBuilder();
    for (Fault fault : faults) {
      text.append(text.isEmpty() ? "" : "\n").append(fault);
    }
    if (count > faults.size()) {
      text.append("\nand ").append(count - faults.size()).append(" more");
    }
    return text.toString();
  }

  /** The faults by line, at most {@link Faults#KEPT}. */
  public List<Fault> faults() {
    return faults;
  }

  /** How many faults there are, those that are not kept among them. */
  public int count() {
    return count;
  }

  /** Where the first fault is, from 1; 0 if unknown. */
  public int line() {
    return faults.get(0).line();
  }
}
