package io.outlay.detector.budget;

import io.outlay.detector.spend.Window;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PeriodTest {
  @ParameterizedTest
  @CsvSource({
    "day, UTC, 2026-11-21T10:00:00Z, 2026-11-21T00:00:00Z, 2026-11-22T00:00:00Z",
    // A Saturday; weeks start on Mondays, also over the end of a year.
    "week, UTC, 2026-11-21T10:00:00Z, 2026-11-16T00:00:00Z, 2026-11-23T00:00:00Z",
    "week, UTC, 2026-11-16T00:00:00Z, 2026-11-16T00:00:00Z, 2026-11-23T00:00:00Z",
    "week, UTC, 2026-11-15T23:59:59Z, 2026-11-09T00:00:00Z, 2026-11-16T00:00:00Z",
    "week, UTC, 2027-01-01T00:00:00Z, 2026-12-28T00:00:00Z, 2027-01-04T00:00:00Z",
    "month, UTC, 2026-02-28T23:00:00Z, 2026-02-01T00:00:00Z, 2026-03-01T00:00:00Z",
    "month, UTC, 2028-02-29T00:00:00Z, 2028-02-01T00:00:00Z, 2028-03-01T00:00:00Z",
    "quarter, UTC, 2026-11-21T10:00:00Z, 2026-10-01T00:00:00Z, 2027-01-01T00:00:00Z",
    "quarter, UTC, 2026-03-31T10:00:00Z, 2026-01-01T00:00:00Z, 2026-04-01T00:00:00Z",
    // Clocks change within: 23, 25 hours, and a month of 743.
    "day, Europe/Berlin, 2026-03-29T10:00:00Z, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
    "day, Europe/Berlin, 2026-10-25T10:00:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
    "month, Europe/Berlin, 2026-03-01T10:00:00Z, 2026-02-28T23:00:00Z, 2026-03-31T22:00:00Z",
    // Still the day before there.
    "month, America/New_York, 2026-12-01T04:59:59Z, 2026-11-01T04:00:00Z, 2026-12-01T05:00:00Z",
    "month, America/New_York, 2026-12-01T05:00:00Z, 2026-12-01T05:00:00Z, 2027-01-01T05:00:00Z",
    "quarter, Asia/Kolkata, 2026-09-30T18:30:00Z, 2026-09-30T18:30:00Z, 2026-12-31T18:30:00Z",
    // A day whose midnight was skipped.
    "day, America/Sao_Paulo, 2018-11-04T12:00:00Z, 2018-11-04T03:00:00Z, 2018-11-05T02:00:00Z",
  })
  void aPeriodGoesFromMidnightToMidnightOfItsZone(
      String period, ZoneId zone, Instant time, Instant start, Instant end) {
    assertThat(Period.of(period).at(time, zone)).isEqualTo(new Window(zone, start, end));
  }

  @Test
  void whatIsNoPeriodIsNamed() {
    assertThatThrownBy(() -> Period.of("year"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("must be day, week, month or quarter, was year");
  }
}
