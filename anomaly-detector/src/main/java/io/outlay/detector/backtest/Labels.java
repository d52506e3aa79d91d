package io.outlay.detector.backtest;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads labels: CSV with the header {@value #HEADER}, a scope as {@code team=search+feature=chat},
 * times as instants or dates. Empty lines and those that start with {@code #} are passed over.
 */
public final class Labels {
  /** First line of a file. */
  public static final String HEADER = "scope,from,to,kind";

  private static final int COLUMNS = 4;

  private Labels() {}

  /**
   * The labels of a file's text.
   *
   * @param zone of dates
   * @throws IllegalArgumentException naming the line and what is wrong with it
   */
  public static List<Label> parse(String text, ZoneId zone) {
    List<Label> labels = new ArrayList<>();
    boolean headed = false;
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String at = "line " + (i + 1) + ": ";
      if (!headed) {
        if (!line.equals(HEADER)) {
          throw new IllegalArgumentException(at + "must be " + HEADER + ", was " + line);
        }
        headed = true;
        continue;
      }
      String[] columns = line.split(",", -1);
      if (columns.length != COLUMNS) {
        throw new IllegalArgumentException(
            at + "must have " + COLUMNS + " columns, had " + columns.length);
      }
      try {
        labels.add(
            new Label(
                scope(columns[0]),
                time("from", columns[1], zone),
                time("to", columns[2], zone),
                columns[3].strip()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(at + e.getMessage(), e);
      }
    }
    if (!headed) {
      throw new IllegalArgumentException("must start with " + HEADER + ", was empty");
    }
    return labels;
  }

  private static Map<String, String> scope(String text) {
    Map<String, String> scope = new LinkedHashMap<>();
    Arrays.stream(text.strip().split("\\+", -1))
        .forEach(
            part -> {
              int equals = part.indexOf('=');
              if (equals < 1 || equals == part.length() - 1) {
                throw new IllegalArgumentException(
                    "scope must be like team=search+feature=chat, was " + text);
              }
              scope.put(part.substring(0, equals), part.substring(equals + 1));
            });
    return scope;
  }

  private static Instant time(String key, String text, ZoneId zone) {
    String stripped = text.strip();
    try {
      return stripped.contains("T")
          ? Instant.parse(stripped)
          : LocalDate.parse(stripped).atStartOfDay(zone).toInstant();
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          key + " must be an instant such as 2026-11-27T08:00:00Z or a date, was " + stripped, e);
    }
  }
}
