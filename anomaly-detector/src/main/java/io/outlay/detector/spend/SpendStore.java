package io.outlay.detector.spend;

import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The hours of all cells and scopes over the last days, fed with absolute sums: the last value of a
 * cell and hour holds. Nothing of it is stored; the compacted topic of rollups is.
 *
 * <p>Bounded: hours older than the days kept, counted back from the latest event time, are dropped,
 * and cells without hours with them. For each scope ever seen one entry remains that knows the day
 * of its first spend. For one thread.
 */
public final class SpendStore {
  /** How far beyond the wall clock an event's time is believed. */
  static final Duration SKEW = Duration.ofMinutes(1);

  private final ZoneId zone;
  private final int daysKept;
  private final List<Cut> cuts;
  private final Map<Cell, CellSpend> cells = new HashMap<>();
  private final Map<Scope, ScopeSpend> scopes = new HashMap<>();
  private final Set<Scope> changed = new HashSet<>();
  private @Nullable Instant latest;
  private int latestDay = Integer.MIN_VALUE;

  /**
   * @param zone of days and hours
   * @param daysKept whole days before the latest, ≥ 1
   * @param cuts that scopes are kept for, each of cells
   */
  public SpendStore(ZoneId zone, int daysKept, Set<Cut> cuts) {
    if (daysKept < 1) {
      throw new IllegalArgumentException("daysKept must be >= 1, was " + daysKept);
    }
    this.zone = zone;
    this.daysKept = daysKept;
    for (Cut cut : cuts) {
      if (!cut.isOfCells()) {
        throw new IllegalArgumentException("cells do not know " + cut);
      }
    }
    this.cuts = List.copyOf(cuts);
  }

  /**
   * Takes the sums of an hour; they replace the former ones of the cell and hour.
   *
   * @param windowStart start of the hour
   * @param costUsd at most twelve places
   * @param lastEvent latest event time in the hour; believed up to {@link #SKEW} beyond {@code
   *     wall}
   * @param wall wall-clock time
   */
  public void put(
      Cell cell,
      Instant windowStart,
      BigDecimal costUsd,
      long requests,
      Instant lastEvent,
      Instant wall) {
    advance(lastEvent, wall);
    ZonedDateTime start = windowStart.atZone(zone);
    int day = Math.toIntExact(start.toLocalDate().toEpochDay());
    if (costUsd.signum() > 0) {
      scopesOf(cell).forEach(scope -> scope.firstSpentOn(day));
    }
    if (day < oldestKept()) {
      return;
    }
    BigInteger pico = costUsd.movePointRight(Money.SCALE).toBigIntegerExact();
    CellSpend hours = cells.computeIfAbsent(cell, CellSpend::new);
    int slot = slot(start);
    BigInteger delta = hours.replace(day, slot, pico, requests);
    for (ScopeSpend scope : scopesOf(cell)) {
      scope.add(hours, day, slot, delta);
      scope.changed(day, wall);
      changed.add(scope.scope());
    }
  }

  /** Takes an hour out: its record was deleted. */
  public void remove(Cell cell, Instant windowStart, Instant wall) {
    if (cells.containsKey(cell)) {
      put(cell, windowStart, BigDecimal.ZERO, 0, Instant.MIN, wall);
    }
  }

  /** Latest event time seen over all cells. */
  public Optional<Instant> latestEvent() {
    return Optional.ofNullable(latest);
  }

  /** Whether any scope changed since {@link #takeChanged}. */
  public boolean hasChanged() {
    return !changed.isEmpty();
  }

  /** Scopes that changed since this was last asked. */
  public Set<Scope> takeChanged() {
    Set<Scope> taken = Set.copyOf(changed);
    changed.clear();
    return taken;
  }

  /** The hours of a scope; empty if it was never seen. */
  public Optional<ScopeSpend> find(Scope scope) {
    return Optional.ofNullable(scopes.get(scope));
  }

  /** All scopes ever seen. */
  public Set<Scope> scopes() {
    return Collections.unmodifiableSet(scopes.keySet());
  }

  /** Scopes ever seen. */
  public int scopeCount() {
    return scopes.size();
  }

  /** Cells that have hours. */
  public int cellCount() {
    return cells.size();
  }

  private void advance(Instant lastEvent, Instant wall) {
    Instant believed = wall.plus(SKEW);
    Instant event = lastEvent.isAfter(believed) ? believed : lastEvent;
    if (latest != null && !event.isAfter(latest)) {
      return;
    }
    if (event.equals(Instant.MIN)) {
      return;
    }
    latest = event;
    int day = Math.toIntExact(event.atZone(zone).toLocalDate().toEpochDay());
    if (day > latestDay) {
      latestDay = day;
      prune();
    }
  }

  private void prune() {
    int oldest = oldestKept();
    for (Iterator<CellSpend> all = cells.values().iterator(); all.hasNext(); ) {
      CellSpend cell = all.next();
      if (cell.dropBefore(oldest)) {
        all.remove();
        scopesOf(cell.cell()).forEach(scope -> scope.drop(cell));
      }
    }
    scopes.values().forEach(scope -> scope.dropBefore(oldest));
  }

  private int oldestKept() {
    return latestDay == Integer.MIN_VALUE ? Integer.MIN_VALUE : latestDay - daysKept;
  }

  private List<ScopeSpend> scopesOf(Cell cell) {
    return cuts.stream()
        .flatMap(cut -> Scope.of(cut, cell).stream())
        .map(scope -> scopes.computeIfAbsent(scope, ScopeSpend::new))
        .toList();
  }

  /** Local hour, and 24 more in the second run of an hour that the clock runs through twice. */
  private int slot(ZonedDateTime start) {
    LocalDateTime local = start.toLocalDateTime();
    List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
    boolean again = offsets.size() == 2 && start.getOffset().equals(offsets.get(1));
    return start.getHour() + (again ? HourlySpend.HOURS : 0);
  }
}
