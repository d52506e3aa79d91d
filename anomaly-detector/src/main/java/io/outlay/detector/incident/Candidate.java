package io.outlay.detector.incident;

import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import io.outlay.detector.rule.Verdict;
import io.outlay.detector.spend.Scope;
import java.math.BigDecimal;

/** A scope that is out of its bounds, and why. */
record Candidate(Verdict.Exceeded verdict, Explanation explanation) {
  Comparison comparison() {
    return verdict.comparison();
  }

  Scope scope() {
    return comparison().scope();
  }

  BigDecimal impactUsd() {
    return comparison().impactUsd();
  }

  /**
   * How much of it there is: what its cells add up to, in the unit of the rule; the money at stake
   * where cells are not known.
   */
  BigDecimal weight() {
    return explanation.deltas().isEmpty() ? comparison().impactUsd() : explanation.total();
  }
}
