package io.outlay.detector.budget;

import io.outlay.detector.spend.Window;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;

/**
 * What the spend of a whole period will come to: what was spent, and for the rest of it what the
 * same weekdays of the last four weeks spent on average. Without a week of history the rest goes on
 * as the period did so far.
 */
final class Forecast {
  /** Nothing is said before a twentieth of the period has passed. */
  static final int EARLIEST_PART = 20;

  /** An estimate is given to the hundredth of a cent. */
  private static final int PLACES = 4;

  private Forecast() {}

  /**
   * @param actual pico-USD of the period so far
   * @param asOf event time up to which they are known
   * @return USD of the whole period; empty while there is too little of it
   */
  static Optional<BigDecimal> of(Window period, BigInteger actual, DailySums days, Instant asOf) {
    if (!asOf.isBefore(period.end())) {
      return Optional.of(usd(actual));
    }
    BigInteger gone = millis(period.start(), asOf);
    BigInteger whole = millis(period.start(), period.end());
    if (gone.multiply(BigInteger.valueOf(EARLIEST_PART)).compareTo(whole) < 0) {
      return Optional.empty();
    }
    LocalDate today = asOf.atZone(period.zone()).toLocalDate();
    BigInteger forecast =
        days.profile(today)
            .map(profile -> actual.add(rest(period, profile, asOf, today)))
            .orElseGet(() -> actual.multiply(whole).divide(gone));
    return Optional.of(usd(forecast));
  }

  private static BigInteger rest(
      Window period, Map<DayOfWeek, BigInteger> profile, Instant asOf, LocalDate today) {
    ZoneId zone = period.zone();
    Instant dayStart = today.atStartOfDay(zone).toInstant();
    Instant dayEnd = today.plusDays(1).atStartOfDay(zone).toInstant();
    BigInteger sum =
        usual(profile, today).multiply(millis(asOf, dayEnd)).divide(millis(dayStart, dayEnd));
    LocalDate end = period.end().atZone(zone).toLocalDate();
    for (LocalDate day = today.plusDays(1); day.isBefore(end); day = day.plusDays(1)) {
      sum = sum.add(usual(profile, day));
    }
    return sum;
  }

  private static BigInteger usual(Map<DayOfWeek, BigInteger> profile, LocalDate day) {
    return profile.getOrDefault(day.getDayOfWeek(), BigInteger.ZERO);
  }

  private static BigInteger millis(Instant from, Instant to) {
    return BigInteger.valueOf(Duration.between(from, to).toMillis());
  }

  private static BigDecimal usd(BigInteger pico) {
    return new BigDecimal(pico, Money.SCALE).setScale(PLACES, RoundingMode.HALF_EVEN);
  }
}
