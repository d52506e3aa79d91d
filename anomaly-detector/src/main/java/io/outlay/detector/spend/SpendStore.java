package io.outlay.detector.spend;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The hours and the last minutes of all cells and scopes, fed with absolute sums: the last value of
 * a cell or scope and hour or minute holds. Nothing of it is stored; the compacted topics of
 * rollups are.
 *
 * <p>Bounded: hours older than the days kept and minutes older than the minutes kept, both counted
 * back from the latest event time, are dropped, and cells without any with them. What is counted
 * beside spend and requests takes room only where it occurs and is needed: 8 bytes an hour or
 * minute of each signal, cell and scope. For each scope ever seen one entry remains that knows the
 * day of its first spend and the time of its last event. For one thread.
 */
public final class SpendStore {
  /** How far beyond the wall clock an event's time is believed. */
  static final Duration SKEW = Duration.ofMinutes(1);

  /** Minutes by which a late event may still change what ended. */
  static final int GRACE_MINUTES = 5;

  /** Minutes beyond the latest believed event time that are kept until it comes to them. */
  static final int AHEAD_MINUTES = 15;

  private static final Duration ANY_AGE = Duration.ofDays(365_000);

  private final ZoneId zone;
  private final int daysKept;
  private final List<Cut> cellCuts;
  private final Set<Cut> cuts;
  private final int minutesKept;
  private final Kept kept;
  private final Duration maxAge;
  private final Map<Cell, CellSpend> cells = new HashMap<>();
  private final Map<Scope, ScopeSpend> scopes = new HashMap<>();
  private final Set<ScopeSpend> changed = new HashSet<>();
  private final Progress progress = new Progress();
  private int latestDay = Integer.MIN_VALUE;
  private int latestMinute = Integer.MIN_VALUE;
  private int sweptMinute = Integer.MIN_VALUE;

  /**
   * A store of spend and requests by hour.
   *
   * @param zone of days and hours
   * @param daysKept whole days before the latest, ≥ 1
   * @param cuts that scopes are kept for
   */
  public SpendStore(ZoneId zone, int daysKept, Set<Cut> cuts) {
    this(zone, daysKept, cuts, Needs.NONE, ANY_AGE);
  }

  /**
   * A store of all that rules need.
   *
   * @param zone of days and hours
   * @param daysKept whole days before the latest, ≥ 1; more are kept if {@code needs} says so
   * @param cuts that scopes are kept for
   * @param needs what is kept beside the spend and the requests of each hour
   * @param maxAge by the wall clock, after which a minute that has come to its end is of no use
   */
  public SpendStore(ZoneId zone, int daysKept, Set<Cut> cuts, Needs needs, Duration maxAge) {
    if (daysKept < 1) {
      throw new IllegalArgumentException("daysKept must be >= 1, was " + daysKept);
    }
    this.zone = zone;
    this.daysKept = Math.max(daysKept, needs.days());
    this.cuts = Set.copyOf(cuts);
    this.cellCuts = cuts.stream().filter(Cut::isOfCells).toList();
    this.minutesKept = needs.minutes() == 0 ? 0 : needs.minutes() + GRACE_MINUTES;
    Needs hours = new Needs(0, Set.of(Signal.REQUESTS), 0, Set.of()).and(needs);
    this.kept =
        new Kept(
            List.copyOf(hours.byHour()),
            List.copyOf(needs.byMinute()),
            minutesKept == 0 ? 0 : minutesKept + AHEAD_MINUTES + 1);
    this.maxAge = maxAge;
  }

  /**
   * Takes the spend and the requests of an hour; they replace all former sums of the cell and hour.
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
    putHour(
        cell,
        windowStart,
        Sums.of(costUsd, lastEvent).count(Signal.REQUESTS, requests).build(),
        wall);
  }

  /**
   * Takes the sums of an hour; they replace the former ones of the cell and hour. Event times are
   * believed up to {@link #SKEW} beyond {@code wall}.
   *
   * @param windowStart start of the hour
   * @param wall wall-clock time
   */
  public void putHour(Cell cell, Instant windowStart, Sums sums, Instant wall) {
    advance(windowStart, sums.lastEvent(), wall);
    ZonedDateTime start = windowStart.atZone(zone);
    int day = Stretch.day(start);
    CellSpend known = cells.get(cell);
    List<ScopeSpend> touched = known == null ? scopesOf(cell) : known.scopes();
    touched.forEach(scope -> seen(scope, day, sums, wall));
    if (day < oldestKept()) {
      return;
    }
    CellSpend hours = known == null ? new CellSpend(cell, touched, kept) : known;
    cells.putIfAbsent(cell, hours);
    int slot = Stretch.slot(start);
    Sums change = hours.replaceHour(day, slot, sums);
    for (ScopeSpend scope : touched) {
      scope.add(hours);
      scope.addHour(day, slot, change);
      scope.changed(day, wall);
      changed.add(scope);
    }
  }

