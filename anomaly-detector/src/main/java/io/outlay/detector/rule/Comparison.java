package io.outlay.detector.rule;

import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.Window;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Optional;

/**
 * A scope in the part of a window that has passed, and what it is held against.
 *
 * @param asOf event time up to which it was judged
 * @param metric what {@code actual} and {@code expected} are
 * @param actual as measured
 * @param expected what the baseline or the limit says for the same part; at most twelve places
 * @param impactUsd what is at stake: spend beyond the baseline or the limit, idle dollars; negative
 *     where less was spent
 * @param actualUsd spend of the scope in the window so far, exact
 * @param projectedUsd what its spend in the whole window will come to
 * @param confidence 0 to 1: how much of the baseline there is
 */
public record Comparison(
    Scope scope,
    Window window,
    Instant asOf,
    Metric metric,
    BigDecimal actual,
    BigDecimal expected,
    BigDecimal impactUsd,
    BigDecimal actualUsd,
    BigDecimal projectedUsd,
    BigDecimal confidence) {
  private static final int RATIO_PLACES = 6;

  /** A comparison of spend with spend. */
  public static Comparison ofSpend(
      Scope scope,
      Window window,
      Instant asOf,
      BigDecimal actualUsd,
      BigDecimal expectedUsd,
      BigDecimal projectedUsd,
      BigDecimal confidence) {
    return new Comparison(
        scope,
        window,
        asOf,
        Metric.COST,
        actualUsd,
        expectedUsd,
        actualUsd.subtract(expectedUsd),
        actualUsd,
        projectedUsd,
        confidence);
  }

  /** Actual over expected, six places; empty where nothing was expected. */
  public Optional<BigDecimal> ratio() {
    return ratio(actual, expected);
  }

  /** Actual over expected, six places; empty where nothing was expected. */
  public static Optional<BigDecimal> ratio(BigDecimal actual, BigDecimal expected) {
    return expected.signum() == 0
        ? Optional.empty()
        : Optional.of(actual.divide(expected, RATIO_PLACES, RoundingMode.HALF_EVEN));
  }
}
