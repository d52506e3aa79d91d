package io.outlay.collectors.event;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class Rfc3339Test {
  @ParameterizedTest
  @CsvSource({
    "2026-11-21T02:00:00Z, 2026-11-21T02:00:00Z",
    "2026-11-21t02:00:00z, 2026-11-21T02:00:00Z",
    "2026-11-21T02:00:00.5+01:00, 2026-11-21T01:00:00.5Z",
    "2026-11-21T23:30:00-05:30, 2026-11-22T05:00:00Z",
    "2026-11-21T02:00:00-00:00, 2026-11-21T02:00:00Z",
    "2026-11-21T02:00:00.123456789Z, 2026-11-21T02:00:00.123456Z",
    "2024-02-29T00:00:00Z, 2024-02-29T00:00:00Z",
    "2016-12-31T23:59:60Z, 2017-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z, 0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z, 9999-12-31T23:59:59.999999Z",
    "1969-12-31T23:59:59.5Z, 1969-12-31T23:59:59.5Z"
  })
  void givenTime_thenMicros(String text, Instant expected) {
    assertThat(micros(text)).isEqualTo(inMicros(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Z",
        "2026-11-21",
        "2026-11-21T02:00:00",
        "2026-11-21 02:00:00Z",
        "2026-11-21T02:00Z",
        "2026-13-21T02:00:00Z",
        "2026-00-21T02:00:00Z",
        "2026-02-29T02:00:00Z",
        "2026-11-31T02:00:00Z",
        "2026-11-00T02:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T02:60:00Z",
        "2026-11-21T02:00:61Z",
        "2026-11-21T02:00:60Z",
        "2026-11-21T02:00:00.Z",
        "2026-11-21T02:00:00.1234567890Z",
        "2026-11-21T02:00:00+0100",
        "2026-11-21T02:00:00+24:00",
        "2026-11-21T02:00:00+01:60",
        "2026-11-21T02:00:00+01:00x",
        "2026-11-21T02:00:00Zx",
        "20261121T020000Z12345",
        "２026-11-21T02:00:00Z",
        "-026-11-21T02:00:00Z",
        "2026-11-21T02:00:00.123456",
        "2026-11-21T02:00:00+01:"
      })
  void givenNoSuchTime_thenMalformed(String text) {
    assertThat(micros(text)).isEqualTo(Rfc3339.MALFORMED);
  }

  @Test
  void givenAnyTime_thenAgreesWithTheJdk() {
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      OffsetDateTime time =
          OffsetDateTime.ofInstant(
              Instant.ofEpochSecond(
                  random.nextLong(-62_000_000_000L, 253_000_000_000L),
                  random.nextInt(1_000_000_000)),
              ZoneOffset.ofTotalSeconds(60 * (random.nextInt(2 * 18 * 60) - 18 * 60)));
      String text = time.truncatedTo(ChronoUnit.SECONDS).toLocalDateTime() + "";
      if (text.length() == 16) {
        text += ":00";
      }
      text += ".%09d".formatted(time.getNano()) + time.getOffset();
      assertThat(micros(text)).as(text).isEqualTo(inMicros(time.toInstant()));
    }
  }

  private static long inMicros(Instant time) {
    return time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
  }

  private static long micros(String text) {
    char[] chars = ("#" + text + "##").toCharArray();
    return Rfc3339.micros(chars, 1, text.length());
  }
}
