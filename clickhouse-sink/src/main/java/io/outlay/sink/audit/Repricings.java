package io.outlay.sink.audit;

import java.math.BigDecimal;
import java.util.List;

/**
 * What later ratings added to the first ones, as the jobs recorded it.
 *
 * @param changes facts that got a higher revision, counted once for each revision
 */
record Repricings(
    BigDecimal changes, BigDecimal cost, BigDecimal listCost, BigDecimal avoidedCost) {
  static Repricings read(Query query) {
    List<String> sums =
        query
            .rows(
                """
                SELECT sum(facts_changed), sum(new_cost) - sum(old_cost),
                  sum(new_list_cost) - sum(old_list_cost),
                  ifNull(sum(new_avoided_cost) - sum(old_avoided_cost), 0)
                FROM {database}.repricings WHERE NOT dry_run
                """)
            .get(0);
    return new Repricings(
        new BigDecimal(sums.get(0)),
        new BigDecimal(sums.get(1)),
        new BigDecimal(sums.get(2)),
        new BigDecimal(sums.get(3)));
  }

  boolean isNone() {
    return changes.signum() == 0;
  }
}
