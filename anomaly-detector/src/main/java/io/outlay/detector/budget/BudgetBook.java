package io.outlay.detector.budget;

import io.outlay.detector.budget.BudgetTracker.Figures;
import io.outlay.detector.budget.Standing.Kind;
import io.outlay.detector.spend.Window;
import io.outlay.money.Money;
import io.outlay.schema.BudgetLevel;
import io.outlay.schema.BudgetState;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Budgets as they stand: a state is written first, then shown, then told. Levels are written as
 * soon as they change, amounts at most every two seconds, forecasts alone every minute. One thread
 * evaluates; any may look.
 *
 * <p>The last state of a period that is over is kept under a name of its own and follows what comes
 * late; nobody is told of that.
 */
public final class BudgetBook {
  /** How often an amount is written. */
  static final Duration AMOUNT_EVERY = Duration.ofSeconds(2);

  /** How often a forecast is written while the amount stays. */
  static final Duration FORECAST_EVERY = Duration.ofMinutes(1);

  private static final Logger LOG = System.getLogger(BudgetBook.class.getName());

  /** How long after its end the state of a period is kept. */
  static final Duration CLOSED_KEPT = Duration.ofDays(400);

  private BudgetTracker tracker;
  private final BudgetLog log;
  private final BudgetAlerts alerts;
  private final Clock clock;
  private final BudgetJson json = new BudgetJson();
  private final Map<String, BudgetState> states = new HashMap<>();
  private final Map<String, BudgetState> closed = new HashMap<>();
  private final Map<String, Settled> settled = new HashMap<>();
  private final Map<Told, Optional<BigDecimal>> told = new HashMap<>();
  private boolean othersAreGone;
  private volatile Shown shown = new Shown(Map.of(), Map.of());
  private volatile long written;

  /** What something was said about. */
  private record Told(String budget, Instant periodStart, Kind kind) {}

  /** Up to where closed periods of a budget have been written. */
  private record Settled(Instant periodStart, long lateChanges) {}

  /** What is shown at a time. */
  private static final class Shown {
    private final Map<String, BudgetState> states;
    private final Map<String, BudgetView> views;
    private volatile byte @Nullable [] list;

    Shown(Map<String, BudgetState> states, Map<String, BudgetView> views) {
      this.states = states;
      this.views = views;
    }

    /** Put together when it is first asked for. */
    byte[] list() {
      byte[] known = list;
      if (known == null) {
        known = BudgetJson.list(views.values());
        list = known;
      }
      return known;
    }
  }

  public BudgetBook(BudgetTracker tracker, BudgetLog log, BudgetAlerts alerts, Clock clock) {
    this.tracker = tracker;
    this.log = log;
    this.alerts = alerts;
    this.clock = clock;
  }

  /**
   * Takes what the log has; a later one of the same name replaces a former one. Shown from {@link
   * #restored} on.
   *
   * @param state null if it was deleted
   */
  public void restore(String name, @Nullable BudgetState state) {
    Map<String, BudgetState> kind = ClosedPeriods.isName(name) ? closed : states;
    if (state == null) {
      kind.remove(name);
    } else {
      kind.put(name, state);
    }
  }

  /** Goes on with other budgets, as soon as what these need has been read. */
  public void goOnWith(BudgetTracker other) {
    tracker = other;
    settled.clear();
    told.clear();
    othersAreGone = false;
    show();
  }

  /** All that the log has was taken: until the first evaluation, budgets are shown as it says. */
  public void restored() {
    show();
  }

  private void show() {
    Shown before = shown;
    Map<String, BudgetState> known = new LinkedHashMap<>();
    Map<String, BudgetView> views = new LinkedHashMap<>();
    for (Budget budget : tracker.budgets()) {
      String name = budget.name();
      BudgetState state = states.get(name);
      if (state != null) {
        known.put(name, state);
        BudgetView view = before.views.get(name);
        boolean same = view != null && before.states.get(name) == state;
        views.put(name, same ? view : json.view(state));
      }
    }
    shown = new Shown(known, views);
  }

