package io.outlay.detector.spend;

import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * Hours and minutes of one scope: the sums of its cells, or as the books have them where cells do
 * not know its dimensions. Bounded by what the store keeps, about 600 bytes a day without further
 * signals; the day of the first spend and the time of the last event are kept for good.
 */
public final class ScopeSpend extends Usage {
  private final Scope scope;
  private final Progress progress;
  private final Set<CellSpend> cells = new HashSet<>();
  private int firstDay = Integer.MAX_VALUE;
  private int lastDay = Integer.MIN_VALUE;
  private Instant lastDayChangedAt = Instant.MIN;
  private Instant olderChangedAt = Instant.MIN;
  private Instant lastEvent = Instant.MIN;
  private long changes;
  private long olderChanges;

  ScopeSpend(Scope scope, Kept kept, Progress progress) {
    super(kept);
    this.scope = scope;
    this.progress = progress;
  }

  /** Which scope. */
  public Scope scope() {
    return scope;
  }

  /** How event time moves on for all usage together. */
  public Progress progress() {
    return progress;
  }

  /** Time of its latest event; {@link Instant#MIN} before the first. */
  public Instant lastEvent() {
    return lastEvent;
  }

  /** Its cells; none where cells do not know its dimensions. */
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

  void add(CellSpend cell) {
    cells.add(cell);
  }

  void happened(Instant event) {
    lastEvent = event.isAfter(lastEvent) ? event : lastEvent;
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
}
