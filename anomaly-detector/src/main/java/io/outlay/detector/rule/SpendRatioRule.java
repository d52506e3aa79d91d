package io.outlay.detector.rule;

import io.outlay.detector.spend.Fraction;
import io.outlay.detector.spend.RunningWindow;
import io.outlay.detector.spend.SamePart;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Window;
import io.outlay.detector.spend.Windows;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/**
 * Fires when a window's spend so far is above a multiple of what earlier windows averaged up to the
 * same part of it. The earlier windows are the trailing ones of the baseline since the scope's
 * first spend; one without spend counts as zero. For hours of a day they are the same hours of
 * earlier days.
 *
 * @param terms its threshold is a multiple, &gt; 1; spend at exactly the multiple does not fire
 * @param windows of an hour or more
 * @param baselineDays trailing days, at least those of a window
 * @param minHistoryDays days of history below which it does not judge, 1 to {@code baselineDays}
 */
public record SpendRatioRule(
    Terms terms,
    Windows windows,
    int baselineDays,
    int minHistoryDays,
    Grade grade,
    Newcomers newcomers)
    implements WindowedRule {
  /** Its type, in configuration and alerts. */
  public static final String TYPE = "spend-ratio";

  /** How long a window is judged after its end. */
  public static final Duration GRACE = Duration.ofMinutes(5);

  /**
   * Above the threshold by this factor is clearly above it: spend that hovers at the threshold does
   * not wake anybody twice.
   */
  static final BigDecimal CLEARLY = new BigDecimal("1.05");

  private static final int CONFIDENCE_PLACES = 2;

  public SpendRatioRule {
    requireSound(terms, windows, baselineDays, minHistoryDays);
  }

  /** The rule of days, without options. */
  public SpendRatioRule(Terms terms, ZoneId zone, int baselineDays, int minHistoryDays) {
    this(terms, Windows.days(zone), baselineDays, minHistoryDays, Grade.USUAL, Newcomers.UNJUDGED);
  }

  static void requireSound(Terms terms, Windows windows, int baselineDays, int minHistoryDays) {
    terms.require(
        terms.threshold().compareTo(BigDecimal.ONE) > 0,
        "threshold must be > 1",
        terms.threshold());
    terms.require(
        windows.isOfHours(), "window must be an hour or more to judge spend", windows.length());
    terms.require(baselineDays >= 1, "baseline must be >= 1 day", baselineDays);
    terms.require(
        baselineDays >= windows.days(), "baseline must hold a window", baselineDays + " days");
    terms.require(
        minHistoryDays >= 1 && minHistoryDays <= baselineDays,
        "minHistoryDays must be 1 to the days of the baseline",
        minHistoryDays);
  }

  @Override
  public Judge judge(RunningWindow running) {
    return new OfWindow(running);
  }

  /** How much of a baseline there is, two places. */
  static BigDecimal confidence(int history, int baseline) {
    return BigDecimal.valueOf(Math.min(history, baseline))
        .divide(BigDecimal.valueOf(baseline), CONFIDENCE_PLACES, RoundingMode.HALF_EVEN);
  }

  private final class OfWindow implements Judge {
    private final RunningWindow running;

    OfWindow(RunningWindow running) {
      this.running = running;
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
      int days = scope.daysOfHistory(window().date());
      int count = count(scope);
      if (days < newcomers.daysToJudge(minHistoryDays) || count < 1) {
        return newcomers.judge(
            scope, running, windows, days, Math.max(minHistoryDays, windows.days()), grade);
      }
      SamePart earlier = running.samePart(count);
      BigDecimal actual = new BigDecimal(scope.cost(window()), Money.SCALE);
      Fraction expected = earlier.expected(scope);
      Comparison comparison =
          Comparison.ofSpend(
              scope.scope(),
              window(),
              asOf(),
              actual,
              expected.round(Money.SCALE),
              actual.add(earlier.expectedAhead(scope).round(Money.SCALE)),
              confidence(days / windows.days(), baselineDays / windows.days()));
      BigDecimal threshold = Newcomers.widened(terms.threshold(), days, minHistoryDays);
      boolean exceeded =
          expected.compareTimes(threshold, actual) > 0
              && expected.compareTimes(BigDecimal.ONE, actual.subtract(terms.minImpactUsd())) >= 0;
      return exceeded
          ? new Verdict.Exceeded(
              comparison,
              expected.compareTimes(threshold.multiply(CLEARLY), actual) > 0,
              grade.of(expected.compareTimes(grade.critical(), actual) >= 0),
              Newcomers.notes(days, minHistoryDays))
          : new Verdict.Within(comparison);
    }

    @Override
    public Explanation explain(ScopeSpend scope, Comparison comparison) {
      return Explanation.of(scope, running.samePart(Math.max(1, count(scope))), comparison);
    }

    /** Earlier windows to compare with; while it learns, without the first day, maybe a part. */
    private int count(ScopeSpend scope) {
      int days = scope.daysOfHistory(window().date());
      int whole = newcomers.learn() && days < minHistoryDays ? days - 1 : days;
      return Math.min(whole, baselineDays) / windows.days();
    }
  }
}
