package io.outlay.detector.rule;

import io.outlay.detector.rule.Explanation.Delta;
import io.outlay.detector.rule.Explanation.Drivers;
import io.outlay.detector.spend.CellSpend;
import io.outlay.detector.spend.Needs;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Signal;
import io.outlay.detector.spend.Stretch;
import io.outlay.detector.spend.Usage;
import io.outlay.detector.spend.Window;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What rules have in common that hold a ratio of sums in a window that slides with event time
 * against a bound. Sums come before ratios everywhere: a mean of ratios would let an hour of three
 * requests count as much as one of a million. New verdicts come with new events; a scope of which
 * nothing is heard gets none by time alone.
 */
abstract sealed class SlidingRule implements Rule
    permits GpuUtilizationRule, MeanRatioRule, QualityDropRule, ShareRule {
  /**
   * Beyond the threshold by this share is clearly beyond it: what hovers at the threshold wakes
   * nobody twice.
   */
  static final BigDecimal CLEARLY = new BigDecimal("0.05");

  private static final int CONFIDENCE_PLACES = 2;

  private final Terms terms;
  private final ZoneId zone;
  private final Duration length;
  private final int baselineDays;

  /**
   * @param length minutes that divide an hour, hours that divide a day, or whole days
   * @param baselineDays 0 for none
   */
  SlidingRule(Terms terms, ZoneId zone, Duration length, int baselineDays) {
    terms.require(
        length.compareTo(Duration.ofMinutes(1)) >= 0, "window must be at least a minute", length);
    terms.require(
        baselineDays == 0 || baselineDays >= Frame.step(length),
        "baseline must have a whole window",
        baselineDays);
    this.terms = terms;
    this.zone = zone;
    this.length = length;
    this.baselineDays = baselineDays;
  }

  @Override
  public final Terms terms() {
    return terms;
  }

  @Override
  public final List<Judge> judges(Now now) {
    Instant event = now.event();
    return event == null
        ? List.of()
        : List.of(new OfFrame(Frame.endingAt(event, zone, length, baselineDays)));
  }

  @Override
  public final Judge afterwards(Window window) {
    return new OfFrame(Frame.of(window, window.end(), length, baselineDays));
  }

  @Override
  public final boolean isContinuous() {
    return true;
  }

  @Override
  public final Needs needs() {
    boolean minutes = Frame.isOfMinutes(length);
    boolean hours = !minutes || baselineDays > 0;
    return new Needs(
        hours ? Math.toIntExact(length.toDays()) + 1 + baselineDays : 0,
        hours ? signals() : Set.of(),
        minutes ? Math.toIntExact(length.toMinutes()) : 0,
        minutes ? signals() : Set.of());
  }

  /** What it looks at beside spend. */
  abstract Set<Signal> signals();

  /** Judges a scope. */
  abstract Verdict judge(ScopeSpend scope, Frame frame);

  /** What a cell adds to what is out of bounds; see {@link Delta}. */
  abstract BigDecimal excess(ScopeSpend scope, CellSpend cell, Frame frame);

  /** What drove the money that is at stake; the parts add up to it. */
  Drivers drivers(ScopeSpend scope, Frame frame, Comparison comparison) {
    return new Drivers(BigDecimal.ZERO, BigDecimal.ZERO, comparison.impactUsd());
  }

  final Duration length() {
    return length;
  }

  /** A comparison; {@code actual} over {@code per} is what was measured. */
  final Comparison compare(
      ScopeSpend scope,
      Frame frame,
      Metric metric,
      BigDecimal actual,
      BigDecimal expected,
      BigDecimal impactUsd,
      BigDecimal confidence) {
    BigDecimal spent = usd(scope, frame.now());
    return new Comparison(
        scope.scope(),
        frame.window(),
        frame.asOf(),
        metric,
        actual,
        expected,
        impactUsd,
        spent,
        spent,
        confidence);
  }

  final Severity severity(boolean critical) {
    return critical ? Severity.CRITICAL : terms().severity();
  }

  static BigDecimal usd(Usage usage, Stretch stretch) {
    return new BigDecimal(usage.cost(stretch), Money.SCALE);
  }

  static BigDecimal over(BigDecimal numerator, BigDecimal denominator) {
    return numerator.divide(denominator, Money.SCALE, RoundingMode.HALF_EVEN);
  }

  static BigDecimal part(long known, long of) {
    return BigDecimal.valueOf(known)
        .divide(BigDecimal.valueOf(of), CONFIDENCE_PLACES, RoundingMode.HALF_EVEN);
  }

  private final class OfFrame implements Judge {
    private final Frame frame;

    OfFrame(Frame frame) {
      this.frame = frame;
    }

    @Override
    public Window window() {
      return frame.window();
    }

    @Override
    public Instant asOf() {
      return frame.asOf();
    }

    @Override
    public Verdict judge(ScopeSpend scope) {
      return SlidingRule.this.judge(scope, frame);
    }

    @Override
    public Explanation explain(ScopeSpend scope, Comparison comparison) {
      List<Delta> deltas = new ArrayList<>();
      for (CellSpend cell : scope.cells()) {
        BigDecimal excess = excess(scope, cell, frame);
        if (excess.signum() != 0) {
          deltas.add(new Delta(cell.cell(), excess));
        }
      }
      return Explanation.of(comparison, deltas, drivers(scope, frame, comparison));
    }
  }
}