  /**
   * Takes the sums of an hour of a scope whose dimensions cells do not know; they replace the
   * former ones. Scopes of other cuts than those kept are passed over.
   */
  public void putHour(Scope scope, Instant windowStart, Sums sums, Instant wall) {
    advance(windowStart, sums.lastEvent(), wall);
    if (!isKeptByItself(scope.cut())) {
      return;
    }
    ZonedDateTime start = windowStart.atZone(zone);
    int day = Stretch.day(start);
    ScopeSpend spend = scope(scope);
    seen(spend, day, sums, wall);
    if (day >= oldestKept()) {
      spend.replaceHour(day, Stretch.slot(start), sums);
      spend.changed(day, wall);
      changed.add(spend);
    }
  }

  /** Whether a scope is fed by itself: its cut is kept, and cells do not know its dimensions. */
  public boolean wants(Scope scope) {
    return isKeptByItself(scope.cut());
  }

  /** Whether a minute is of any use; others need not be read. */
  public boolean wantsMinute(Instant windowStart, Instant wall) {
    if (minutesKept == 0) {
      return false;
    }
    int minute = Stretch.minute(windowStart);
    return minute > Stretch.minute(wall.minus(maxAge)) - minutesKept
        && (latestMinute == Integer.MIN_VALUE || minute >= latestMinute - minutesKept);
  }

  /** Takes the sums of a minute, as {@link #putHour(Cell, Instant, Sums, Instant)} does. */
  public void putMinute(Cell cell, Instant windowStart, Sums sums, Instant wall) {
    advance(windowStart, sums.lastEvent(), wall);
    int minute = Stretch.minute(windowStart);
    if (!fits(minute)) {
      return;
    }
    CellSpend spend = cells.computeIfAbsent(cell, any -> new CellSpend(any, scopesOf(any), kept));
    Sums change = spend.replaceMinute(minute, sums);
    for (ScopeSpend scope : spend.scopes()) {
      scope.add(spend);
      scope.addMinute(minute, change);
      changed.add(scope);
    }
  }

  /** Takes the sums of a minute, as {@link #putHour(Scope, Instant, Sums, Instant)} does. */
  public void putMinute(Scope scope, Instant windowStart, Sums sums, Instant wall) {
    advance(windowStart, sums.lastEvent(), wall);
    int minute = Stretch.minute(windowStart);
    if (isKeptByItself(scope.cut()) && fits(minute)) {
      ScopeSpend spend = scope(scope);
      spend.replaceMinute(minute, sums);
      changed.add(spend);
    }
  }

  /** Takes an hour out: its record was deleted. */
  public void remove(Cell cell, Instant windowStart, Instant wall) {
    if (cells.containsKey(cell)) {
      putHour(cell, windowStart, Sums.none(), wall);
    }
  }

  /** Takes an hour of a scope out. */
  public void remove(Scope scope, Instant windowStart, Instant wall) {
    if (scopes.containsKey(scope)) {
      putHour(scope, windowStart, Sums.none(), wall);
    }
  }

  /** Says whether the past is being read, rather than what happens. */
  public void loading(boolean past) {
    progress.loading(past);
  }

  /** Latest event time seen over all cells. */
  public Optional<Instant> latestEvent() {
    return progress.latest();
  }

  /** Whether any scope changed since {@link #takeChanged}. */
  public boolean hasChanged() {
    return !changed.isEmpty();
  }

  /** Scopes that changed since this was last asked. */
  public Set<Scope> takeChanged() {
    Set<Scope> taken = new HashSet<>();
    changed.forEach(spend -> taken.add(spend.scope()));
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

  private boolean isKeptByItself(Cut cut) {
    return cuts.contains(cut) && !cut.isOfCells();
  }

  private boolean fits(int minute) {
    return minutesKept > 0
        && latestMinute != Integer.MIN_VALUE
        && minute >= latestMinute - minutesKept
        && minute <= latestMinute + AHEAD_MINUTES;
  }

  private static void seen(ScopeSpend scope, int day, Sums sums, Instant wall) {
    if (sums.cost().signum() > 0) {
      scope.firstSpentOn(day);
    }
    Instant believed = wall.plus(SKEW);
    scope.happened(sums.lastEvent().isAfter(believed) ? believed : sums.lastEvent());
  }

  private void advance(Instant windowStart, Instant lastEvent, Instant wall) {
    Instant believed = wall.plus(SKEW);
    Instant event = lastEvent.isAfter(believed) ? believed : lastEvent;
    if (event.equals(Instant.MIN) || !progress.advance(windowStart, event)) {
      return;
    }
    latestMinute = Stretch.minute(event);
    if (minutesKept > 0 && latestMinute >= sweptMinute + minutesKept) {
      sweptMinute = latestMinute;
      int oldest = latestMinute - minutesKept;
      cells.values().forEach(cell -> cell.dropMinutesBefore(oldest));
      scopes.values().forEach(scope -> scope.dropMinutesBefore(oldest));
    }
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
        cell.scopes().forEach(scope -> scope.drop(cell));
      }
    }
    scopes.values().forEach(scope -> scope.dropBefore(oldest));
  }

  private int oldestKept() {
    return latestDay == Integer.MIN_VALUE ? Integer.MIN_VALUE : latestDay - daysKept;
  }

  private List<ScopeSpend> scopesOf(Cell cell) {
    return cellCuts.stream().flatMap(cut -> Scope.of(cut, cell).stream()).map(this::scope).toList();
  }

  private ScopeSpend scope(Scope scope) {
    return scopes.computeIfAbsent(scope, any -> new ScopeSpend(any, kept, progress));
  }
}
