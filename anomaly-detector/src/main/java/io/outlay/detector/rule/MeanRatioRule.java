package io.outlay.detector.rule;

import io.outlay.detector.rule.Explanation.Drivers;
import io.outlay.detector.spend.CellSpend;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Signal;
import io.outlay.detector.spend.Stretch;
import io.outlay.detector.spend.Usage;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;

/**
 * Fires when a mean, spend of a request or latency of a call, is above a multiple of what it was in
 * the same hours of earlier days, all of them added up. At exactly the multiple it does not fire.
 */
public final class MeanRatioRule extends SlidingRule {
  /** Type of the rule of spend over requests. */
  public static final String COST_PER_REQUEST = "cost-per-request-ratio";

  /** Type of the rule of latency. */
  public static final String LATENCY = "latency-ratio";

  private final Kind kind;
  private final int windowsNeeded;
  private final long minCount;
  private final BigDecimal critical;

  private enum Kind {
    COST(Metric.COST_PER_REQUEST, Signal.REQUESTS) {
      @Override
      BigDecimal sum(Usage usage, Stretch stretch) {
        return new BigDecimal(usage.cost(stretch), Money.SCALE);
      }
    },
    MILLIS(Metric.LATENCY, Signal.LATENCY_EVENTS) {
      @Override
      BigDecimal sum(Usage usage, Stretch stretch) {
        return BigDecimal.valueOf(usage.count(Signal.LATENCY_MILLIS, stretch));
      }
    };

    private final Metric metric;
    private final Signal per;

    Kind(Metric metric, Signal per) {
      this.metric = metric;
      this.per = per;
    }

    abstract BigDecimal sum(Usage usage, Stretch stretch);
  }

  /**
   * The rule of an entry of the configuration.
   *
   * @param window that slides
   * @param baselineDays trailing days, ≥ those of the window
   * @param minHistoryDays days of earlier windows that must have requests or calls
   * @param minCount requests or calls in the window, and in all earlier ones together, below which
   *     it does not judge
   * @param critical multiple from which it is critical
   */
  public record Options(
      Duration window, int baselineDays, int minHistoryDays, long minCount, BigDecimal critical) {}

  private MeanRatioRule(Terms terms, ZoneId zone, Options options, Kind kind) {
    super(terms, zone, options.window(), options.baselineDays());
    terms.require(
        terms.threshold().compareTo(BigDecimal.ONE) > 0,
        "threshold must be > 1",
        terms.threshold());
    terms.require(options.baselineDays() >= 1, "baseline must be >= 1 day", options.baselineDays());
    terms.require(options.minCount() >= 1, "minCount must be >= 1", options.minCount());
    this.kind = kind;
    this.windowsNeeded = Frame.windows(options.minHistoryDays(), options);
    this.minCount = options.minCount();
    this.critical = options.critical();
  }

  /** Spend over requests. */
  public static MeanRatioRule costPerRequest(Terms terms, ZoneId zone, Options options) {
    return new MeanRatioRule(terms, zone, options, Kind.COST);
  }

  /** Mean latency of the calls that say how long they took. */
  public static MeanRatioRule latency(Terms terms, ZoneId zone, Options options) {
    return new MeanRatioRule(terms, zone, options, Kind.MILLIS);
  }

  @Override
  Set<Signal> signals() {
    return kind == Kind.COST ? Set.of(kind.per) : Set.of(kind.per, Signal.LATENCY_MILLIS);
  }

  @Override
  Verdict judge(ScopeSpend scope, Frame frame) {
    long count = scope.count(kind.per, frame.now());
    if (count < minCount) {
      return new Verdict.Unknown(count + " were counted where " + minCount + " are needed");
    }
    Before before = Before.of(scope, kind.per, frame);
    if (before.windows() < windowsNeeded || before.count() < minCount) {
      return new Verdict.Unknown(
          before.count() + " were counted in " + before.windows() + " earlier windows");
    }
    BigDecimal sumBefore = kind.sum(scope, frame.allEarlier());
    if (sumBefore.signum() <= 0) {
      return new Verdict.Unknown("nothing to compare with");
    }
    BigDecimal of = BigDecimal.valueOf(count);
    BigDecimal ofBefore = BigDecimal.valueOf(before.count());
    BigDecimal sum = kind.sum(scope, frame.now());
    // Both sides of every comparison are multiplied out, so that it is exact.
    BigDecimal is = sum.multiply(ofBefore);
    BigDecimal was = sumBefore.multiply(of);
    BigDecimal impact =
        kind.metric.isMoney()
            ? sum.subtract(was.divide(ofBefore, Money.SCALE, RoundingMode.HALF_EVEN))
            : BigDecimal.ZERO;
    Comparison comparison =
        compare(
            scope,
            frame,
            kind.metric,
            over(sum, of),
            over(sumBefore, ofBefore),
            impact,
            part(before.windows(), frame.earlier().size()));
    BigDecimal threshold = terms().threshold();
    boolean exceeded =
        is.compareTo(was.multiply(threshold)) > 0 && impact.compareTo(terms().minImpactUsd()) >= 0;
    return exceeded
        ? new Verdict.Exceeded(
            comparison,
            is.compareTo(was.multiply(threshold).multiply(BigDecimal.ONE.add(CLEARLY))) > 0,
            severity(is.compareTo(was.multiply(critical)) >= 0),
            List.of())
        : new Verdict.Within(comparison);
  }

  @Override
  BigDecimal excess(ScopeSpend scope, CellSpend cell, Frame frame) {
    long before = scope.count(kind.per, frame.allEarlier());
    BigDecimal sum = kind.sum(cell, frame.now());
    return before == 0
        ? sum
        : sum.subtract(
            kind.sum(cell, frame.allEarlier())
                .multiply(BigDecimal.valueOf(scope.count(kind.per, frame.now())))
                .divide(BigDecimal.valueOf(before), Money.SCALE, RoundingMode.HALF_EVEN));
  }

  @Override
  Drivers drivers(ScopeSpend scope, Frame frame, Comparison comparison) {
    return kind.metric.isMoney() ? ofUnitPrices(scope, frame, comparison) : Drivers.NONE;
  }

  /**
   * A change of the spend at the requests there were: what cells of before charge more or less for
   * a request, and the rest, which is their mix.
   */
  static Drivers ofUnitPrices(ScopeSpend scope, Frame frame, Comparison comparison) {
    BigDecimal unitPrice = BigDecimal.ZERO;
    for (CellSpend cell : scope.cells()) {
      BigDecimal now = BigDecimal.valueOf(cell.count(Signal.REQUESTS, frame.now()));
      BigDecimal before = BigDecimal.valueOf(cell.count(Signal.REQUESTS, frame.allEarlier()));
      if (now.signum() > 0 && before.signum() > 0) {
        BigDecimal atFormerPrice =
            usd(cell, frame.allEarlier()).multiply(now).divide(before, MathContext.DECIMAL128);
        unitPrice = unitPrice.add(usd(cell, frame.now())).subtract(atFormerPrice);
      }
    }
    BigDecimal unitPriceUsd = unitPrice.setScale(Money.SCALE, RoundingMode.HALF_EVEN);
    return new Drivers(
        BigDecimal.ZERO, unitPriceUsd, comparison.impactUsd().subtract(unitPriceUsd));
  }
}
