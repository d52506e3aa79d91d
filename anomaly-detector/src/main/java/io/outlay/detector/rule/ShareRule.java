package io.outlay.detector.rule;

import io.outlay.detector.spend.CellSpend;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Signal;
import io.outlay.detector.spend.Usage;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;

/**
 * Fires when a share of what was counted in the window is beyond a limit: failed calls above it, or
 * cache hits below it. At exactly the limit it does not fire. No money is at stake that could be
 * told.
 */
public final class ShareRule extends SlidingRule {
  /** Type of the rule of failed calls. */
  public static final String ERROR_RATE = "error-rate";

  /** Type of the rule of cache hits. */
  public static final String CACHE_HIT_RATE = "cache-hit-rate";

  private final Kind kind;
  private final long minCount;
  private final BigDecimal critical;

  private enum Kind {
    ERRORS(Metric.ERROR_RATE, Signal.ERRORS, Signal.STATUS_EVENTS, false, "calls failed"),
    HITS(Metric.CACHE_HIT_RATE, Signal.CACHE_HITS, Signal.CACHE_LOOKUPS, true, "lookups were hits");

    private final Metric metric;
    private final Signal part;
    private final Signal whole;
    private final boolean below;
    private final String what;

    Kind(Metric metric, Signal part, Signal whole, boolean below, String what) {
      this.metric = metric;
      this.part = part;
      this.whole = whole;
      this.below = below;
      this.what = what;
    }
  }

  private ShareRule(
      Terms terms, ZoneId zone, Duration window, long minCount, BigDecimal critical, Kind kind) {
    super(terms, zone, window, 0);
    terms.require(
        terms.threshold().signum() > 0 && terms.threshold().compareTo(BigDecimal.ONE) < 0,
        "threshold must be > 0 and < 1",
        terms.threshold());
    terms.require(minCount >= 1, "minCount must be >= 1", minCount);
    this.kind = kind;
    this.minCount = minCount;
    this.critical = critical;
  }

  /**
   * Failed calls among those that say how they ended, above the threshold.
   *
   * @param window that slides
   * @param minCount calls below which it does not judge
   * @param critical share from which it is critical
   */
  public static ShareRule errorRate(
      Terms terms, ZoneId zone, Duration window, long minCount, BigDecimal critical) {
    return new ShareRule(terms, zone, window, minCount, critical, Kind.ERRORS);
  }

  /**
   * Cache hits among lookups, below the threshold.
   *
   * @param window that slides
   * @param minCount lookups below which it does not judge
   * @param critical share down from which it is critical
   */
  public static ShareRule cacheHitRate(
      Terms terms, ZoneId zone, Duration window, long minCount, BigDecimal critical) {
    return new ShareRule(terms, zone, window, minCount, critical, Kind.HITS);
  }

  @Override
  Set<Signal> signals() {
    return Set.of(kind.part, kind.whole);
  }

  @Override
  Verdict judge(ScopeSpend scope, Frame frame) {
    long whole = scope.count(kind.whole, frame.now());
    if (whole < minCount) {
      return new Verdict.Unknown(whole + " were counted where " + minCount + " are needed");
    }
    long part = scope.count(kind.part, frame.now());
    BigDecimal of = BigDecimal.valueOf(whole);
    BigDecimal is = BigDecimal.valueOf(part);
    BigDecimal threshold = terms().threshold();
    Comparison comparison =
        compare(
            scope, frame, kind.metric, over(is, of), threshold, BigDecimal.ZERO, BigDecimal.ONE);
    if (!isBeyond(is, of, threshold)) {
      return new Verdict.Within(comparison);
    }
    BigDecimal margin = kind.below ? BigDecimal.ONE.subtract(CLEARLY) : BigDecimal.ONE.add(CLEARLY);
    return new Verdict.Exceeded(
        comparison,
        isBeyond(is, of, threshold.multiply(margin)),
        severity(isBeyond(is, of, critical) || is.compareTo(of.multiply(critical)) == 0),
        List.of(part + " of " + whole + " " + kind.what));
  }

  @Override
  BigDecimal excess(ScopeSpend scope, CellSpend cell, Frame frame) {
    BigDecimal allowed = counted(cell, kind.whole, frame).multiply(terms().threshold());
    BigDecimal excess = counted(cell, kind.part, frame).subtract(allowed);
    return kind.below ? excess.negate() : excess;
  }

  private static BigDecimal counted(Usage usage, Signal signal, Frame frame) {
    return BigDecimal.valueOf(usage.count(signal, frame.now()));
  }

  private boolean isBeyond(BigDecimal part, BigDecimal whole, BigDecimal limit) {
    int comparison = part.compareTo(whole.multiply(limit));
    return kind.below ? comparison < 0 : comparison > 0;
  }
}
