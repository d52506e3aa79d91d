package io.outlay.detector.app;

import io.outlay.config.OutlayConfig;
import io.outlay.config.RuleType;
import io.outlay.config.RuleType.Key;
import io.outlay.detector.rule.DataStaleRule;
import io.outlay.detector.rule.GpuUtilizationRule;
import io.outlay.detector.rule.MeanRatioRule;
import io.outlay.detector.rule.QualityDropRule;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.ShareRule;
import io.outlay.detector.rule.Terms;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneId;

/** Makes the rules that watch something else than spend alone. */
final class SignalRules {
  private final OutlayConfig.Rule rule;
  private final RuleType type;

  private SignalRules(OutlayConfig.Rule rule) {
    this.rule = rule;
    this.type = RuleType.find(rule.type()).orElseThrow();
  }

  /**
   * The rule that an entry of the configuration asks for.
   *
   * @throws IllegalArgumentException naming the rule, if it is none of these
   */
  static Rule of(OutlayConfig.Rule rule, Terms terms, ZoneId zone) {
    return new SignalRules(rule).make(terms, zone);
  }

  private Rule make(Terms terms, ZoneId zone) {
    return switch (type) {
      case COST_PER_REQUEST_RATIO -> MeanRatioRule.costPerRequest(terms, zone, options());
      case LATENCY_RATIO -> MeanRatioRule.latency(terms, zone, options());
      case QUALITY_DROP -> new QualityDropRule(terms, zone, options());
      case ERROR_RATE -> ShareRule.errorRate(terms, zone, window(), minCount(), critical());
      case CACHE_HIT_RATE -> ShareRule.cacheHitRate(terms, zone, window(), minCount(), critical());
      case GPU_UTILIZATION -> new GpuUtilizationRule(terms, zone, window(), critical());
      case DATA_STALE -> new DataStaleRule(terms, zone, window(), minHistoryDays());
      default ->
          throw new IllegalArgumentException(
              rule.name() + ": " + type.text() + " is none of these");
    };
  }

  private MeanRatioRule.Options options() {
    int baselineDays = Math.toIntExact(type.duration(rule, Key.BASELINE).orElseThrow().toDays());
    return new MeanRatioRule.Options(
        window(), baselineDays, minHistoryDays(), minCount(), critical());
  }

  private Duration window() {
    return type.duration(rule, Key.WINDOW).orElseThrow();
  }

  private BigDecimal critical() {
    return type.number(rule, Key.CRITICAL).orElseThrow();
  }

  private long minCount() {
    return type.number(rule, Key.MIN_COUNT).orElseThrow().longValueExact();
  }

  private int minHistoryDays() {
    return type.number(rule, Key.MIN_HISTORY_DAYS).orElseThrow().intValueExact();
  }
}
