package io.outlay.collectors.otlp;

import io.outlay.usage.UsageRules;

/** What was contradictory in what a source reported, and how it was taken. */
final class Warnings {
  private final StringBuilder text = new StringBuilder();

  void add(String warning) {
    if (!text.isEmpty()) {
      text.append("; ");
    }
    text.append(warning);
  }

  /**
   * A text that an event can hold: what is too long is cut, and characters that none may have are
   * replaced, for losing the event would be worse.
   */
  String fit(String field, String value, int max) {
    String clean = clean(value);
    if (clean.length() <= max) {
      return clean;
    }
    add(field + " was cut to " + max + " characters");
    return cut(clean, max);
  }

  @Override
  public String toString() {
    return cut(text.toString(), UsageRules.MAX_ID_LENGTH);
  }

  /** The first characters of a text, none of them halved. */
  static String cut(String value, int max) {
    if (value.length() <= max) {
      return value;
    }
    return value.substring(0, Character.isHighSurrogate(value.charAt(max - 1)) ? max - 1 : max);
  }

  private static String clean(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < ' ' || value.charAt(i) == 0x7f) {
        return value.replaceAll("[\\x00-\\x1f\\x7f]", " ");
      }
    }
    return value;
  }
}
