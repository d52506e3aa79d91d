package io.outlay.collectors.pull;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads the text exposition format of Prometheus, line by line. A line that is malformed is
 * reported and harms no other. Comments, types and timestamps are skipped.
 */
final class PrometheusText {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern NUMBER =
      Pattern.compile(
          "[+-]?(?:[0-9]{1,64}\\.?[0-9]{0,64}|\\.[0-9]{1,64})(?:[eE][+-]?[0-9]{1,6})?"
              + "|NaN|[+-]?Inf");
  private static final Pattern TIMESTAMP = Pattern.compile("-?[0-9]{1,19}");
  private static final int MAX_SHOWN = 40;

  /**
   * One value of one series.
   *
   * @param labels those that are empty left out, as they mean the same as none
   * @param value a decimal number, {@code NaN} or an infinity, as it was written
   * @param line from 1
   */
  record Sample(String name, Map<String, String> labels, String value, int line) {}

  /** Told of a line that is malformed. */
  @FunctionalInterface
  interface Malformed {
    /**
     * @param line from 1
     */
    void line(int line, String error);
  }

  private final String text;
  private final int end;
  private int at;

  private PrometheusText(String text, int from, int end) {
    this.text = text;
    this.at = from;
    this.end = end;
  }

  /** Reads all lines, in order. */
  static void read(String text, Consumer<Sample> samples, Malformed malformed) {
    int line = 1;
    for (int start = 0; start < text.length(); line++) {
      int newline = text.indexOf('\n', start);
      int end = newline < 0 ? text.length() : newline;
      PrometheusText reader = new PrometheusText(text, start, end);
      try {
        reader.skipBlanks();
        if (reader.at < end && text.charAt(reader.at) != '#') {
          samples.accept(reader.sample(line));
        }
      } catch (MalformedException e) {
        malformed.line(line, String.valueOf(e.getMessage()));
      }
      start = end + 1;
    }
  }

  private Sample sample(int line) throws MalformedException {
    String name = name("a metric");
    skipBlanks();
    Map<String, String> labels = new HashMap<>();
    if (at < end && text.charAt(at) == '{') {
      at++;
      labels(labels);
      skipBlanks();
    }
    String value = word();
    if (!NUMBER.matcher(value).matches()) {
      throw new MalformedException("the value must be a number, was " + shown(value));
    }
    skipBlanks();
    String timestamp = word();
    skipBlanks();
    if (at < end || !(timestamp.isEmpty() || TIMESTAMP.matcher(timestamp).matches())) {
      throw new MalformedException(
          "only a timestamp may follow the value, was " + shown(timestamp));
    }
    labels.values().removeIf(String::isEmpty);
    return new Sample(name, labels, value, line);
  }

  private void labels(Map<String, String> labels) throws MalformedException {
    while (true) {
      skipBlanks();
      if (next("a label or }") == '}') {
        at++;
        return;
      }
      String label = name("a label");
      skipBlanks();
      expect('=');
      skipBlanks();
      expect('"');
      if (labels.put(label, quoted()) != null) {
        throw new MalformedException("the label " + label + " is there twice");
      }
      skipBlanks();
      if (next(", or }") == ',') {
        at++;
      } else if (text.charAt(at) != '}') {
        throw unexpected(", or }");
      }
    }
  }

  /** A label's value, from after its opening quote to after its closing one. */
  private String quoted() throws MalformedException {
    StringBuilder value = new StringBuilder();
    while (true) {
      char c = next("a closing quote");
      at++;
      if (c == '"') {
        return value.toString();
      }
      if (c != '\\') {
        value.append(c);
        continue;
      }
      char escaped = next("a character after the backslash");
      at++;
      switch (escaped) {
        case '\\', '"' -> value.append(escaped);
        case 'n' -> value.append('\n');
        default -> value.append(c).append(escaped);
      }
    }
  }

  private String name(String what) throws MalformedException {
    int from = at;
    while (at < end && isNamePart(text.charAt(at))) {
      at++;
    }
    String name = text.substring(from, at);
    if (!NAME.matcher(name).matches()) {
      throw unexpected("the name of " + what);
    }
    return name;
  }

  private static boolean isNamePart(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == ':';
  }

  /** Everything up to the next blank. */
  private String word() {
    int from = at;
    while (at < end && !isBlank(text.charAt(at))) {
      at++;
    }
    return text.substring(from, at);
  }

  private char next(String expected) throws MalformedException {
    if (at >= end) {
      throw unexpected(expected);
    }
    return text.charAt(at);
  }

  private void expect(char c) throws MalformedException {
    if (next(String.valueOf(c)) != c) {
      throw unexpected(String.valueOf(c));
    }
    at++;
  }

  private void skipBlanks() {
    while (at < end && isBlank(text.charAt(at))) {
      at++;
    }
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
  }

  private MalformedException unexpected(String expected) {
    return new MalformedException(
        "must have "
            + expected
            + ", had "
            + (at >= end ? "its end" : shown(text.substring(at, end)))
            + " there");
  }

  private static String shown(String value) {
    return '"'
        + (value.length() <= MAX_SHOWN ? value : value.substring(0, MAX_SHOWN - 1) + "…")
        + '"';
  }

  /** Says what is wrong with a line. */
  private static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }
}
