package io.outlay.detector.budget;

import io.outlay.schema.BudgetState;
import java.util.Map;
import java.util.Optional;

/** Where the states of budgets are kept for good, and where gateways may read them too. */
public interface BudgetLog {
  /**
   * Writes states by the names of their budgets, each over its former one; empty deletes it.
   * Returns when all replicas have them.
   *
   * @throws BudgetLogException if they may not have been written; writing them again is harmless
   */
  void write(Map<String, Optional<BudgetState>> states);
}
