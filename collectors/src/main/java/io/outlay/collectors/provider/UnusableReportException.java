package io.outlay.collectors.provider;

import io.outlay.usage.Violation;

/** An object tells no usage, or in a way that cannot be taken. */
public class UnusableReportException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Violation violation;

  public UnusableReportException(String field, String error) {
    this(new Violation(field, error));
  }

  UnusableReportException(Violation violation) {
    super(violation.toString());
    this.violation = violation;
  }

  /** What is wrong, and where. */
  public Violation violation() {
    return violation;
  }
}
