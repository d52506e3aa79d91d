package io.outlay.sink.row;

import io.outlay.sink.testing.Facts;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class CalendarTest {
  @ParameterizedTest
  @CsvSource({
    "UTC, 2026-11-20T23:59:59.999999Z, 2026-11-20",
    "UTC, 2026-11-21T00:00:00Z, 2026-11-21",
    "Europe/Berlin, 2026-11-20T22:59:59.999999Z, 2026-11-20",
    "Europe/Berlin, 2026-11-20T23:00:00Z, 2026-11-21",
    "Europe/Berlin, 2026-10-24T22:00:00Z, 2026-10-25",
    "Europe/Berlin, 2026-10-25T22:59:59Z, 2026-10-25",
    "Europe/Berlin, 2026-10-25T23:00:00Z, 2026-10-26",
    "Pacific/Kiritimati, 2026-11-20T10:00:00Z, 2026-11-21",
  })
  void givenATimeZone_whenAMomentIsAsked_thenItsDayIsTheLocalOne(
      String zone, Instant moment, LocalDate day) {
    Calendar calendar = new Calendar(ZoneId.of(zone));

    assertThat(calendar.day(Facts.micros(moment))).isEqualTo((int) day.toEpochDay());
    assertThat(calendar.day(Facts.micros(moment))).isEqualTo((int) day.toEpochDay());
  }

  @Test
  void givenAnyTimeZone_whenTheMonthIsAsked_thenItIsOfUtc() {
    Calendar calendar = new Calendar(ZoneId.of("Pacific/Kiritimati"));

    assertThat(calendar.month(Facts.micros(Instant.parse("2026-10-31T23:59:59.999999Z"))))
        .isEqualTo("202610");
    assertThat(calendar.month(Facts.micros(Instant.parse("2026-11-01T00:00:00Z"))))
        .isEqualTo("202611");
    assertThat(calendar.month(Facts.micros(Instant.parse("2026-10-01T00:00:00Z"))))
        .isEqualTo("202610");
  }
}
