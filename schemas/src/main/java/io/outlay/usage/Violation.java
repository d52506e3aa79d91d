package io.outlay.usage;

/**
 * A field that breaks its bounds.
 *
 * @param field path as a publisher writes it, such as {@code data.tokens.output}
 * @param error what must hold and what was there, such as {@code must be >= 0, was -5}
 */
public record Violation(String field, String error) {
  @Override
  public String toString() {
    return field + " " + error;
  }
}
