package io.outlay.detector.backtest;

import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import io.outlay.detector.rule.Severity;
import io.outlay.detector.spend.Scope;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * An incident that would have opened.
 *
 * @param rule name of the rule
 * @param comparison figures at that time
 * @param causes largest first
 */
public record Alert(
    String rule,
    Severity severity,
    Comparison comparison,
    List<Explanation.Cause> causes,
    List<String> notes) {
  public Alert {
    causes = List.copyOf(causes);
    notes = List.copyOf(notes);
  }

  /** Event time at which it was found. */
  public Instant at() {
    return comparison.asOf();
  }

  /** What it is about. */
  public Scope scope() {
    return comparison.scope();
  }

  /** USD that had been spent beyond what was expected by then; what is at stake otherwise. */
  public BigDecimal lossUsd() {
    return comparison.impactUsd();
  }
}
