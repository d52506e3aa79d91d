package io.outlay.streams.rollup;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class WindowsTest {
  @ParameterizedTest
  @CsvSource({
    "UTC,              2026-11-21T02:03:04Z, 2026-11-21T02:00:00Z, 2026-11-21T00:00:00Z",
    "Asia/Kolkata,     2026-11-21T02:03:04Z, 2026-11-21T01:30:00Z, 2026-11-20T18:30:00Z",
    "America/New_York, 2026-11-21T02:03:04Z, 2026-11-21T02:00:00Z, 2026-11-20T05:00:00Z",
    // The day on which the clock goes back has 25 hours, the hour that comes twice is two windows.
    "America/New_York, 2026-11-01T05:30:00Z, 2026-11-01T05:00:00Z, 2026-11-01T04:00:00Z",
    "America/New_York, 2026-11-01T06:30:00Z, 2026-11-01T06:00:00Z, 2026-11-01T04:00:00Z",
    "America/New_York, 2026-11-02T04:30:00Z, 2026-11-02T04:00:00Z, 2026-11-01T04:00:00Z",
    // The day on which it goes forward has 23.
    "Europe/Berlin,    2026-03-29T21:59:00Z, 2026-03-29T21:00:00Z, 2026-03-28T23:00:00Z",
    "Europe/Berlin,    2026-03-29T22:00:00Z, 2026-03-29T22:00:00Z, 2026-03-29T22:00:00Z",
  })
  void hoursAndDaysAreTheZones(String zone, String time, String hour, String day) {
    Windows windows = new Windows(ZoneId.of(zone));
    long minute = Windows.minute(micros(time));

    assertThat(windows.hour(minute)).isEqualTo(micros(hour));
    assertThat(windows.day(minute)).isEqualTo(micros(day));
  }

  @Test
  void aMinuteHoldsItsFirstMicrosecondAndNotItsSixtiethSecond() {
    long start = micros("2026-11-21T02:03:00Z");

    assertThat(Windows.minute(start)).isEqualTo(start);
    assertThat(Windows.minute(start + 59_999_999)).isEqualTo(start);
    assertThat(Windows.minute(start + 60_000_000)).isEqualTo(start + 60_000_000);
    assertThat(Windows.minute(-1)).isEqualTo(-60_000_000);
  }

  private static long micros(String instant) {
    Instant time = Instant.parse(instant);
    return time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
  }
}
