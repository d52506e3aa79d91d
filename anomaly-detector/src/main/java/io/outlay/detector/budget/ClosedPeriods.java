package io.outlay.detector.budget;

import io.outlay.detector.spend.Window;
import io.outlay.money.Money;
import io.outlay.schema.BudgetLevel;
import io.outlay.schema.BudgetState;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The periods of one budget that are over, at one time. The state of each is kept under {@code
 * NAME@START}, which is no name of a budget, with the terms that held when it ended. While late
 * events can still belong to a period, its state follows them.
 */
final class ClosedPeriods {
  private static final char MARK = '@';

  private final Budget budget;
  private final BudgetTracker tracker;
  private final Map<String, BudgetState> known;
  private final Instant wall;
  private boolean isSettled = true;

  /**
   * @param known states of closed periods by their names, of all budgets
   */
  ClosedPeriods(
      Budget budget, BudgetTracker tracker, Map<String, BudgetState> known, Instant wall) {
    this.budget = budget;
    this.tracker = tracker;
    this.known = known;
    this.wall = wall;
  }

  /** Whether a name is one of a closed period. */
  static boolean isName(String name) {
    return name.indexOf(MARK) >= 0;
  }

  static String name(String budget, Instant periodStart) {
    return budget + MARK + periodStart;
  }

  /** Whether nothing had to be put off; once the changes have been asked for. */
  boolean isSettled() {
    return isSettled;
  }

  /**
   * States of closed periods that are to be written, by their names.
   *
   * @param last the last state of the budget, of the running period or of one before it
   */
  Map<String, BudgetState> changes(BudgetState last, Window running) {
    Map<String, BudgetState> changes = new LinkedHashMap<>();
    if (!isOfTerms(last)) {
      end(last, running, changes);
      return changes;
    }
    Instant lastStart = time(last.getPeriodStartMicros());
    Window period = tracker.earliestOpen(budget, wall);
    for (; period.start().isBefore(running.start()); period = after(period)) {
      String name = name(budget.name(), period.start());
      BudgetState state = known.get(name);
      if (state != null && isOfTerms(state)) {
        follow(name, state, period, changes);
      } else if (state == null && !period.start().isBefore(lastStart)) {
        // It ended since the last state was written, or while no detector ran.
        close(name, last, period, changes);
      }
    }
    if (lastStart.isBefore(running.start()) && !known.containsKey(name(budget.name(), lastStart))) {
      // Unless it was above, it is over for so long that nothing more can come.
      changes.putIfAbsent(name(budget.name(), lastStart), last);
    }
    return changes;
  }

  /** The period that the last state is of stays as it was, under the terms that it had. */
  private void end(BudgetState last, Window running, Map<String, BudgetState> changes) {
    String name = name(budget.name(), time(last.getPeriodStartMicros()));
    boolean isOver = last.getPeriodEndMicros() <= BudgetBook.micros(running.start());
    if (isOver && !known.containsKey(name)) {
      changes.put(name, last);
    }
  }

  private void close(
      String name, BudgetState last, Window period, Map<String, BudgetState> changes) {
    boolean isLast = last.getPeriodStartMicros() == BudgetBook.micros(period.start());
    Optional<BigDecimal> usd = tracker.closed(budget, period, wall);
    if (isLast) {
      changes.put(name, usd.map(sum -> with(last, period, sum)).orElse(last));
    } else {
      usd.ifPresent(sum -> changes.put(name, with(last, period, sum)));
    }
  }

  private void follow(
      String name, BudgetState state, Window period, Map<String, BudgetState> changes) {
    Optional<BigDecimal> usd =
        tracker
            .closed(budget, period, wall)
            .filter(sum -> sum.compareTo(state.getActualUsd()) != 0);
    if (usd.isEmpty()) {
      return;
    }
    Instant updated = time(state.getUpdatedAtMicros());
    boolean isDue = wall.isBefore(updated) || !wall.isBefore(updated.plus(BudgetBook.AMOUNT_EVERY));
    if (isDue) {
      changes.put(name, with(state, period, usd.get()));
    } else {
      isSettled = false;
    }
  }

  /** A state with what was spent in a period that is over; there is no forecast of it. */
  private BudgetState with(BudgetState state, Window period, BigDecimal usd) {
    return BudgetState.newBuilder(state)
        .setPeriodStartMicros(BudgetBook.micros(period.start()))
        .setPeriodEndMicros(BudgetBook.micros(period.end()))
        .setActualUsd(usd.setScale(Money.SCALE))
        .setLevel(budget.limitedTo(state.getLimitUsd()).level(usd))
        .setForecastUsd(null)
        .setForecastLevel(BudgetLevel.NORMAL)
        .setUpdatedAtMicros(BudgetBook.micros(wall))
        .setRevision(state.getRevision() + 1)
        .build();
  }

  private boolean isOfTerms(BudgetState state) {
    return state.getScope().equals(budget.scope())
        && state.getPeriod().equals(budget.period().key())
        && state.getTimezone().equals(budget.zone().getId());
  }

  private Window after(Window period) {
    return budget.period().at(period.end(), budget.zone());
  }

  private static Instant time(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
