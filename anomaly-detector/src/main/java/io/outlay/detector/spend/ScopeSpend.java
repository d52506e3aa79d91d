package io.outlay.detector.spend;

import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Hours of one scope: the sums of its cells. Bounded by the days that the store keeps, about 500
 * bytes a day; the day of the first spend is kept for good.
 */
public final class ScopeSpend implements HourlySpend {
  private final Scope scope;
  private final Map<Integer, WideSums> days = new HashMap<>();
  private final Set<CellSpend> cells = new HashSet<>();
  private int firstDay = Integer.MAX_VALUE;
  private int lastDay = Integer.MIN_VALUE;
  private Instant lastDayChangedAt = Instant.MIN;
  private Instant olderChangedAt = Instant.MIN;
  private long changes;
  private long olderChanges;

  ScopeSpend(Scope scope) {
    this.scope = scope;
  }

  /** Which scope. */
  public Scope scope() {
    return scope;
  }

  /** Its cells. */
  public Collection<CellSpend> cells() {
    return Collections.unmodifiableSet(cells);
  }

  /** Pico-USD of a whole day so far. */
  public BigInteger cost(LocalDate day) {
    return Totals.sum(costs(Math.toIntExact(day.toEpochDay())));
  }

  /** Pico-USD of a window so far; all of an hour that the window has a part of. */
  public BigInteger cost(Window window) {
    return Span.of(window).sum(this);
  }

  /** Whole days from the first spend ever seen to {@code day}; 0 if there was none before. */
  public int daysOfHistory(LocalDate day) {
    long days = day.toEpochDay() - firstDay;
    return firstDay == Integer.MAX_VALUE || days < 0 ? 0 : (int) Math.min(days, Integer.MAX_VALUE);
  }

  /**
   * Wall-clock time at which a day before {@code day} last changed. For a day before the last that
   * has spend, changes of the day itself may count too.
   */
  public Instant baselineChangedAt(LocalDate day) {
    return day.toEpochDay() > lastDay ? lastDayChangedAt : olderChangedAt;
  }

  /**
   * Another number than before whenever a day before {@code day} has changed; may be another
   * without.
   */
  public long baselineVersion(LocalDate day) {
    return day.toEpochDay() > lastDay ? changes : olderChanges;
  }

  @Override
  public @Nullable WideSums costs(int epochDay) {
    return days.get(epochDay);
  }

  void add(CellSpend cell, int epochDay, int slot, BigInteger delta) {
    cells.add(cell);
    days.computeIfAbsent(epochDay, day -> new WideSums(HOURS)).add(slot % HOURS, delta);
  }

  void firstSpentOn(int epochDay) {
    firstDay = Math.min(firstDay, epochDay);
  }

  void changed(int epochDay, Instant wall) {
    changes++;
    if (epochDay > lastDay) {
      olderChanges = changes;
      olderChangedAt = lastDayChangedAt;
      lastDay = epochDay;
    }
    if (epochDay == lastDay) {
      lastDayChangedAt = wall;
    } else {
      olderChanges = changes;
      olderChangedAt = wall;
    }
  }

  void drop(CellSpend cell) {
    cells.remove(cell);
  }

  void dropBefore(int epochDay) {
    days.keySet().removeIf(day -> day < epochDay);
  }
}
