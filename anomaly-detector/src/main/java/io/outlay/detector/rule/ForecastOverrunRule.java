package io.outlay.detector.rule;

import io.outlay.detector.spend.PartOf;
import io.outlay.detector.spend.RunningWindow;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Window;
import io.outlay.detector.spend.Windows;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Fires when what a running window's spend will come to passes a share of a limit: its spend so
 * far, and for each day that remains of it what the same part of that weekday cost on average in
 * the trailing days of the baseline; where the baseline has no such weekday, of any day in it. What
 * it measures is the projection, what it expects is the share of the limit.
 *
 * @param terms its threshold is a share of the limit, &gt; 0; a projection of exactly that does not
 *     fire
 * @param windows of an hour or more
 * @param baselineDays trailing days that the projection follows, ≥ 1
 * @param minHistoryDays whole days of history below which it does not project, ≥ 1
 * @param limitUsd of each window, &gt; 0
 * @param grade critical from this share of the limit
 */
public record ForecastOverrunRule(
    Terms terms,
    Windows windows,
    int baselineDays,
    int minHistoryDays,
    BigDecimal limitUsd,
    Grade grade)
    implements WindowedRule {
  /** Its type, in configuration and alerts. */
  public static final String TYPE = "forecast-overrun";

  public ForecastOverrunRule {
    SpendLimitRule.requireSound(terms, windows, limitUsd);
    terms.require(baselineDays >= 1, "baseline must be >= 1 day", baselineDays);
    terms.require(minHistoryDays >= 1, "minHistoryDays must be >= 1", minHistoryDays);
  }

  @Override
  public List<Judge> judges(Now now) {
    Instant event = now.event();
    return event == null
        ? List.of()
        : List.of(new OfWindow(new RunningWindow(windows.at(event), event)));
  }

  @Override
  public Judge judge(RunningWindow running) {
    return new OfWindow(running);
  }

  /**
   * A day of the window that is not over, or its rest.
   *
   * @param daysAhead from today
   */
  private record Ahead(LocalDate date, int daysAhead, PartOf rest) {}

  private final class OfWindow implements Judge {
    private final RunningWindow running;
    private final LocalDate today;
    private final List<Ahead> ahead = new ArrayList<>();

    OfWindow(RunningWindow running) {
      this.running = running;
      Window window = running.window();
      Instant asOf = running.asOf();
      today = asOf.atZone(window.zone()).toLocalDate();
      for (LocalDate date = today; ; date = date.plusDays(1)) {
        Window day = Window.ofDay(date, window.zone());
        Instant from = day.start().isBefore(asOf) ? asOf : day.start();
        Instant to = day.end().isAfter(window.end()) ? window.end() : day.end();
        if (!from.isBefore(to)) {
          break;
        }
        ahead.add(
            new Ahead(date, (int) ChronoUnit.DAYS.between(today, date), new PartOf(day, from, to)));
      }
    }

    @Override
    public Window window() {
      return running.window();
    }

    @Override
    public Instant asOf() {
      return running.asOf();
    }

    @Override
    public Verdict judge(ScopeSpend scope) {
      // The first day may be a part of one.
      int history = Math.max(0, scope.daysOfHistory(today) - 1);
      if (history < minHistoryDays) {
        return new Verdict.Unknown(
            history + " whole days of history where " + minHistoryDays + " are needed");
      }
      BigDecimal actual = new BigDecimal(scope.cost(window()), Money.SCALE);
      BigDecimal projected =
          actual.add(SpendRobustRule.usd(rest(scope, Math.min(history, baselineDays))));
      BigDecimal bound = SpendLimitRule.share(limitUsd, terms.threshold());
      Comparison comparison =
          new Comparison(
              scope.scope(),
              window(),
              asOf(),
              Metric.COST,
              projected,
              bound,
              projected.subtract(bound),
              actual,
              projected,
              SpendRatioRule.confidence(history, baselineDays));
      return projected.compareTo(bound) > 0
          ? new Verdict.Exceeded(
              comparison,
              projected.compareTo(bound.multiply(SpendRatioRule.CLEARLY)) > 0,
              grade.of(projected.compareTo(SpendLimitRule.share(limitUsd, grade.critical())) >= 0),
              List.of("will come to " + SpendLimitRule.percent(projected, limitUsd)))
          : new Verdict.Within(comparison);
    }

    /** Micro-USD that the rest of the window will cost. */
    private long rest(ScopeSpend scope, int days) {
      Map<DayOfWeek, Long> ofWholeDays = new EnumMap<>(DayOfWeek.class);
      long sum = 0;
      for (Ahead each : ahead) {
        // A whole day costs what the others of its weekday do.
        boolean isWhole = each.daysAhead() > 0 && windows.isOfDays();
        sum +=
            isWhole
                ? ofWholeDays.computeIfAbsent(
                    each.date().getDayOfWeek(), any -> average(scope, each, days))
                : average(scope, each, days);
      }
      return sum;
    }

    private long average(ScopeSpend scope, Ahead each, int days) {
      long ofWeekday = 0;
      long ofAll = 0;
      int weekdays = 0;
      for (int ago = 1; ago <= days; ago++) {
        long spent = each.rest().spent(scope, each.daysAhead() + ago);
        ofAll += spent;
        if (today.minusDays(ago).getDayOfWeek() == each.date().getDayOfWeek()) {
          ofWeekday += spent;
          weekdays++;
        }
      }
      return weekdays > 0 ? ofWeekday / weekdays : ofAll / days;
    }

    @Override
    public Explanation explain(ScopeSpend scope, Comparison comparison) {
      return Explanation.of(scope, new AgainstNothing(window()), comparison);
    }
  }
}
