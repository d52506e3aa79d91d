package io.outlay.detector.rule;

import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.Fraction;
import io.outlay.detector.spend.RunningDay;
import io.outlay.detector.spend.SamePart;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.List;

/**
 * Fires when a day's spend so far is above a multiple of what earlier days averaged up to the same
 * time of day. The earlier days are the trailing ones of the baseline since the scope's first
 * spend; one without spend counts as zero.
 *
 * @param threshold multiple, &gt; 1; spend at exactly the multiple does not fire
 * @param baselineDays trailing days, ≥ 1
 * @param by dimensions, each judged for itself
 * @param minImpactUsd spend beyond the baseline below which it does not fire, ≥ 0
 * @param minHistoryDays days of history below which it does not judge, 1 to {@code baselineDays}
 * @param receivers names of those who are told
 */
public record SpendRatioRule(
    String name,
    BigDecimal threshold,
    int baselineDays,
    List<Dimension> by,
    BigDecimal minImpactUsd,
    int minHistoryDays,
    List<String> receivers) {
  /** Its type, in configuration and alerts. */
  public static final String TYPE = "spend-ratio";

  /**
   * Above the threshold by this factor is clearly above it: spend that hovers at the threshold does
   * not wake anybody twice.
   */
  private static final BigDecimal CLEARLY = new BigDecimal("1.05");

  private static final int CONFIDENCE_PLACES = 2;

  public SpendRatioRule {
    require(threshold.compareTo(BigDecimal.ONE) > 0, name, "threshold must be > 1", threshold);
    require(baselineDays >= 1, name, "baseline must be >= 1 day", baselineDays);
    require(!by.isEmpty(), name, "by must name a dimension", by);
    require(minImpactUsd.signum() >= 0, name, "minImpactUsd must be >= 0", minImpactUsd);
    require(
        minHistoryDays >= 1 && minHistoryDays <= baselineDays,
        name,
        "minHistoryDays must be 1 to the days of the baseline",
        minHistoryDays);
    by = List.copyOf(by);
    receivers = List.copyOf(receivers);
  }

  /** Judges a scope in a day. */
  public Verdict judge(ScopeSpend scope, RunningDay day) {
    LocalDate date = day.window().date();
    int history = Math.min(scope.daysOfHistory(date), baselineDays);
    if (history < minHistoryDays) {
      return new Verdict.Learning(history);
    }
    SamePart earlier = day.samePart(history);
    BigDecimal actual = new BigDecimal(scope.cost(date), Money.SCALE);
    Fraction expected = earlier.expected(scope);
    Comparison comparison =
        new Comparison(
            scope.scope(),
            day.window(),
            day.asOf(),
            actual,
            expected.round(Money.SCALE),
            actual.add(earlier.expectedAhead(scope).round(Money.SCALE)),
            BigDecimal.valueOf(history)
                .divide(
                    BigDecimal.valueOf(baselineDays), CONFIDENCE_PLACES, RoundingMode.HALF_EVEN));
    return expected.compareTimes(threshold, actual) > 0
            && expected.compareTimes(BigDecimal.ONE, actual.subtract(minImpactUsd)) >= 0
        ? new Verdict.Exceeded(
            comparison, expected.compareTimes(threshold.multiply(CLEARLY), actual) > 0)
        : new Verdict.Within(comparison);
  }

  /** The days before a day that a comparison of this rule was made with. */
  public SamePart baseline(ScopeSpend scope, RunningDay day) {
    return day.samePart(Math.min(scope.daysOfHistory(day.window().date()), baselineDays));
  }

  private static void require(boolean holds, String name, String what, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("rule " + name + ": " + what + ", was " + value);
    }
  }
}
