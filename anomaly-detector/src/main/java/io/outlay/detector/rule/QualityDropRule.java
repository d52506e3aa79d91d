package io.outlay.detector.rule;

import io.outlay.detector.rule.Explanation.Drivers;
import io.outlay.detector.spend.CellSpend;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Signal;
import io.outlay.detector.spend.Stretch;
import io.outlay.detector.spend.Usage;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;

/**
 * Fires when the mean quality score is lower than in the same hours of earlier days by more than a
 * share of it, while a request costs less than it did then: the quality cliff, savings that cost
 * the users' trust. What was saved is told beside it. A drop by exactly the share does not fire,
 * nor does one without savings, which is no matter of spend.
 */
public final class QualityDropRule extends SlidingRule {
  /** Its type, in configuration and alerts. */
  public static final String TYPE = "quality-drop";

  private static final int MILLIONTH_PLACES = 6;
  private static final int NOTE_PLACES = 6;
  private static final int PERCENT_PLACES = 1;
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private final int windowsNeeded;
  private final long minCount;
  private final BigDecimal critical;

  /**
   * @param terms its threshold is a share, above 0 and below 1
   * @param options scores are counted; critical is the share from which it is
   */
  public QualityDropRule(Terms terms, ZoneId zone, MeanRatioRule.Options options) {
    super(terms, zone, options.window(), options.baselineDays());
    terms.require(
        terms.threshold().signum() > 0 && terms.threshold().compareTo(BigDecimal.ONE) < 0,
        "threshold must be > 0 and < 1",
        terms.threshold());
    terms.require(options.baselineDays() >= 1, "baseline must be >= 1 day", options.baselineDays());
    terms.require(options.minCount() >= 1, "minCount must be >= 1", options.minCount());
    this.windowsNeeded = Frame.windows(options.minHistoryDays(), options);
    this.minCount = options.minCount();
    this.critical = options.critical();
  }

  @Override
  Set<Signal> signals() {
    return Set.of(Signal.SCORE_EVENTS, Signal.SCORE_MILLIONTHS, Signal.REQUESTS);
  }

  @Override
  Verdict judge(ScopeSpend scope, Frame frame) {
    long count = scope.count(Signal.SCORE_EVENTS, frame.now());
    if (count < minCount) {
      return new Verdict.Unknown(count + " scores where " + minCount + " are needed");
    }
    Before before = Before.of(scope, Signal.SCORE_EVENTS, frame);
    if (before.windows() < windowsNeeded || before.count() < minCount) {
      return new Verdict.Unknown(
          before.count() + " scores in " + before.windows() + " earlier windows");
    }
    BigDecimal scores = scores(scope, frame.now());
    BigDecimal scoresBefore = scores(scope, frame.allEarlier());
    if (scoresBefore.signum() <= 0) {
      return new Verdict.Unknown("every score was 0 before");
    }
    BigDecimal requests = BigDecimal.valueOf(scope.count(Signal.REQUESTS, frame.now()));
    BigDecimal requestsBefore =
        BigDecimal.valueOf(scope.count(Signal.REQUESTS, frame.allEarlier()));
    if (requests.signum() <= 0 || requestsBefore.signum() <= 0) {
      return new Verdict.Unknown("no requests to compare the spend of");
    }
    BigDecimal cost = usd(scope, frame.now());
    BigDecimal costBefore = usd(scope, frame.allEarlier());
    BigDecimal impact =
        cost.subtract(
            costBefore
                .multiply(requests)
                .divide(requestsBefore, Money.SCALE, RoundingMode.HALF_EVEN));
    BigDecimal mean = over(scores, BigDecimal.valueOf(count));
    BigDecimal meanBefore = over(scoresBefore, BigDecimal.valueOf(before.count()));
    Comparison comparison =
        compare(
            scope,
            frame,
            Metric.QUALITY,
            mean,
            meanBefore,
            impact,
            part(before.windows(), frame.earlier().size()));
    BigDecimal is = scores.multiply(BigDecimal.valueOf(before.count()));
    BigDecimal was = scoresBefore.multiply(BigDecimal.valueOf(count));
    BigDecimal threshold = terms().threshold();
    boolean saved = cost.multiply(requestsBefore).compareTo(costBefore.multiply(requests)) < 0;
    if (!saved || !isLower(is, was, threshold)) {
      return new Verdict.Within(comparison);
    }
    return new Verdict.Exceeded(
        comparison,
        isLower(is, was, threshold.multiply(BigDecimal.ONE.add(CLEARLY))),
        severity(is.compareTo(was.multiply(BigDecimal.ONE.subtract(critical))) <= 0),
        List.of(
            "mean score "
                + plain(mean)
                + " of "
                + count
                + " where "
                + plain(meanBefore)
                + " was usual, "
                + percentLower(is, was)
                + " % lower",
            "a request costs "
                + plain(over(cost, requests))
                + " USD where "
                + plain(over(costBefore, requestsBefore))
                + " was usual; that saved "
                + plain(impact.negate())
                + " USD"));
  }

  @Override
  BigDecimal excess(ScopeSpend scope, CellSpend cell, Frame frame) {
    long before = scope.count(Signal.SCORE_EVENTS, frame.allEarlier());
    if (before == 0) {
      return BigDecimal.ZERO;
    }
    BigDecimal expected =
        scores(cell, frame.allEarlier())
            .multiply(BigDecimal.valueOf(scope.count(Signal.SCORE_EVENTS, frame.now())))
            .divide(BigDecimal.valueOf(before), Money.SCALE, RoundingMode.HALF_EVEN);
    return expected.subtract(scores(cell, frame.now()));
  }

  @Override
  Drivers drivers(ScopeSpend scope, Frame frame, Comparison comparison) {
    return MeanRatioRule.ofUnitPrices(scope, frame, comparison);
  }

  private static BigDecimal scores(Usage usage, Stretch stretch) {
    return BigDecimal.valueOf(usage.count(Signal.SCORE_MILLIONTHS, stretch), MILLIONTH_PLACES);
  }

  private static boolean isLower(BigDecimal is, BigDecimal was, BigDecimal share) {
    return is.compareTo(was.multiply(BigDecimal.ONE.subtract(share))) < 0;
  }

  private static String percentLower(BigDecimal is, BigDecimal was) {
    return was.subtract(is)
        .multiply(HUNDRED)
        .divide(was, PERCENT_PLACES, RoundingMode.HALF_EVEN)
        .toPlainString();
  }

  private static String plain(BigDecimal value) {
    return value.setScale(NOTE_PLACES, RoundingMode.HALF_EVEN).stripTrailingZeros().toPlainString();
  }
}