  /** A budget as gateways read it; empty if there is none of the name. */
  public Optional<BudgetView> find(String name) {
    return Optional.ofNullable(shown.views.get(name));
  }

  /** All budgets, in the order of the configuration: JSON, not to be changed. */
  public byte[] list() {
    return shown.list();
  }

  /** Share of its limit that a budget has used, as it was written last; NaN if it was not yet. */
  public double used(String name) {
    BudgetState state = shown.states.get(name);
    return state == null
        ? Double.NaN
        : state.getActualUsd().divide(state.getLimitUsd(), MathContext.DECIMAL32).doubleValue();
  }

  /** States written so far. */
  public long written() {
    return written;
  }

  /**
   * Works out where budgets stand.
   *
   * @throws BudgetLogException if it could not be written; the next call does it again
   */
  public void evaluate() {
    Instant wall = clock.instant();
    Map<String, Optional<BudgetState>> due = new LinkedHashMap<>();
    List<Standing> standings = new ArrayList<>();
    for (Budget budget : tracker.budgets()) {
      Figures figures = tracker.figures(budget, wall);
      BudgetState former = states.get(budget.name());
      BudgetState next = state(budget, figures, former, wall);
      settle(budget, figures.period(), former, wall, due);
      if (former == null || isDue(former, next, wall)) {
        due.put(budget.name(), Optional.of(next));
      }
      standings.addAll(standings(budget, figures, wall));
    }
    forget(wall, due);
    write(due);
    tell(standings);
  }

  /** What is due of a budget's closed periods: nothing, unless one has ended or something came. */
  private void settle(
      Budget budget,
      Window running,
      @Nullable BudgetState former,
      Instant wall,
      Map<String, Optional<BudgetState>> due) {
    Settled now = new Settled(running.start(), tracker.lateChanges(budget));
    if (former == null || now.equals(settled.get(budget.name()))) {
      return;
    }
    ClosedPeriods periods = new ClosedPeriods(budget, tracker, closed, wall);
    periods.changes(former, running).forEach((name, state) -> due.put(name, Optional.of(state)));
    if (periods.isSettled()) {
      settled.put(budget.name(), now);
    }
  }

  /** Deletes budgets that are none any more, and what is long over. */
  private void forget(Instant wall, Map<String, Optional<BudgetState>> due) {
    Set<String> configured =
        tracker.budgets().stream().map(Budget::name).collect(Collectors.toSet());
    for (String name : states.keySet()) {
      if (!configured.contains(name)) {
        due.put(name, Optional.empty());
      }
    }
    long before = micros(wall.minus(CLOSED_KEPT));
    closed.forEach(
        (name, state) -> {
          if (!configured.contains(state.getName()) || state.getPeriodEndMicros() < before) {
            due.put(name, Optional.empty());
          }
        });
  }

  private void write(Map<String, Optional<BudgetState>> due) {
    if (due.isEmpty()) {
      return;
    }
    Map<String, Optional<BudgetState>> first = new LinkedHashMap<>(due);
    first.keySet().removeIf(name -> !ClosedPeriods.isName(name));
    Map<String, Optional<BudgetState>> then = new LinkedHashMap<>(due);
    then.keySet().removeAll(first.keySet());
    try {
      // Apart, since the last state of a period must not be gone before its own name has it.
      if (!first.isEmpty()) {
        log.write(first);
      }
      if (!then.isEmpty()) {
        log.write(then);
      }
    } catch (BudgetLogException e) {
      // What was taken for settled may not have been written.
      settled.clear();
      throw e;
    }
    written += due.size();
    due.forEach(
        (name, state) -> {
          BudgetState former = states.get(name);
          restore(name, state.orElse(null));
          if (former != null && state.isPresent() && former.getLevel() != state.get().getLevel()) {
            LOG.log(
                Level.INFO,
                "budget {0} is {1}, was {2}: {3} of {4} USD",
                name,
                state.get().getLevel(),
                former.getLevel(),
                state.get().getActualUsd().toPlainString(),
                state.get().getLimitUsd().toPlainString());
          }
        });
    show();
  }

