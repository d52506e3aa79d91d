package io.outlay.detector.rule;

import io.outlay.detector.spend.RunningWindow;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Window;
import io.outlay.detector.spend.Windows;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of scopes whose history is short.
 *
 * @param learn whether they are judged with a threshold that is the wider the shorter it is, from
 *     the second day on; the first may be a part of a day
 * @param newScopeUsd spend of a window from which a scope without history fires, once; empty for
 *     never
 */
public record Newcomers(boolean learn, Optional<BigDecimal> newScopeUsd) {
  /** They are not judged. */
  public static final Newcomers UNJUDGED = new Newcomers(false, Optional.empty());

  /** Days of history from which a scope can be judged. */
  int daysToJudge(int minHistoryDays) {
    return learn ? Math.min(2, minHistoryDays) : minHistoryDays;
  }

  /** The multiple to fire beyond with so many days of history. */
  static BigDecimal widened(BigDecimal threshold, int history, int minHistoryDays) {
    return history >= minHistoryDays
        ? threshold
        : threshold
            .subtract(BigDecimal.ONE)
            .multiply(BigDecimal.valueOf(minHistoryDays))
            .divide(BigDecimal.valueOf(history), MathContext.DECIMAL128)
            .add(BigDecimal.ONE);
  }

  /** What a verdict says beside its figures. */
  static List<String> notes(int history, int minHistoryDays) {
    return history >= minHistoryDays
        ? List.of()
        : List.of("learning: " + history + " of " + minHistoryDays + " days");
  }

  /** Judges a scope that has too few days of history for anything else. */
  Verdict judge(
      ScopeSpend scope,
      RunningWindow running,
      Windows windows,
      int history,
      int needed,
      Grade grade) {
    String why = history + " days of history where " + needed + " are needed";
    if (newScopeUsd.isEmpty()) {
      return new Verdict.Unknown(why);
    }
    BigDecimal limit = newScopeUsd.get();
    BigDecimal actual = usd(scope, running.window());
    Window earlier = windows.before(running.window());
    for (int days = 0; days <= history; days += windows.days()) {
      if (windows.isOfDays() && usd(scope, earlier).compareTo(limit) > 0) {
        return new Verdict.Unknown(why + "; that it is new has been said");
      }
      earlier = windows.before(earlier);
    }
    Comparison comparison =
        Comparison.ofSpend(
            scope.scope(),
            running.window(),
            running.asOf(),
            actual,
            BigDecimal.ZERO,
            actual,
            BigDecimal.ZERO);
    return actual.compareTo(limit) > 0
        ? new Verdict.Exceeded(
            comparison,
            true,
            grade.of(false),
            List.of("new: no history, and above " + limit.toPlainString() + " USD"))
        : new Verdict.Unknown(why);
  }

  private static BigDecimal usd(ScopeSpend scope, Window window) {
    return new BigDecimal(scope.cost(window), Money.SCALE);
  }
}
