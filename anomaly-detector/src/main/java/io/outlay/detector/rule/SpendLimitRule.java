package io.outlay.detector.rule;

import io.outlay.detector.spend.RunningWindow;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Window;
import io.outlay.detector.spend.Windows;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;

/**
 * Fires when a window's spend passes a share of a limit. Needs no history. What it expects is that
 * share of the limit.
 *
 * @param terms its threshold is a share of the limit, &gt; 0; spend at exactly that does not fire
 * @param windows of an hour or more
 * @param limitUsd of each window, &gt; 0
 * @param grade critical from this share of the limit
 */
public record SpendLimitRule(Terms terms, Windows windows, BigDecimal limitUsd, Grade grade)
    implements WindowedRule {
  /** Its type, in configuration and alerts. */
  public static final String TYPE = "spend-limit";

  public SpendLimitRule {
    requireSound(terms, windows, limitUsd);
  }

  static void requireSound(Terms terms, Windows windows, BigDecimal limitUsd) {
    terms.require(terms.threshold().signum() > 0, "threshold must be > 0", terms.threshold());
    terms.require(limitUsd.signum() > 0, "limitUsd must be > 0", limitUsd);
    terms.require(
        windows.isOfHours(), "window must be an hour or more to judge spend", windows.length());
  }

  @Override
  public Judge judge(RunningWindow running) {
    return new OfWindow(running);
  }

  /** The amount that a share of the limit is, at twelve places. */
  static BigDecimal share(BigDecimal limitUsd, BigDecimal share) {
    return limitUsd.multiply(share).setScale(Money.SCALE, RoundingMode.HALF_EVEN);
  }

  /** For people: how much of a limit an amount is. */
  static String percent(BigDecimal usd, BigDecimal limitUsd) {
    return usd.movePointRight(2).divide(limitUsd, 0, RoundingMode.DOWN).toPlainString()
        + " % of the limit of "
        + limitUsd.toPlainString()
        + " USD";
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
      BigDecimal actual = new BigDecimal(scope.cost(window()), Money.SCALE);
      BigDecimal bound = share(limitUsd, terms.threshold());
      Comparison comparison =
          Comparison.ofSpend(
              scope.scope(), window(), asOf(), actual, bound, actual, BigDecimal.ONE);
      return actual.compareTo(bound) > 0
          ? new Verdict.Exceeded(
              comparison,
              actual.compareTo(bound.multiply(SpendRatioRule.CLEARLY)) > 0,
              grade.of(actual.compareTo(share(limitUsd, grade.critical())) >= 0),
              List.of(percent(actual, limitUsd)))
          : new Verdict.Within(comparison);
    }

    @Override
    public Explanation explain(ScopeSpend scope, Comparison comparison) {
      return Explanation.of(scope, new AgainstNothing(window()), comparison);
    }
  }
}
