package io.outlay.detector.rule;

import io.outlay.detector.spend.Cut;
import java.math.BigDecimal;
import java.util.List;

/**
 * What every rule has.
 *
 * @param type as in the configuration, such as {@code spend-ratio}
 * @param threshold as configured; what it bounds depends on the type
 * @param by cuts, each judged for itself, in the order in which equal scopes are told; at least one
 * @param minImpactUsd what must be at stake, ≥ 0
 * @param receivers names of those who are told
 * @param severity of what is not critical
 */
public record Terms(
    String name,
    String type,
    BigDecimal threshold,
    List<Cut> by,
    BigDecimal minImpactUsd,
    List<String> receivers,
    Severity severity) {
  public Terms {
    by = List.copyOf(by);
    receivers = List.copyOf(receivers);
    require(!by.isEmpty(), "by must name a dimension", by);
    require(minImpactUsd.signum() >= 0, "minImpactUsd must be >= 0", minImpactUsd);
  }

  /** Of a rule that warns. */
  public Terms(
      String name,
      String type,
      BigDecimal threshold,
      List<Cut> by,
      BigDecimal minImpactUsd,
      List<String> receivers) {
    this(name, type, threshold, by, minImpactUsd, receivers, Severity.WARNING);
  }

  /** The same by other cuts. */
  Terms by(List<Cut> cuts) {
    return new Terms(name, type, threshold, cuts, minImpactUsd, receivers, severity);
  }

  /**
   * Refuses what does not hold.
   *
   * @throws IllegalArgumentException naming the rule, what must hold and the value
   */
  void require(boolean holds, String what, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("rule " + name + ": " + what + ", was " + value);
    }
  }
}
