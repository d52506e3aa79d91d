package io.outlay.client;

/** An event has a value that the collector would refuse. The message names field and value. */
public final class InvalidEventException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String field;
  private final String error;

  InvalidEventException(String field, String error) {
    super(field + ": " + error);
    this.field = field;
    this.error = error;
  }

  /** Path of the field, such as {@code data.tokens.output}; {@code $} is the event as a whole. */
  public String field() {
    return field;
  }

  /** What must hold and what was there, such as {@code must be >= 0, was -5}. */
  public String error() {
    return error;
  }
}
