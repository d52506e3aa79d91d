package io.outlay.detector.budget;

import java.util.List;

/** Tells people how budgets stand, each threshold once in a period, and remembers what it told. */
public interface BudgetAlerts {
  /** Tells nobody. */
  BudgetAlerts NONE =
      new BudgetAlerts() {
        @Override
        public void stand(List<Standing> standings) {}

        @Override
        public void only(List<Budget> budgets) {}
      };

  /**
   * This is how budgets stand now, one entry for each budget and kind that has changed or about
   * which nothing was said since the start. What was told about an earlier period of them is over.
   *
   * @throws RuntimeException if it could not be remembered; the same is said again later
   */
  void stand(List<Standing> standings);

  /**
   * These are all budgets: what was told about others, or about forecasts that are not to be told,
   * is over.
   */
  void only(List<Budget> budgets);
}
