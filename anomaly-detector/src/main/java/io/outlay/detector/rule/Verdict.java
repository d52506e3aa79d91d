package io.outlay.detector.rule;

/** What a rule says about a scope. */
public sealed interface Verdict {
  /**
   * The scope has too little history to be judged.
   *
   * @param daysOfHistory that it has
   */
  record Learning(int daysOfHistory) implements Verdict {}

  /** Spend is within its bounds. */
  record Within(Comparison comparison) implements Verdict {}

  /**
   * Spend is out of its bounds.
   *
   * @param clearly whether by enough to say so again after it had been within them
   */
  record Exceeded(Comparison comparison, boolean clearly) implements Verdict {}
}
