package io.outlay.detector.budget;

import io.outlay.detector.spend.Dimension;
import io.outlay.schema.BudgetLevel;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a scope may spend in a calendar period.
 *
 * @param scope values by the keys of their dimensions; everything if there are none
 * @param limitUsd above zero
 * @param thresholds shares of the limit at which somebody is told, ascending, above zero
 * @param hard whether gateways are to refuse requests once it is exhausted
 * @param forecast whether it is told too when the forecast reaches a threshold
 * @param receivers names of those who are told
 */
public record Budget(
    String name,
    SortedMap<String, String> scope,
    Period period,
    ZoneId zone,
    BigDecimal limitUsd,
    List<BigDecimal> thresholds,
    boolean hard,
    boolean forecast,
    List<String> receivers) {
  private static final BigDecimal LIMIT = new BigDecimal("0.95");
  private static final BigDecimal CRITICAL = new BigDecimal("0.9");
  private static final BigDecimal DEGRADE = new BigDecimal("0.85");

  /**
   * @throws IllegalArgumentException if limit, thresholds or scope do not hold
   */
  public Budget {
    if (limitUsd.signum() <= 0) {
      throw new IllegalArgumentException(
          "budget " + name + ": limitUsd must be > 0, was " + limitUsd);
    }
    BigDecimal former = BigDecimal.ZERO;
    for (BigDecimal threshold : thresholds) {
      if (threshold.compareTo(former) <= 0) {
        throw new IllegalArgumentException(
            "budget " + name + ": thresholds must ascend from 0, was " + thresholds);
      }
      former = threshold;
    }
    scope.keySet().forEach(Dimension::new);
    scope = Collections.unmodifiableSortedMap(new TreeMap<>(scope));
    thresholds = List.copyOf(thresholds);
    receivers = List.copyOf(receivers);
  }

  /** Whether team, model and feature tell what belongs to it. */
  public boolean isOfCells() {
    return scope.keySet().stream().allMatch(key -> new Dimension(key).isOfCells());
  }

  /** The same with another limit. */
  Budget limitedTo(BigDecimal usd) {
    return new Budget(name, scope, period, zone, usd, thresholds, hard, forecast, receivers);
  }

  /** The highest of its thresholds that an amount has reached; empty if it reached none. */
  public Optional<BigDecimal> reached(BigDecimal usd) {
    Optional<BigDecimal> highest = Optional.empty();
    for (BigDecimal threshold : thresholds) {
      if (usd.compareTo(limitUsd.multiply(threshold)) >= 0) {
        highest = Optional.of(threshold);
      }
    }
    return highest;
  }

  /**
   * The level that an amount is at: that of the highest threshold it has reached. A threshold below
   * 0.85 warns, from there on it degrades, from 0.9 it is critical, from 0.95 it limits. At its
   * limit a budget is exhausted, also where no threshold says so.
   */
  public BudgetLevel level(BigDecimal usd) {
    if (usd.compareTo(limitUsd) >= 0) {
      return BudgetLevel.EXHAUSTED;
    }
    return reached(usd).map(Budget::levelOf).orElse(BudgetLevel.NORMAL);
  }

  private static BudgetLevel levelOf(BigDecimal threshold) {
    if (threshold.compareTo(LIMIT) >= 0) {
      return BudgetLevel.LIMIT;
    }
    if (threshold.compareTo(CRITICAL) >= 0) {
      return BudgetLevel.CRITICAL;
    }
    return threshold.compareTo(DEGRADE) >= 0 ? BudgetLevel.DEGRADE : BudgetLevel.WARN;
  }
}
