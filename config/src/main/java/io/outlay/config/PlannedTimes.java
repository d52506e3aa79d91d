package io.outlay.config;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/** Reads the times of what is planned. */
public final class PlannedTimes {
  private PlannedTimes() {}

  /**
   * The instant that a text is, or the start of the date that it is.
   *
   * @throws java.time.format.DateTimeParseException if it is neither
   */
  public static Instant instant(String text, ZoneId zone) {
    return text.contains("T")
        ? Instant.parse(text)
        : LocalDate.parse(text).atStartOfDay(zone).toInstant();
  }
}
