package io.outlay.detector.budget;

import java.math.BigInteger;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Pico-USD of one budget by calendar day of its zone. For one thread. */
final class DailySums {
  /** Days that a weekday's usual spend is taken from. */
  static final int PROFILE_DAYS = 28;

  private final NavigableMap<LocalDate, BigInteger> days = new TreeMap<>();

  void add(LocalDate day, BigInteger pico) {
    days.merge(day, pico, BigInteger::add);
  }

  /** Sum of the days of a period. */
  BigInteger sum(LocalDate from, LocalDate to) {
    return days.subMap(from, to).values().stream().reduce(BigInteger.ZERO, BigInteger::add);
  }

  void dropBefore(LocalDate day) {
    days.headMap(day).clear();
  }

  /**
   * Mean spend of each weekday over the four weeks before a day, days without spend included from
   * the first spend on; empty unless the first spend was a week before.
   */
  Optional<Map<DayOfWeek, BigInteger>> profile(LocalDate before) {
    LocalDate earliest = before.minusDays(PROFILE_DAYS);
    Optional<LocalDate> first =
        days.subMap(earliest, before).entrySet().stream()
            .filter(day -> day.getValue().signum() > 0)
            .map(Map.Entry::getKey)
            .findFirst();
    if (first.isEmpty()
        || ChronoUnit.DAYS.between(first.get(), before) < DayOfWeek.values().length) {
      return Optional.empty();
    }
    // What was spent even earlier says that a week without spend was no lack of history.
    LocalDate from = days.lowerKey(earliest) == null ? first.get() : earliest;
    Map<DayOfWeek, BigInteger> sums = new EnumMap<>(DayOfWeek.class);
    Map<DayOfWeek, Integer> counts = new EnumMap<>(DayOfWeek.class);
    for (LocalDate day = from; day.isBefore(before); day = day.plusDays(1)) {
      sums.merge(day.getDayOfWeek(), days.getOrDefault(day, BigInteger.ZERO), BigInteger::add);
      counts.merge(day.getDayOfWeek(), 1, Integer::sum);
    }
    sums.replaceAll((weekday, sum) -> sum.divide(BigInteger.valueOf(counts.get(weekday))));
    return Optional.of(sums);
  }
}
