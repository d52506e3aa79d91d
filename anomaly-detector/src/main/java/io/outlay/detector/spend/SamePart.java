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
 * What the average of some earlier windows had spent in the part of the window that has passed. The
 * earlier windows of a day are the days before, those of several days the ones side by side before
 * it, and those of a part of a day the same part of the days before.
 *
 * <p>Days are compared by the clock on the wall. For each local hour, the average over the earlier
 * days of what an hour of that name cost; times how much of that hour the running day has had. So
 * an hour that is half over counts half, an hour that the clock skips is not expected, one that it
 * runs through twice is expected twice, and an earlier day on which that happened counts once. On
 * days of 24 hours that is the plain average of the days' sums up to now.
 */
public final class SamePart implements Baseline {
  private static final int HOURS = HourlySpend.HOURS;
  private static final long SECONDS_PER_HOUR = 3_600L;
  private static final BigInteger PICO = BigInteger.valueOf(Money.PICO_PER_USD);

  private final Span span;
  private final int count;
  private final BigInteger denominator;

  /** By day of the window, earlier window and local hour. */
  private final BigInteger[][][] passed;

  private final BigInteger[][][] ahead;

  /**
   * @param asOf how far the window has gone
   * @param count earlier windows, ≥ 1
   */
  SamePart(Window window, Instant asOf, int count) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be >= 1, was " + count);
    }
    this.span = Span.of(window);
    this.count = count;
    ZoneId zone = window.zone();
    BigInteger[][][] divisors = new BigInteger[span.days()][][];
    long[][] gone = new long[span.days()][];
    long[][] rest = new long[span.days()][];
    BigInteger common = BigInteger.ONE;
    for (int o = 0; o < span.days(); o++) {
      LocalDate day = window.date().plusDays(o);
      long[] whole = microsByHour(day, zone, window.start(), window.end());
      long[] part = microsByHour(day, zone, window.start(), asOf);
      gone[o] = part;
      rest[o] = new long[HOURS];
      Arrays.setAll(rest[o], h -> whole[h] - part[h]);
      divisors[o] = divisors(day, zone);
      for (BigInteger[] ofDay : divisors[o]) {
        for (BigInteger divisor : ofDay) {
          if (divisor.signum() > 0) {
            common = common.divide(common.gcd(divisor)).multiply(divisor);
          }
        }
      }
    }
    denominator = common;
    passed = weights(divisors, gone);
    ahead = weights(divisors, rest);
  }

  /** For each earlier day and hour: days that have the hour, times its length on that day. */
  private BigInteger[][] divisors(LocalDate day, ZoneId zone) {
    long[][] lengths = new long[count][];
    for (int d = 0; d < count; d++) {
      lengths[d] =
          microsByHour(day.minusDays((d + 1L) * span.days()), zone, Instant.MIN, Instant.MAX);
    }
    BigInteger[][] divisors = new BigInteger[count][HOURS];
    for (int hour = 0; hour < HOURS; hour++) {
      final int h = hour;
      long having = Arrays.stream(lengths).filter(length -> length[h] > 0).count();
      for (int d = 0; d < count; d++) {
        divisors[d][h] = BigInteger.valueOf(having).multiply(BigInteger.valueOf(lengths[d][h]));
      }
    }
    return divisors;
  }

  /** USD expected of a scope so far. */
  public Fraction expected(ScopeSpend scope) {
    return usd(weigh(scope, passed));
  }

  /** USD expected of a scope in the rest of the day. */
  public Fraction expectedAhead(ScopeSpend scope) {
    return usd(weigh(scope, ahead));
  }

  @Override
  public BigDecimal actual(CellSpend cell) {
    return new BigDecimal(span.sum(cell), Money.SCALE);
  }

  @Override
  public Fraction expected(CellSpend cell) {
    return usd(weigh(cell, passed));
  }

  @Override
  public long actualRequests(CellSpend cell) {
    return span.requests(cell);
  }

  @Override
  public Fraction expectedRequests(CellSpend cell) {
    BigInteger numerator = BigInteger.ZERO;
    for (int o = 0; o < span.days(); o++) {
      for (int d = 0; d < count; d++) {
        long[] requests = cell.requests(earlier(o, d));
        for (int slot = 0; requests != null && slot < requests.length; slot++) {
          if (requests[slot] != 0) {
            numerator =
                numerator.add(
                    passed[o][d][slot % HOURS].multiply(BigInteger.valueOf(requests[slot])));
          }
        }
      }
    }
    return new Fraction(numerator, denominator);
  }

  private int earlier(int o, int d) {
    return span.firstDay() + o - (d + 1) * span.days();
  }

  private Fraction usd(BigInteger picoNumerator) {
    return new Fraction(picoNumerator, denominator.multiply(PICO));
  }

  /** Sums runs of equal weight first: on ordinary days there are two, and so two products. */
  private BigInteger weigh(HourlySpend spend, BigInteger[][][] weights) {
    BigInteger total = BigInteger.ZERO;
    WideSums run = new WideSums(1);
    BigInteger weight = BigInteger.ZERO;
    @Nullable WideSums[] slots = new WideSums[count];
    for (int o = 0; o < span.days(); o++) {
      for (int d = 0; d < count; d++) {
        slots[d] = spend.costs(earlier(o, d));
      }
      for (int hour = 0; hour < HOURS; hour++) {
        for (int d = 0; d < count; d++) {
          if (slots[d] != null && weights[o][d][hour].signum() != 0) {
            if (!weights[o][d][hour].equals(weight)) {
              total = total.add(weight.multiply(run.get(0)));
              run.clear(0);
              weight = weights[o][d][hour];
            }
            addHour(slots[d], hour, run);
          }
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

  private BigInteger[][][] weights(BigInteger[][][] divisors, long[][] micros) {
    BigInteger[][][] weights = new BigInteger[span.days()][count][HOURS];
    for (int o = 0; o < span.days(); o++) {
      for (int d = 0; d < count; d++) {
        for (int hour = 0; hour < HOURS; hour++) {
          weights[o][d][hour] =
              divisors[o][d][hour].signum() == 0
                  ? BigInteger.ZERO
                  : denominator
                      .divide(divisors[o][d][hour])
                      .multiply(BigInteger.valueOf(micros[o][hour]));
        }
      }
    }
    return weights;
  }

  /** Real time within each local hour of a day, from an instant to another; microseconds. */
  static long[] microsByHour(LocalDate day, ZoneId zone, Instant since, Instant until) {
    long[] micros = new long[HOURS];
    Instant end = day.plusDays(1).atStartOfDay(zone).toInstant();
    Instant stop = until.isBefore(end) ? until : end;
    ZonedDateTime from = day.atStartOfDay(zone);
    while (from.toInstant().isBefore(stop)) {
      long intoHour = from.getMinute() * 60L + from.getSecond();
      ZonedDateTime next = from.plusSeconds(SECONDS_PER_HOUR - intoHour);
      Instant to = next.toInstant().isBefore(stop) ? next.toInstant() : stop;
      Instant begin = from.toInstant().isBefore(since) ? since : from.toInstant();
      if (begin.isBefore(to)) {
        micros[from.getHour()] += Duration.between(begin, to).toNanos() / 1_000L;
      }
      from = next;
    }
    return micros;
  }
}
