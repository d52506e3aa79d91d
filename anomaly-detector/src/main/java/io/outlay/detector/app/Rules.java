package io.outlay.detector.app;

import io.outlay.config.OutlayConfig;
import io.outlay.config.RuleType;
import io.outlay.config.RuleType.Key;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.Severity;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Cut;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;

/** Makes rules of what the configuration says. */
final class Rules {
  private Rules() {}

  /**
   * The rules that an entry of the configuration asks for: one, and another where it has drift.
   *
   * @throws IllegalArgumentException naming the rule, if there is no such rule
   */
  static List<Rule> of(OutlayConfig.Rule rule, ZoneId zone) {
    RuleType type = RuleType.find(rule.type()).orElseThrow();
    Terms terms = terms(type, rule);
    return switch (type) {
      case SPEND_RATIO -> SpendRules.ratio(rule, terms, zone);
      case SPEND_LIMIT -> List.of(SpendRules.limit(rule, terms, zone));
      case FORECAST_OVERRUN -> List.of(SpendRules.forecast(rule, terms, zone));
      default -> List.of(SignalRules.of(rule, terms, zone));
    };
  }

  /** Days before the running one that a rule looks at. */
  static int daysBack(OutlayConfig.Rule rule) {
    RuleType type = RuleType.find(rule.type()).orElseThrow();
    return switch (type) {
      case SPEND_RATIO, SPEND_LIMIT, FORECAST_OVERRUN -> SpendRules.daysBack(rule);
      default ->
          type.duration(rule, Key.BASELINE)
              .map(baseline -> Math.toIntExact(baseline.toDays()))
              .orElse(1);
    };
  }

  private static Terms terms(RuleType type, OutlayConfig.Rule rule) {
    return new Terms(
        rule.name(),
        rule.type(),
        type.number(rule, Key.THRESHOLD).orElse(BigDecimal.ONE),
        rule.by().stream().map(Cut::parse).distinct().toList(),
        type.number(rule, Key.MIN_IMPACT_USD).orElse(BigDecimal.ZERO),
        rule.receivers().stream().distinct().toList(),
        severity(rule));
  }

  /** Severity of what is not critical. */
  static Severity severity(OutlayConfig.Rule rule) {
    return rule.severity()
        .map(severity -> Severity.valueOf(severity.toUpperCase(Locale.ROOT)))
        .orElse(Severity.WARNING);
  }
}
