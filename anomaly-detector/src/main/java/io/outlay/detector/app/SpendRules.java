package io.outlay.detector.app;

import io.outlay.config.OutlayConfig;
import io.outlay.config.PlannedTimes;
import io.outlay.config.RuleType;
import io.outlay.config.RuleType.Key;
import io.outlay.detector.rule.ForecastOverrunRule;
import io.outlay.detector.rule.Grade;
import io.outlay.detector.rule.Newcomers;
import io.outlay.detector.rule.Planned;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.SpendDriftRule;
import io.outlay.detector.rule.SpendLimitRule;
import io.outlay.detector.rule.SpendRatioRule;
import io.outlay.detector.rule.SpendRobustRule;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Windows;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/** Makes the rules about spend of what the configuration says. */
final class SpendRules {
  /** What is added to the name of a rule for its incidents of slow growth. */
  static final String DRIFT_SUFFIX = ".drift";

  private SpendRules() {}

  /** The rules that a {@code spend-ratio} entry asks for: one, and another where it has drift. */
  static List<Rule> ratio(OutlayConfig.Rule rule, Terms terms, ZoneId zone) {
    RuleType type = RuleType.SPEND_RATIO;
    Newcomers newcomers = new Newcomers(rule.learn().orElse(false), rule.newScopeUsd());
    boolean robust = type.word(rule, Key.METHOD).orElseThrow().equals("robust");
    BigDecimal deviations = type.number(rule, Key.DEVIATIONS).orElseThrow();
    List<Rule> rules = new ArrayList<>();
    rules.add(
        robust
            ? new SpendRobustRule(
                terms,
                windows(type, rule, zone),
                days(type, rule, Key.BASELINE),
                minHistoryDays(type, rule),
                grade(type, rule),
                newcomers,
                deviations)
            : new SpendRatioRule(
                terms,
                windows(type, rule, zone),
                days(type, rule, Key.BASELINE),
                minHistoryDays(type, rule),
                grade(type, rule),
                newcomers));
    rule.drift()
        .ifPresent(
            drift ->
                rules.add(
                    new SpendDriftRule(
                        new Terms(
                            terms.name() + DRIFT_SUFFIX,
                            terms.type(),
                            drift,
                            terms.by(),
                            terms.minImpactUsd(),
                            terms.receivers(),
                            terms.severity()),
                        zone,
                        grade(type, rule),
                        terms.threshold(),
                        deviations)));
    return rules;
  }

  static Rule limit(OutlayConfig.Rule rule, Terms terms, ZoneId zone) {
    RuleType type = RuleType.SPEND_LIMIT;
    return new SpendLimitRule(
        terms, windows(type, rule, zone), rule.limitUsd().orElseThrow(), grade(type, rule));
  }

  static Rule forecast(OutlayConfig.Rule rule, Terms terms, ZoneId zone) {
    RuleType type = RuleType.FORECAST_OVERRUN;
    return new ForecastOverrunRule(
        terms,
        windows(type, rule, zone),
        days(type, rule, Key.BASELINE),
        minHistoryDays(type, rule),
        rule.limitUsd().orElseThrow(),
        grade(type, rule));
  }

  /** Days before the running one that a rule looks at. */
  static int daysBack(OutlayConfig.Rule rule) {
    RuleType type = RuleType.find(rule.type()).orElseThrow();
    int window = days(type, rule, Key.WINDOW);
    int drift = rule.drift().isPresent() ? SpendDriftRule.DAYS : 0;
    return Math.max(window - 1 + days(type, rule, Key.BASELINE), drift);
  }

  /** What is planned, as it was checked. */
  static List<Planned> planned(OutlayConfig config) {
    List<Planned> planned = new ArrayList<>();
    for (OutlayConfig.Planned each : config.planned()) {
      planned.add(
          new Planned(
              each.name(),
              PlannedTimes.instant(each.from(), config.timezone()),
              PlannedTimes.instant(each.to(), config.timezone()),
              each.scope()));
    }
    return planned;
  }

  private static Windows windows(RuleType type, OutlayConfig.Rule rule, ZoneId zone) {
    return new Windows(zone, type.duration(rule, Key.WINDOW).orElseThrow());
  }

  /** Whole days; 1 for less, and where there is no such key. */
  private static int days(RuleType type, OutlayConfig.Rule rule, Key key) {
    return type.duration(rule, key)
        .map(duration -> Math.max(1, Math.toIntExact(duration.toDays())))
        .orElse(1);
  }

  private static int minHistoryDays(RuleType type, OutlayConfig.Rule rule) {
    int days = type.number(rule, Key.MIN_HISTORY_DAYS).orElseThrow().intValueExact();
    // A default that a short baseline has overtaken is not the file's mistake.
    return rule.minHistoryDays().isPresent()
        ? days
        : Math.min(days, days(type, rule, Key.BASELINE));
  }

  private static Grade grade(RuleType type, OutlayConfig.Rule rule) {
    return new Grade(Rules.severity(rule), type.number(rule, Key.CRITICAL).orElseThrow());
  }
}
