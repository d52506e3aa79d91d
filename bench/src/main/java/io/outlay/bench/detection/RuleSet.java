package io.outlay.bench.detection;

import io.outlay.detector.backtest.Backtest;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.SpendRatioRule;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Supplier;

/**
 * Rules under test.
 *
 * @param rules made anew for each series, since they may remember scopes
 */
record RuleSet(String name, Supplier<List<Rule>> rules, ZoneId zone, int daysBack) {
  /** Above 120 % of the trailing seven days, from a dollar on. */
  static RuleSet plain() {
    return new RuleSet(
        "plain",
        () ->
            List.of(
                new SpendRatioRule(
                    new Terms(
                        "plain",
                        SpendRatioRule.TYPE,
                        new BigDecimal("1.2"),
                        Dimension.OF_CELLS.stream().map(Cut::of).toList(),
                        BigDecimal.ONE,
                        List.of()),
                    ZoneOffset.UTC,
                    7,
                    3)),
        ZoneOffset.UTC,
        7);
  }

  Backtest backtest() {
    return new Backtest(rules.get(), zone, daysBack);
  }
}
