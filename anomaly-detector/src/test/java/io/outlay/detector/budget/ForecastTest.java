package io.outlay.detector.budget;

import io.outlay.detector.spend.Window;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ForecastTest {
  private static final LocalDate TODAY = LocalDate.parse("2026-11-21");

  private static BigInteger pico(long usd) {
    return BigInteger.valueOf(usd).multiply(BigInteger.TEN.pow(12));
  }

  private static DailySums days(String from, Function<LocalDate, Long> usd) {
    DailySums sums = new DailySums();
    for (LocalDate day = LocalDate.parse(from); day.isBefore(TODAY); day = day.plusDays(1)) {
      sums.add(day, pico(usd.apply(day)));
    }
    return sums;
  }

  private static Optional<BigDecimal> forecast(
      Period period, ZoneId zone, DailySums days, String asOf) {
    Instant time = Instant.parse(asOf);
    Window window = period.at(time, zone);
    BigInteger actual = days.sum(window.date(), window.end().atZone(zone).toLocalDate());
    return Forecast.of(window, actual, days, time);
  }

  @ParameterizedTest
  @CsvSource({
    // 5 % of a month of 30 days are 36 hours.
    "MONTH, 2026-11-02T11:59:59.999Z, false",
    "MONTH, 2026-11-02T12:00:00Z, true",
    "DAY, 2026-11-21T01:11:59.999Z, false",
    "DAY, 2026-11-21T01:12:00Z, true",
  })
  void nothingIsSaidBeforeATwentiethHasPassed(Period period, String asOf, boolean said) {
    DailySums sums = new DailySums();

    assertThat(forecast(period, ZoneOffset.UTC, sums, asOf).isPresent()).isEqualTo(said);
  }

  @Test
  void givenNoEventOfThePeriodYet_thenNothingIsSaid() {
    Window november = Period.MONTH.at(Instant.parse("2026-11-21T00:00:00Z"), ZoneOffset.UTC);

    assertThat(
            Forecast.of(
                november, BigInteger.ZERO, new DailySums(), Instant.parse("2026-10-31T00:00:00Z")))
        .isEmpty();
  }

  @Test
  void givenLessThanAWeekOfHistory_thenItGoesOnAsItDid() {
    // Six days since the first spend; a third of the month is left.
    DailySums sums = days("2026-11-15", day -> 100L);

    assertThat(forecast(Period.MONTH, ZoneOffset.UTC, sums, "2026-11-21T00:00:00Z"))
        .contains(new BigDecimal("900.0000"));
  }

  @Test
  void givenFourWeeks_thenTheRestIsWhatTheSameWeekdaysSpent() {
    // 100 on workdays, 10 on weekends.
    DailySums sums =
        days(
            "2026-10-01",
            day -> day.getDayOfWeek().compareTo(DayOfWeek.SATURDAY) >= 0 ? 10L : 100L);
    // Of November before Saturday the 21st: 15 workdays, 5 days of weekends.
    sums.add(TODAY, pico(7));

    // At noon: half of a Saturday, a Sunday, five workdays, a Saturday, a Sunday, a Monday.
    assertThat(forecast(Period.MONTH, ZoneOffset.UTC, sums, "2026-11-21T12:00:00Z"))
        .contains(new BigDecimal(15 * 100 + 5 * 10 + 7 + 5 + 10 + 500 + 20 + 100 + ".0000"));
  }

  @Test
  void givenAWeekOfHistory_thenItIsEnough() {
    DailySums sums = days("2026-11-14", day -> 70L);

    // Seven days before, then today and nine more days.
    assertThat(forecast(Period.MONTH, ZoneOffset.UTC, sums, "2026-11-21T00:00:00Z"))
        .contains(new BigDecimal("1190.0000"));
  }

  @Test
  void givenWeekdaysWithoutSpend_thenTheyCountAsNone() {
    // Mondays only, the first four weeks ago; one Monday of the month is left, and its mean is 40.
    DailySums sums = days("2026-10-19", day -> day.getDayOfWeek() == DayOfWeek.MONDAY ? 40L : 0L);

    assertThat(forecast(Period.MONTH, ZoneOffset.UTC, sums, "2026-11-21T00:00:00Z"))
        .contains(new BigDecimal(3 * 40 + 2 * 40 + ".0000"));
  }

  @Test
  void givenWeeksWithoutSpendAfterAFirst_thenTheyCountAsNone() {
    LocalDate pause = LocalDate.parse("2026-10-15");
    LocalDate again = LocalDate.parse("2026-11-14");
    DailySums sums =
        days("2026-10-01", day -> day.isBefore(pause) || !day.isBefore(again) ? 70L : 0L);

    // One week of four: each weekday's mean is a quarter of 70.
    assertThat(forecast(Period.MONTH, ZoneOffset.UTC, sums, "2026-11-21T00:00:00Z"))
        .contains(new BigDecimal("665.0000"));
  }

  @Test
  void givenADayOf25Hours_thenItsRestIsInProportion() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    DailySums sums = new DailySums();
    for (int ago = 1; ago <= 28; ago++) {
      sums.add(LocalDate.parse("2026-10-25").minusDays(ago), pico(100));
    }

    // 10:00 UTC is 12 of 25 hours into the day.
    assertThat(forecast(Period.DAY, berlin, sums, "2026-10-25T10:00:00Z"))
        .contains(new BigDecimal("52.0000"));
  }

  @Test
  void givenOneDearDay_thenItIsCountedOnceAndInItsWeekdayOnly() {
    DailySums sums = days("2026-10-01", day -> 10L);
    sums.add(LocalDate.parse("2026-11-20"), pico(1_000));

    // 20 days of 10 and the 1,000 beyond, ten more days, and the one Friday left is 250 dearer.
    assertThat(forecast(Period.MONTH, ZoneOffset.UTC, sums, "2026-11-21T00:00:00Z"))
        .contains(new BigDecimal(200 + 1_000 + 100 + 250 + ".0000"));
  }
}
