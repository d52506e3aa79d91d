package io.outlay.detector.app;

import io.outlay.config.OutlayConfig;
import io.outlay.config.RuleType;
import io.outlay.config.RuleType.Key;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.SpendRatioRule;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Cut;
import java.math.BigDecimal;
import java.time.ZoneId;

/** Makes rules of what the configuration says. */
final class Rules {
  private Rules() {}

  /**
   * The rule that an entry of the configuration asks for.
   *
   * @throws IllegalArgumentException naming the rule, if there is no such rule
   */
  static Rule of(OutlayConfig.Rule rule, ZoneId zone) {
    RuleType type = RuleType.find(rule.type()).orElseThrow();
    Terms terms = terms(type, rule);
    return switch (type) {
      case SPEND_RATIO ->
          new SpendRatioRule(
              terms,
              zone,
              baselineDays(rule),
              type.number(rule, Key.MIN_HISTORY_DAYS).orElseThrow().intValueExact());
      default -> SignalRules.of(rule, terms, zone);
    };
  }

  /** Days of a rule's baseline; 1 where it has none. */
  static int baselineDays(OutlayConfig.Rule rule) {
    return RuleType.find(rule.type())
        .flatMap(type -> type.duration(rule, Key.BASELINE))
        .map(baseline -> Math.toIntExact(baseline.toDays()))
        .orElse(1);
  }

  private static Terms terms(RuleType type, OutlayConfig.Rule rule) {
    return new Terms(
        rule.name(),
        rule.type(),
        type.number(rule, Key.THRESHOLD).orElse(BigDecimal.ONE),
        rule.by().stream().map(Cut::parse).distinct().toList(),
        type.number(rule, Key.MIN_IMPACT_USD).orElse(BigDecimal.ZERO),
        rule.receivers().stream().distinct().toList());
  }
}
