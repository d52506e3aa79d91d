package io.outlay.detector.spend;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SamePartTest {
  private static final Cell CELL = new Cell("search", "gpt", "rerank");
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  /** Spends one dollar in every real hour from the first day to the instant. */
  private static SpendStore flat(ZoneId zone, LocalDate first, Instant until) {
    SpendStore store =
        new SpendStore(
            zone, 9, Dimension.OF_CELLS.stream().map(Cut::of).collect(Collectors.toSet()));
    Instant hour = first.atStartOfDay(zone).toInstant();
    while (hour.isBefore(until)) {
      Instant end = hour.plus(Duration.ofHours(1));
      Instant last = end.isBefore(until) ? end : until;
      BigDecimal cost =
          BigDecimal.valueOf(Duration.between(hour, last).toSeconds())
              .divide(BigDecimal.valueOf(3600));
      store.put(CELL, hour, cost, 10, last.minusMillis(1), until);
      hour = end;
    }
    return store;
  }

  private static BigDecimal expected(SpendStore store, ZoneId zone, Instant asOf, int days) {
    ScopeSpend scope = store.find(Scope.of(Dimension.TEAM, "search")).orElseThrow();
    return new RunningWindow(Window.dayOf(asOf, zone), asOf)
        .samePart(days)
        .expected(scope)
        .round(12);
  }

  private static BigDecimal actual(SpendStore store, LocalDate day) {
    return new BigDecimal(
        store.find(Scope.of(Dimension.TEAM, "search")).orElseThrow().cost(day), 12);
  }

  @Test
  void givenHalfAnHourGoneWhenComparedThenEarlierHoursCountHalf() {
    Instant now = Instant.parse("2026-11-21T10:30:00Z");
    SpendStore store = flat(ZoneOffset.UTC, LocalDate.parse("2026-11-14"), now);

    assertThat(expected(store, ZoneOffset.UTC, now, 7)).isEqualByComparingTo("10.5");
    assertThat(actual(store, LocalDate.parse("2026-11-21"))).isEqualByComparingTo("10.5");
  }

  @Test
  void givenZoneEastOfUtcWhenComparedThenDaysAreTheZones() {
    ZoneId kolkata = ZoneId.of("Asia/Kolkata");
    Instant now = Instant.parse("2026-11-20T20:30:00Z"); // 02:00 on the 21st
    SpendStore store = flat(kolkata, LocalDate.parse("2026-11-14"), now);

    assertThat(expected(store, kolkata, now, 7)).isEqualByComparingTo("2");
    assertThat(actual(store, LocalDate.parse("2026-11-21"))).isEqualByComparingTo("2");
  }

  @Test
  void givenClockSetBackWhenDayIs25HoursThenFlatSpendIsExpectedAsIs() {
    LocalDate day = LocalDate.parse("2026-10-25");
    for (int half = 0; half <= 50; half++) {
      Instant now = day.atStartOfDay(BERLIN).toInstant().plus(Duration.ofMinutes(30L * half));
      SpendStore store = flat(BERLIN, day.minusDays(7), now);
      if (half < 50) {
        assertThat(expected(store, BERLIN, now, 7)).isEqualByComparingTo(half * 0.5 + "");
        assertThat(actual(store, day)).isEqualByComparingTo(half * 0.5 + "");
      }
    }
  }

  @Test
  void givenClockSetForwardWhenDayIs23HoursThenTheSkippedHourIsNotExpected() {
    LocalDate day = LocalDate.parse("2026-03-29");
    Instant now = day.atStartOfDay(BERLIN).toInstant().plus(Duration.ofMinutes(150));
    SpendStore store = flat(BERLIN, day.minusDays(7), now);

    // 03:30 on the wall, two and a half hours into the day
    assertThat(expected(store, BERLIN, now, 7)).isEqualByComparingTo("2.5");
  }

  @Test
  void givenDayOf25HoursInTheBaselineWhenComparedThenTheDoubledHourCountsOnce() {
    Instant now = LocalDate.parse("2026-10-28").atTime(12, 0).atZone(BERLIN).toInstant();
    SpendStore store = flat(BERLIN, LocalDate.parse("2026-10-20"), now);

    assertThat(expected(store, BERLIN, now, 7)).isEqualByComparingTo("12");
  }

  @Test
  void givenDayOf23HoursInTheBaselineWhenComparedThenTheMissingHourDoesNotLowerIt() {
    Instant now = LocalDate.parse("2026-03-31").atTime(12, 0).atZone(BERLIN).toInstant();
    SpendStore store = flat(BERLIN, LocalDate.parse("2026-03-23"), now);

    assertThat(expected(store, BERLIN, now, 7)).isEqualByComparingTo("12");
  }

  @Test
  void givenRestOfTheDayWhenAskedThenItIsTheBaselines() {
    Instant now = Instant.parse("2026-11-21T10:30:00Z");
    SpendStore store = flat(ZoneOffset.UTC, LocalDate.parse("2026-11-14"), now);
    ScopeSpend scope = store.find(Scope.of(Dimension.MODEL, "gpt")).orElseThrow();

    assertThat(
            new RunningWindow(Window.dayOf(now, ZoneOffset.UTC), now)
                .samePart(7)
                .expectedAhead(scope)
                .round(12))
        .isEqualByComparingTo("13.5");
  }
}
