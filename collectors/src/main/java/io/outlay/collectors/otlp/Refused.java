package io.outlay.collectors.otlp;

import io.outlay.usage.Violation;

/** Something that carries usage cannot be taken. */
final class Refused extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Violation violation;

  Refused(String field, String error) {
    this(new Violation(field, error));
  }

  Refused(Violation violation) {
    super(violation.toString(), null, false, false);
    this.violation = violation;
  }

  Violation violation() {
    return violation;
  }
}
