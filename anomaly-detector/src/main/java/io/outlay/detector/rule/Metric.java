package io.outlay.detector.rule;

import java.util.Locale;

/** What a rule measures. */
public enum Metric {
  /** Spend, USD. */
  COST("USD"),
  /** Spend over requests, USD a request. */
  COST_PER_REQUEST("USD"),
  /** Busy over allocated GPU time, 0 to 1. */
  GPU_UTILIZATION("1"),
  /** Mean latency of requests. */
  LATENCY("ms"),
  /** Failed over all events, 0 to 1. */
  ERROR_RATE("1"),
  /** Hits over lookups, 0 to 1. */
  CACHE_HIT_RATE("1"),
  /** Mean of the quality scores, 0 to 1. */
  QUALITY("1"),
  /** Time since the last event. */
  STALENESS("s");

  private final String unit;

  Metric(String unit) {
    this.unit = unit;
  }

  /** Unit as UCUM writes it, or the currency. */
  public String unit() {
    return unit;
  }

  /** Its name in alerts. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether what it measures is money. */
  public boolean isMoney() {
    return unit.equals("USD");
  }
}
