package io.outlay.detector.budget;

import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.Window;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what budgets have spent, fed with absolute sums of windows: the last one of a window
 * holds, so that late events and ratings anew move the day they belong to. Nothing of it is stored;
 * the compacted topics of rollups are.
 *
 * <p>Budgets of team, model and feature whose days are the stack's are made of days, which the
 * topic keeps for longer than any period; all others of hours. Each period is told by the wall
 * clock, so that a new one starts though nobody spends; each spend belongs to the period that its
 * window lies in. A window that was deleted was forgotten, not unspent, and stays counted.
 *
 * <p>Bounded: the days of the running period, of those that late events may still belong to, and of
 * the four weeks before today, and for each cell or scope of a budget the windows of as long. For
 * one thread.
 */
public final class BudgetTracker {
  private static final int SECONDS_PER_HOUR = 3_600;
  private static final int HOURS_PER_DAY = 24;

  /** For how long the topic keeps the sums of days. */
  private static final Duration DAYS_HELD = Duration.ofDays(100);

  private final ZoneId stackZone;
  private final Duration lateness;
  private final Map<String, Spend> byName = new LinkedHashMap<>();
  private final Source<Cell> days;
  private final Source<Cell> hours;
  private final Source<Scope> scopes;
  private @Nullable Instant latest;
  private Instant nextKeep = Instant.MIN;
  private @Nullable Instant begun;

  /**
   * @param stackZone whose days and hours the rollups have
   * @param lateness how long after its time an event may come and count; for as long the topic
   *     keeps the sums of hours
   */
  public BudgetTracker(List<Budget> budgets, ZoneId stackZone, Duration lateness) {
    this.stackZone = stackZone;
    this.lateness = lateness;
    List<Spend> ofDays = new ArrayList<>();
    List<Spend> ofHours = new ArrayList<>();
    List<Spend> ofScopes = new ArrayList<>();
    for (Budget budget : budgets) {
      boolean sameDays = budget.zone().getRules().equals(stackZone.getRules());
      boolean isOfDays = budget.isOfCells() && sameDays;
      Spend spend = new Spend(budget, isOfDays ? DAYS_HELD : lateness);
      byName.put(budget.name(), spend);
      (!budget.isOfCells() ? ofScopes : sameDays ? ofDays : ofHours).add(spend);
    }
    days = new Source<>(ofDays, BudgetTracker::ofCells);
    hours = new Source<>(ofHours, BudgetTracker::ofCells);
    scopes = new Source<>(ofScopes, BudgetTracker::ofScopes);
  }

  /** What one budget has spent. */
  private static final class Spend {
    private final Budget budget;
    private final Duration held;
    private final DailySums sums = new DailySums();
    private LocalDate keptFrom = LocalDate.MIN;
    private LocalDate runningFrom = LocalDate.MIN;
    private long lateChanges;

    /**
     * @param held how far back the topic goes
     */
    Spend(Budget budget, Duration held) {
      this.budget = budget;
      this.held = held;
    }

    void keep(Instant wall, Duration lateness) {
      Window period = budget.period().at(wall, budget.zone());
      LocalDate profile =
          wall.atZone(budget.zone()).toLocalDate().minusDays(DailySums.PROFILE_DAYS + 1L);
      LocalDate late = budget.period().at(wall.minus(lateness), budget.zone()).date();
      runningFrom = period.date();
      keptFrom = late.isBefore(profile) ? late : profile;
      sums.dropBefore(keptFrom);
    }

    void add(LocalDate date, BigInteger delta) {
      sums.add(date, delta);
      if (date.isBefore(runningFrom)) {
        lateChanges++;
      }
    }
  }

  /** Finds the budgets of a cell or scope without asking each of them. */
  private interface Index<K> {
    List<Spend> of(K key);
  }

  /** By dimensions that budgets have, and then by the values of these. */
  private static Index<Cell> ofCells(List<Spend> spends) {
    Map<List<Dimension>, Map<List<String>, List<Spend>>> index = new HashMap<>();
    for (Spend spend : spends) {
      List<Dimension> dimensions =
          spend.budget.scope().keySet().stream().map(Dimension::new).toList();
      index
          .computeIfAbsent(dimensions, any -> new HashMap<>())
          .computeIfAbsent(List.copyOf(spend.budget.scope().values()), any -> new ArrayList<>())
          .add(spend);
    }
    return cell -> {
      List<Spend> found = new ArrayList<>();
      index.forEach(
          (dimensions, byValues) ->
              found.addAll(
                  byValues.getOrDefault(
                      dimensions.stream().map(dimension -> dimension.of(cell)).toList(),
                      List.of())));
      return found;
    };
  }

  /** A scope belongs to budgets of exactly it: other scopes hold the same spend again. */
  private static Index<Scope> ofScopes(List<Spend> spends) {
    Map<Map<String, String>, List<Spend>> index = new HashMap<>();
    for (Spend spend : spends) {
      index.computeIfAbsent(spend.budget.scope(), any -> new ArrayList<>()).add(spend);
    }
    return scope -> index.getOrDefault(scope.toMap(), List.of());
  }

  /** Budgets that are made of the same windows, and the last sums of these. */
  private static final class Source<K> {
    private final List<Spend> spends;
    private final Index<K> index;
    private final FormerSums<K> former = new FormerSums<>();

    Source(List<Spend> spends, Function<List<Spend>, Index<K>> index) {
      this.spends = spends;
      this.index = index.apply(spends);
    }

    List<Spend> of(K key) {
      return index.of(key);
    }