  private void tell(List<Standing> standings) {
    if (!othersAreGone) {
      alerts.only(tracker.budgets());
      othersAreGone = true;
    }
    List<Standing> changed =
        standings.stream()
            .filter(standing -> !standing.threshold().equals(told.get(key(standing))))
            .toList();
    if (changed.isEmpty()) {
      return;
    }
    alerts.stand(changed);
    Set<Told> current = standings.stream().map(BudgetBook::key).collect(Collectors.toSet());
    changed.forEach(standing -> told.put(key(standing), standing.threshold()));
    told.keySet().retainAll(current);
  }

  private static Told key(Standing standing) {
    return new Told(standing.budget().name(), standing.period().start(), standing.kind());
  }

  private static List<Standing> standings(Budget budget, Figures figures, Instant wall) {
    List<Standing> standings = new ArrayList<>();
    standings.add(
        standing(budget, figures, Kind.ACTUAL, budget.reached(figures.actualUsd()), wall));
    BigDecimal forecast = figures.forecastUsd();
    // Until there is a forecast, nothing is known of it that could take back what was told.
    if (budget.forecast() && forecast != null) {
      standings.add(standing(budget, figures, Kind.FORECAST, budget.reached(forecast), wall));
    }
    return standings;
  }

  private static Standing standing(
      Budget budget, Figures figures, Kind kind, Optional<BigDecimal> threshold, Instant wall) {
    Instant asOf = figures.asOf();
    return new Standing(
        budget,
        figures.period(),
        kind,
        threshold,
        figures.actualUsd(),
        figures.forecastUsd(),
        asOf == null ? figures.period().start() : asOf,
        wall);
  }

  private static BudgetState state(
      Budget budget, Figures figures, @Nullable BudgetState former, Instant wall) {
    BigDecimal forecast = figures.forecastUsd();
    Instant asOf = figures.asOf();
    return BudgetState.newBuilder()
        .setName(budget.name())
        .setScope(budget.scope())
        .setPeriod(budget.period().key())
        .setPeriodStartMicros(micros(figures.period().start()))
        .setPeriodEndMicros(micros(figures.period().end()))
        .setTimezone(budget.zone().getId())
        .setLimitUsd(budget.limitUsd().setScale(Money.SCALE))
        .setActualUsd(figures.actualUsd())
        .setLevel(budget.level(figures.actualUsd()))
        .setForecastUsd(forecast == null ? null : forecast.setScale(Money.SCALE))
        .setForecastLevel(forecast == null ? BudgetLevel.NORMAL : budget.level(forecast))
        .setHard(budget.hard())
        .setAsOfMicros(asOf == null ? null : micros(asOf))
        .setUpdatedAtMicros(micros(wall))
        .setRevision(former == null ? 1 : former.getRevision() + 1)
        .build();
  }

  private static boolean isDue(BudgetState former, BudgetState next, Instant wall) {
    boolean sameTerms =
        former.getScope().equals(next.getScope())
            && former.getPeriod().equals(next.getPeriod())
            && former.getTimezone().equals(next.getTimezone())
            && former.getPeriodStartMicros() == next.getPeriodStartMicros()
            && former.getPeriodEndMicros() == next.getPeriodEndMicros()
            && former.getLimitUsd().compareTo(next.getLimitUsd()) == 0
            && former.getHard() == next.getHard();
    if (!sameTerms
        || former.getLevel() != next.getLevel()
        || former.getForecastLevel() != next.getForecastLevel()) {
      return true;
    }
    long age = micros(wall) - former.getUpdatedAtMicros();
    // A clock that was set back must not silence it.
    boolean amountDue = age < 0 || age >= AMOUNT_EVERY.toNanos() / 1_000;
    boolean forecastDue = age < 0 || age >= FORECAST_EVERY.toNanos() / 1_000;
    return amountDue && former.getActualUsd().compareTo(next.getActualUsd()) != 0
        || forecastDue && !Objects.equals(former.getForecastUsd(), next.getForecastUsd());
  }

  static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }
}
