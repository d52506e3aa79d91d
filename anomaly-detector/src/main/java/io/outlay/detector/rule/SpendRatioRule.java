package io.outlay.detector.rule;

import io.outlay.detector.spend.Fraction;
import io.outlay.detector.spend.RunningDay;
import io.outlay.detector.spend.SamePart;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Window;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/**
 * Fires when a day's spend so far is above a multiple of what earlier days averaged up to the same
 * time of day. The earlier days are the trailing ones of the baseline since the scope's first
 * spend; one without spend counts as zero.
 *
 * @param terms its threshold is a multiple, &gt; 1; spend at exactly the multiple does not fire
 * @param zone of days
 * @param baselineDays trailing days, ≥ 1
 * @param minHistoryDays days of history below which it does not judge, 1 to {@code baselineDays}
 */
public record SpendRatioRule(Terms terms, ZoneId zone, int baselineDays, int minHistoryDays)
    implements Rule {
  /** Its type, in configuration and alerts. */
  public static final String TYPE = "spend-ratio";

  /** How long a day is judged after its end. */
  public static final Duration GRACE = Duration.ofMinutes(5);

  /**
   * Above the threshold by this factor is clearly above it: spend that hovers at the threshold does
   * not wake anybody twice.
   */
  private static final BigDecimal CLEARLY = new BigDecimal("1.05");

  private static final BigDecimal CRITICAL = BigDecimal.valueOf(2);
  private static final int CONFIDENCE_PLACES = 2;

  public SpendRatioRule {
    terms.require(
        terms.threshold().compareTo(BigDecimal.ONE) > 0,
        "threshold must be > 1",
        terms.threshold());
    terms.require(baselineDays >= 1, "baseline must be >= 1 day", baselineDays);
    terms.require(
        minHistoryDays >= 1 && minHistoryDays <= baselineDays,
        "minHistoryDays must be 1 to the days of the baseline",
        minHistoryDays);
  }

  @Override
  public List<Judge> judges(Now now) {
    Instant event = now.event();
    if (event == null) {
      return List.of();
    }
    Window latest = Window.dayOf(event, zone);
    Window before = latest.dayBefore();
    List<Judge> judges = new ArrayList<>();
    if (event.isBefore(before.end().plus(GRACE))) {
      judges.add(afterwards(before));
    }
    judges.add(new OfDay(new RunningDay(latest, event)));
    return judges;
  }

  @Override
  public Judge afterwards(Window window) {
    return new OfDay(new RunningDay(window, window.end()));
  }

  @Override
  public boolean isContinuous() {
    return false;
  }

  private final class OfDay implements Judge {
    private final RunningDay day;

    OfDay(RunningDay day) {
      this.day = day;
    }

    @Override
    public Window window() {
      return day.window();
    }

    @Override
    public Instant asOf() {
      return day.asOf();
    }

    @Override
    public Verdict judge(ScopeSpend scope) {
      LocalDate date = day.window().date();
      int history = history(scope);
      if (history < minHistoryDays) {
        return new Verdict.Unknown(
            history + " days of history where " + minHistoryDays + " are needed");
      }
      SamePart earlier = day.samePart(history);
      BigDecimal actual = new BigDecimal(scope.cost(date), Money.SCALE);
      Fraction expected = earlier.expected(scope);
      Comparison comparison =
          Comparison.ofSpend(
              scope.scope(),
              day.window(),
              day.asOf(),
              actual,
              expected.round(Money.SCALE),
              actual.add(earlier.expectedAhead(scope).round(Money.SCALE)),
              BigDecimal.valueOf(history)
                  .divide(
                      BigDecimal.valueOf(baselineDays), CONFIDENCE_PLACES, RoundingMode.HALF_EVEN));
      boolean exceeded =
          expected.compareTimes(terms.threshold(), actual) > 0
              && expected.compareTimes(BigDecimal.ONE, actual.subtract(terms.minImpactUsd())) >= 0;
      return exceeded
          ? new Verdict.Exceeded(
              comparison,
              expected.compareTimes(terms.threshold().multiply(CLEARLY), actual) > 0,
              expected.compareTimes(CRITICAL, actual) >= 0 ? Severity.CRITICAL : Severity.WARNING,
              List.of())
          : new Verdict.Within(comparison);
    }

    @Override
    public Explanation explain(ScopeSpend scope, Comparison comparison) {
      return Explanation.of(scope, day.samePart(Math.max(1, history(scope))), comparison);
    }

    private int history(ScopeSpend scope) {
      return Math.min(scope.daysOfHistory(day.window().date()), baselineDays);
    }
  }
}
