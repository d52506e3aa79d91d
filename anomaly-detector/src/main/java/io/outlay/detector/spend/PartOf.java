package io.outlay.detector.spend;

import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A part of a window, and what is spent in the same part of single other windows: by the clock on
 * the wall, an hour in proportion. In micro-USD, for statistics. For one thread.
 */
public final class PartOf {
  private static final int HOURS = HourlySpend.HOURS;

  private final Span span;
  private final ZoneId zone;
  private final long[][] micros;
  private final Map<Integer, long[]> lengths = new HashMap<>();

  /**
   * @param until where the part ends, within the window; it starts with the window
   */
  public PartOf(Window window, Instant until) {
    this(window, window.start(), until);
  }

  /** A part from one instant to another. */
  public PartOf(Window window, Instant since, Instant until) {
    this.span = Span.of(window);
    this.zone = window.zone();
    this.micros = new long[span.days()][];
    for (int o = 0; o < span.days(); o++) {
      LocalDate day = LocalDate.ofEpochDay((long) span.firstDay() + o);
      micros[o] = SamePart.microsByHour(day, zone, since, until);
    }
  }

  /** Micro-USD of a scope in the same part of the window so many days before. */
  public long spent(ScopeSpend scope, int daysBefore) {
    return sum(scope, daysBefore);
  }

  /** Micro-USD of a cell in the same part of the window so many days before. */
  public long spent(CellSpend cell, int daysBefore) {
    return sum(cell, daysBefore);
  }

  private long sum(HourlySpend spend, int daysBefore) {
    long sum = 0;
    for (int o = 0; o < span.days(); o++) {
      int day = span.firstDay() + o - daysBefore;
      WideSums slots = spend.costs(day);
      for (int slot = 0; slots != null && slot < slots.size(); slot++) {
        sum = saturated(sum, part(slots.micros(slot), o, day, slot % HOURS));
      }
    }
    return sum;
  }

  /** Requests in the same part of the window so many days before. */
  public long requests(CellSpend cell, int daysBefore) {
    long sum = 0;
    for (int o = 0; o < span.days(); o++) {
      int day = span.firstDay() + o - daysBefore;
      long @Nullable [] slots = cell.requests(day);
      for (int slot = 0; slots != null && slot < slots.length; slot++) {
        sum = saturated(sum, part(slots[slot], o, day, slot % HOURS));
      }
    }
    return sum;
  }

  private long part(long amount, int o, int day, int hour) {
    long gone = micros[o][hour];
    if (amount == 0 || gone == 0) {
      return 0;
    }
    long length = lengths.computeIfAbsent(day, this::lengths)[hour];
    if (length == gone || length == 0) {
      return amount;
    }
    return BigInteger.valueOf(amount)
        .multiply(BigInteger.valueOf(gone))
        .divide(BigInteger.valueOf(length))
        .longValue();
  }

  private long[] lengths(int day) {
    return SamePart.microsByHour(LocalDate.ofEpochDay(day), zone, Instant.MIN, Instant.MAX);
  }

  private static long saturated(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