    void put(K key, Instant start, int window, BigDecimal costUsd) {
      List<Spend> concerned =
          of(key).stream().filter(spend -> !date(spend, start).isBefore(spend.keptFrom)).toList();
      if (concerned.isEmpty()) {
        return;
      }
      BigInteger pico = costUsd.movePointRight(Money.SCALE).toBigIntegerExact();
      BigInteger delta = former.replace(key, window, pico);
      if (delta.signum() != 0) {
        concerned.forEach(spend -> spend.add(date(spend, start), delta));
      }
    }

    void keep(Instant wall, Duration lateness, int windowsPerDay) {
      spends.forEach(spend -> spend.keep(wall, lateness));
      spends.stream()
          .map(spend -> spend.keptFrom)
          .min(LocalDate::compareTo)
          // Two days more, for zones that are a day apart.
          .ifPresent(
              day ->
                  former.dropBefore(
                      Math.toIntExact((day.toEpochDay() - 2) * (long) windowsPerDay)));
    }

    private static LocalDate date(Spend spend, Instant start) {
      return start.atZone(spend.budget.zone()).toLocalDate();
    }
  }

  /** Its budgets, in the order of the configuration. */
  public List<Budget> budgets() {
    return byName.values().stream().map(spend -> spend.budget).toList();
  }

  /** Whether days of a cell belong to any budget. */
  public boolean wantsDays(Cell cell) {
    return !days.of(cell).isEmpty();
  }

  /** Whether hours of a cell belong to any budget. */
  public boolean wantsHours(Cell cell) {
    return !hours.of(cell).isEmpty();
  }

  /** Whether hours of a scope belong to any budget. */
  public boolean wantsHours(Scope scope) {
    return !scopes.of(scope).isEmpty();
  }

  /** Takes the sum of a day of a cell; it replaces the former one. */
  public void putDay(Cell cell, Instant start, BigDecimal costUsd, Instant wall) {
    advance(wall);
    int day = Math.toIntExact(start.atZone(stackZone).toLocalDate().toEpochDay());
    days.put(cell, start, day, costUsd);
  }

  /** Takes the sum of an hour of a cell; it replaces the former one. */
  public void putHour(Cell cell, Instant start, BigDecimal costUsd, Instant wall) {
    advance(wall);
    hours.put(cell, start, hour(start), costUsd);
  }

  /** Takes the sum of an hour of a scope that is not of cells; it replaces the former one. */
  public void putHour(Scope scope, Instant start, BigDecimal costUsd, Instant wall) {
    advance(wall);
    scopes.put(scope, start, hour(start), costUsd);
  }

  /** Takes note of an event time; believed up to {@code wall}. */
  public void seen(Instant event, Instant wall) {
    Instant believed = event.isAfter(wall) ? wall : event;
    if (latest == null || believed.isAfter(latest)) {
      latest = believed;
    }
  }

  /** Cells and scopes that sums are kept of. */
  public int keyCount() {
    return days.former.size() + hours.former.size() + scopes.former.size();
  }

  /**
   * Where a budget is.
   *
   * @param period that is running
   * @param actualUsd spend of the period so far, exact
   * @param forecastUsd what its spend will come to; null while there is too little to say
   * @param asOf latest event time; null before the first
   */
  record Figures(
      Window period,
      BigDecimal actualUsd,
      @Nullable BigDecimal forecastUsd,
      @Nullable Instant asOf) {}

  Figures figures(Budget budget, Instant wall) {
    advance(wall);
    Spend spend = Optional.ofNullable(byName.get(budget.name())).orElseThrow();
    Window period = budget.period().at(wall, budget.zone());
    LocalDate end = period.end().atZone(period.zone()).toLocalDate();
    BigInteger pico = spend.sums.sum(period.date(), end);
    BigDecimal forecast =
        latest == null ? null : Forecast.of(period, pico, spend.sums, latest).orElse(null);
    return new Figures(period, new BigDecimal(pico, Money.SCALE), forecast, latest);
  }

  /** Counts what came for closed periods of a budget: as long as it stays, so do their sums. */
  long lateChanges(Budget budget) {
    return Optional.ofNullable(byName.get(budget.name())).orElseThrow().lateChanges;
  }

  /** The period of a budget before which nothing can come any more. */
  Window earliestOpen(Budget budget, Instant wall) {
    return budget.period().at(wall.minus(lateness), budget.zone());
  }

  /**
   * What was spent in a closed period of a budget; empty where the topic did not hold all of it any
   * more when this began to read.
   */
  Optional<BigDecimal> closed(Budget budget, Window period, Instant wall) {
    advance(wall);
    Spend spend = Optional.ofNullable(byName.get(budget.name())).orElseThrow();
    // A day less, for what is being forgotten just now.
    Instant whole = (begun == null ? wall : begun).minus(spend.held).plus(Duration.ofDays(1));
    if (period.start().isBefore(whole) || period.date().isBefore(spend.keptFrom)) {
      return Optional.empty();
    }
    LocalDate end = period.end().atZone(period.zone()).toLocalDate();
    return Optional.of(new BigDecimal(spend.sums.sum(period.date(), end), Money.SCALE));
  }

  /** Forgets what is too old, once an hour. */
  private void advance(Instant wall) {
    if (wall.isBefore(nextKeep)) {
      return;
    }
    if (begun == null) {
      begun = wall;
    }
    nextKeep = Instant.ofEpochSecond((hour(wall) + 1L) * SECONDS_PER_HOUR);
    days.keep(wall, lateness, 1);
    hours.keep(wall, lateness, HOURS_PER_DAY);
    scopes.keep(wall, lateness, HOURS_PER_DAY);
  }

  private static int hour(Instant start) {
    return Math.toIntExact(Math.floorDiv(start.getEpochSecond(), SECONDS_PER_HOUR));
  }
}
