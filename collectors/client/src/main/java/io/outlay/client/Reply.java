package io.outlay.client;

import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP answer.
 *
 * @param status of HTTP
 * @param mediaType of the body, in lower case and without parameters; empty if none is named
 * @param retryAfter how long to wait, if the answer says so
 * @param body as it came, cut where it is longer than any answer of a collector
 */
record Reply(int status, String mediaType, @Nullable Duration retryAfter, String body) {
  static Reply of(int status, HttpHeaders headers, byte[] body, Instant now) {
    String type = headers.firstValue("content-type").orElse("");
    int semicolon = type.indexOf(';');
    return new Reply(
        status,
        (semicolon < 0 ? type : type.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT),
        headers
            .firstValue("retry-after")
            .map(value -> retryAfter(value, headers.firstValue("date").orElse(null), now))
            .orElse(null),
        new String(body, StandardCharsets.UTF_8));
  }

  /**
   * Seconds, or a date; a date is held against the collector's own clock where the answer shows it,
   * so that clocks need not agree. Null if the value is neither.
   */
  static @Nullable Duration retryAfter(String value, @Nullable String date, Instant now) {
    String text = value.strip();
    if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      // More digits than a wait can have are a very long wait, which is cut later.
      return Duration.ofSeconds(text.length() > 9 ? 999_999_999L : Long.parseLong(text));
    }
    Instant until = httpDate(text);
    if (until == null) {
      return null;
    }
    Instant collectorsNow = date == null ? null : httpDate(date);
    Duration wait = Duration.between(collectorsNow == null ? now : collectorsNow, until);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  private static @Nullable Instant httpDate(String text) {
    try {
      return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }
}
