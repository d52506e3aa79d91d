package io.outlay.detector.rule;

import io.outlay.detector.spend.DayWindow;
import io.outlay.detector.spend.Scope;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Optional;

/**
 * Spend of a scope in the part of a window that has passed, and what its baseline expects of that
 * part.
 *
 * @param asOf event time up to which it was judged
 * @param actualUsd exact
 * @param expectedUsd average of the earlier days up to the same time of day; rounded to twelve
 *     places
 * @param projectedUsd what the whole window will come to if its rest goes as on the earlier days
 * @param confidence days of history over days of the baseline, 0 to 1
 */
public record Comparison(
    Scope scope,
    DayWindow window,
    Instant asOf,
    BigDecimal actualUsd,
    BigDecimal expectedUsd,
    BigDecimal projectedUsd,
    BigDecimal confidence) {
  private static final int RATIO_PLACES = 6;

  /** What was spent beyond the baseline. */
  public BigDecimal impactUsd() {
    return actualUsd.subtract(expectedUsd);
  }

  /** Actual over expected, six places; empty where nothing was expected. */
  public Optional<BigDecimal> ratio() {
    return ratio(actualUsd, expectedUsd);
  }

  /** Actual over expected, six places; empty where nothing was expected. */
  public static Optional<BigDecimal> ratio(BigDecimal actualUsd, BigDecimal expectedUsd) {
    return expectedUsd.signum() == 0
        ? Optional.empty()
        : Optional.of(actualUsd.divide(expectedUsd, RATIO_PLACES, RoundingMode.HALF_EVEN));
  }
}
