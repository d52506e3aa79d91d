package io.outlay.detector.budget;

import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.Window;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
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
 * <p>Bounded: the days of the running period and of the four weeks before today, and for each cell
 * or scope of a budget the windows of as long. For one thread.
 */
public final class BudgetTracker {
  private static final int SECONDS_PER_HOUR = 3_600;
  private static final int HOURS_PER_DAY = 24;

  private final ZoneId stackZone;
  private final Map<String, Spend> byName = new LinkedHashMap<>();
  private final Source<Cell> days;
  private final Source<Cell> hours;
  private final Source<Scope> scopes;
  private @Nullable Instant latest;
  private Instant nextKeep = Instant.MIN;

  /**
   * @param stackZone whose days and hours the rollups have
   */
  public BudgetTracker(List<Budget> budgets, ZoneId stackZone) {
    this.stackZone = stackZone;
    List<Spend> ofDays = new ArrayList<>();
    List<Spend> ofHours = new ArrayList<>();
    List<Spend> ofScopes = new ArrayList<>();
    for (Budget budget : budgets) {
      Spend spend = new Spend(budget);
      byName.put(budget.name(), spend);
      boolean sameDays = budget.zone().getRules().equals(stackZone.getRules());
      (!budget.isOfCells() ? ofScopes : sameDays ? ofDays : ofHours).add(spend);
    }
    days = new Source<>(ofDays, Budget::contains);
    hours = new Source<>(ofHours, Budget::contains);
    scopes = new Source<>(ofScopes, Budget::isOf);
  }

  /** What one budget has spent. */
  private static final class Spend {
    private final Budget budget;
    private final DailySums sums = new DailySums();
    private LocalDate keptFrom = LocalDate.MIN;

    Spend(Budget budget) {
      this.budget = budget;
    }

    void keep(Instant wall) {
      Window period = budget.period().at(wall, budget.zone());
      LocalDate profile =
          wall.atZone(budget.zone()).toLocalDate().minusDays(DailySums.PROFILE_DAYS + 1L);
      keptFrom = period.date().isBefore(profile) ? period.date() : profile;
      sums.dropBefore(keptFrom);
    }
  }

  /** Budgets that are made of the same windows, and the last sums of these. */
  private static final class Source<K> {
    private final List<Spend> spends;
    private final BiPredicate<Budget, K> belongs;
    private final FormerSums<K> former = new FormerSums<>();
    private final Map<K, List<Spend>> belonging = new HashMap<>();

    Source(List<Spend> spends, BiPredicate<Budget, K> belongs) {
      this.spends = spends;
      this.belongs = belongs;
    }

    List<Spend> of(K key) {
      return belonging.computeIfAbsent(
          key, any -> spends.stream().filter(spend -> belongs.test(spend.budget, any)).toList());
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
        concerned.forEach(spend -> spend.sums.add(date(spend, start), delta));
      }
    }

    void keep(Instant wall, int windowsPerDay) {
      belonging.clear();
      spends.forEach(spend -> spend.keep(wall));
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

  /** Forgets what is too old, once an hour. */
  private void advance(Instant wall) {
    if (wall.isBefore(nextKeep)) {
      return;
    }
    nextKeep = Instant.ofEpochSecond((hour(wall) + 1L) * SECONDS_PER_HOUR);
    days.keep(wall, 1);
    hours.keep(wall, HOURS_PER_DAY);
    scopes.keep(wall, HOURS_PER_DAY);
  }

  private static int hour(Instant start) {
    return Math.toIntExact(Math.floorDiv(start.getEpochSecond(), SECONDS_PER_HOUR));
  }
}
