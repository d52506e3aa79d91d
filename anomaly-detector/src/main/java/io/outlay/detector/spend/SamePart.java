package io.outlay.detector.spend;

import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the average of some earlier days had spent in the part of the day that has passed.
 *
 * <p>Days are compared by the clock on the wall. For each local hour, the average over the earlier
 * days of what an hour of that name cost; times how much of that hour the running day has had. So
 * an hour that is half over counts half, an hour that the clock skips is not expected, one that it
 * runs through twice is expected twice, and an earlier day on which that happened counts once. On
 * days of 24 hours that is the plain average of the days' sums up to now.
 */
public final class SamePart {
  private static final int HOURS = HourlySpend.HOURS;
  private static final long SECONDS_PER_HOUR = 3_600L;
  private static final BigInteger PICO = BigInteger.valueOf(Money.PICO_PER_USD);

  private final int today;
  private final int days;
  private final BigInteger denominator;
  private final BigInteger[][] passed;
  private final BigInteger[][] ahead;

  /**
   * @param asOf how far the day has gone
   * @param days earlier days, ≥ 1
   */
  SamePart(Window window, Instant asOf, int days) {
    if (days < 1) {
      throw new IllegalArgumentException("days must be >= 1, was " + days);
    }
    LocalDate day = window.date();
    ZoneId zone = window.zone();
    this.today = Math.toIntExact(day.toEpochDay());
    this.days = days;
    long[] whole = microsByHour(day, zone, Instant.MAX);
    long[] gone = microsByHour(day, zone, asOf);
    long[][] lengths = new long[days][];
    for (int d = 0; d < days; d++) {
      lengths[d] = microsByHour(day.minusDays(d + 1L), zone, Instant.MAX);
    }
    BigInteger[][] divisors = new BigInteger[days][HOURS];
    BigInteger common = BigInteger.ONE;
    for (int hour = 0; hour < HOURS; hour++) {
      final int h = hour;
      long having = Arrays.stream(lengths).filter(length -> length[h] > 0).count();
      for (int d = 0; d < days; d++) {
        divisors[d][h] = BigInteger.valueOf(having).multiply(BigInteger.valueOf(lengths[d][h]));
        if (divisors[d][h].signum() > 0) {
          common = common.divide(common.gcd(divisors[d][h])).multiply(divisors[d][h]);
        }
      }
    }
    denominator = common;
    passed = weights(divisors, gone);
    long[] rest = new long[HOURS];
    Arrays.setAll(rest, h -> whole[h] - gone[h]);
    ahead = weights(divisors, rest);
  }

  /** USD expected of a scope so far. */
  public Fraction expected(ScopeSpend scope) {
    return usd(weigh(scope, passed));
  }

  /** USD expected of a scope in the rest of the day. */
  public Fraction expectedAhead(ScopeSpend scope) {
    return usd(weigh(scope, ahead));
  }

  /** USD that a cell spent today so far. */
  public BigDecimal actual(CellSpend cell) {
    return new BigDecimal(cell.cost(today), Money.SCALE);
  }

  /** USD expected of a cell so far. */
  public Fraction expected(CellSpend cell) {
    return usd(weigh(cell, passed));
  }

  /** Requests of a cell today so far. */
  public long actualRequests(CellSpend cell) {
    return cell.requestsOf(today);
  }

  /** Requests expected of a cell so far. */
  public Fraction expectedRequests(CellSpend cell) {
    BigInteger numerator = BigInteger.ZERO;
    for (int d = 0; d < days; d++) {
      long[] requests = cell.requests(today - 1 - d);
      for (int slot = 0; requests != null && slot < requests.length; slot++) {
        if (requests[slot] != 0) {
          numerator =
              numerator.add(passed[d][slot % HOURS].multiply(BigInteger.valueOf(requests[slot])));
        }
      }
    }
    return new Fraction(numerator, denominator);
  }

  private Fraction usd(BigInteger picoNumerator) {
    return new Fraction(picoNumerator, denominator.multiply(PICO));
  }

  /** Sums runs of equal weight first: on ordinary days there are two, and so two products. */
  private BigInteger weigh(HourlySpend spend, BigInteger[][] weights) {
    @Nullable WideSums[] slots = new WideSums[days];
    for (int d = 0; d < days; d++) {
      slots[d] = spend.costs(today - 1 - d);
    }
    BigInteger total = BigInteger.ZERO;
    WideSums run = new WideSums(1);
    BigInteger weight = BigInteger.ZERO;
    for (int hour = 0; hour < HOURS; hour++) {
      for (int d = 0; d < days; d++) {
        if (slots[d] != null && weights[d][hour].signum() != 0) {
          if (!weights[d][hour].equals(weight)) {
            total = total.add(weight.multiply(run.get(0)));
            run.clear(0);
            weight = weights[d][hour];
          }
          addHour(slots[d], hour, run);
        }
      }
    }
    return total.add(weight.multiply(run.get(0)));
  }

  private static void addHour(WideSums slots, int hour, WideSums run) {
    for (int slot = hour; slot < slots.size(); slot += HOURS) {
      slots.addTo(slot, run, 0);
    }
  }

  private BigInteger[][] weights(BigInteger[][] divisors, long[] micros) {
    BigInteger[][] weights = new BigInteger[days][HOURS];
    for (int d = 0; d < days; d++) {
      for (int hour = 0; hour < HOURS; hour++) {
        weights[d][hour] =
            divisors[d][hour].signum() == 0
                ? BigInteger.ZERO
                : denominator.divide(divisors[d][hour]).multiply(BigInteger.valueOf(micros[hour]));
      }
    }
    return weights;
  }

  /** Real time within each local hour of a day, up to {@code until}; microseconds. */
  static long[] microsByHour(LocalDate day, ZoneId zone, Instant until) {
    long[] micros = new long[HOURS];
    Instant end = day.plusDays(1).atStartOfDay(zone).toInstant();
    Instant stop = until.isBefore(end) ? until : end;
    ZonedDateTime from = day.atStartOfDay(zone);
    while (from.toInstant().isBefore(stop)) {
      long intoHour = from.getMinute() * 60L + from.getSecond();
      ZonedDateTime next = from.plusSeconds(SECONDS_PER_HOUR - intoHour);
      Instant to = next.toInstant().isBefore(stop) ? next.toInstant() : stop;
      micros[from.getHour()] += Duration.between(from.toInstant(), to).toNanos() / 1_000L;
      from = next;
    }
    return micros;
  }
}
