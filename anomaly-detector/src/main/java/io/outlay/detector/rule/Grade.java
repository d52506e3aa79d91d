package io.outlay.detector.rule;

import java.math.BigDecimal;

/**
 * How urgent it is to be out of bounds.
 *
 * @param from severity at the threshold
 * @param critical what it is critical from, as the threshold is written
 */
public record Grade(Severity from, BigDecimal critical) {
  /** A warning at the threshold, critical from twice the baseline. */
  public static final Grade USUAL = new Grade(Severity.WARNING, BigDecimal.valueOf(2));

  Severity of(boolean isCritical) {
    return isCritical ? Severity.CRITICAL : from;
  }
}
