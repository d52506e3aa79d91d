package io.outlay.detector.budget;

/** The states of budgets could not be written; it may succeed later. */
public final class BudgetLogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BudgetLogException(String message, Throwable cause) {
    super(message, cause);
  }
}
