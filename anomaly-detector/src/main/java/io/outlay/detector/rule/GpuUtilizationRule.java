package io.outlay.detector.rule;

import io.outlay.detector.spend.CellSpend;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Signal;
import io.outlay.detector.spend.Stretch;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;

/**
 * Fires when accelerators were allocated all through the window and busy for less than a share of
 * that time. What their idle part cost is at stake. "All through" is: in each third of the window
 * there is time whose utilisation is known, so that reports may come every few minutes. An
 * allocation that has ended is within bounds, and one that began in the window is not judged yet.
 */
public final class GpuUtilizationRule extends SlidingRule {
  /** Its type, in configuration and alerts. */
  public static final String TYPE = "gpu-utilization";

  private static final int MOST_PARTS = 3;
  private static final int MINUTES_OF_PART = 5;

  private final BigDecimal critical;
  private final int parts;

  /**
   * @param terms its threshold is a share, above 0 and below 1; at exactly the share it does not
   *     fire
   * @param window that slides
   * @param critical share down from which it is critical
   */
  public GpuUtilizationRule(Terms terms, ZoneId zone, Duration window, BigDecimal critical) {
    super(terms, zone, window, 0);
    terms.require(
        terms.threshold().signum() > 0 && terms.threshold().compareTo(BigDecimal.ONE) < 0,
        "threshold must be > 0 and < 1",
        terms.threshold());
    this.critical = critical;
    this.parts = (int) Math.max(1, Math.min(MOST_PARTS, window.toMinutes() / MINUTES_OF_PART));
  }

  @Override
  Set<Signal> signals() {
    return Set.of(
        Signal.GPU_MILLIS,
        Signal.GPU_MEASURED_MILLIS,
        Signal.GPU_BUSY_MILLIS,
        Signal.GPU_IDLE_PICO_USD);
  }

  @Override
  Verdict judge(ScopeSpend scope, Frame frame) {
    long measured = scope.count(Signal.GPU_MEASURED_MILLIS, frame.now());
    if (measured <= 0) {
      return new Verdict.Unknown("no accelerator time whose utilisation is known");
    }
    BigDecimal of = BigDecimal.valueOf(measured);
    BigDecimal busy = BigDecimal.valueOf(scope.count(Signal.GPU_BUSY_MILLIS, frame.now()));
    BigDecimal idleUsd = idleUsd(scope, frame);
    BigDecimal threshold = terms().threshold();
    Comparison comparison =
        compare(
            scope,
            frame,
            Metric.GPU_UTILIZATION,
            over(busy, of),
            threshold,
            idleUsd,
            BigDecimal.ONE);
    if (busy.compareTo(of.multiply(threshold)) >= 0) {
      return new Verdict.Within(comparison);
    }
    List<Stretch> thirds = frame.parts(parts, length());
    if (scope.count(Signal.GPU_MILLIS, thirds.get(parts - 1)) == 0) {
      return new Verdict.Within(comparison);
    }
    for (Stretch third : thirds) {
      if (scope.count(Signal.GPU_MEASURED_MILLIS, third) == 0) {
        return new Verdict.Unknown("not allocated all through the window");
      }
    }
    if (idleUsd.compareTo(terms().minImpactUsd()) < 0) {
      return new Verdict.Within(comparison);
    }
    return new Verdict.Exceeded(
        comparison,
        busy.compareTo(of.multiply(threshold).multiply(BigDecimal.ONE.subtract(CLEARLY))) < 0,
        severity(busy.compareTo(of.multiply(critical)) <= 0),
        List.of(
            idleUsd.stripTrailingZeros().toPlainString()
                + " USD were spent on idle accelerators in "
                + length().toMinutes()
                + " minutes"));
  }

  @Override
  BigDecimal excess(ScopeSpend scope, CellSpend cell, Frame frame) {
    return new BigDecimal(cell.gpuIdle(frame.now()), Money.SCALE);
  }

  private static BigDecimal idleUsd(ScopeSpend scope, Frame frame) {
    return new BigDecimal(scope.gpuIdle(frame.now()), Money.SCALE);
  }
}
