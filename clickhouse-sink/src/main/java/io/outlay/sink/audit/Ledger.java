package io.outlay.sink.audit;

import java.math.BigDecimal;
import java.util.List;

/**
 * The ledger summed over its partitions.
 *
 * @param facts of every status
 * @param cost of the facts as they were first rated
 */
record Ledger(
    BigDecimal facts,
    BigDecimal priced,
    BigDecimal unpriced,
    BigDecimal free,
    BigDecimal cost,
    BigDecimal listCost,
    BigDecimal avoidedCost) {

  static Ledger read(Query query) {
    List<String> sums =
        query
            .rows(
                """
                SELECT sum(priced) + sum(unpriced) + sum(free), sum(priced), sum(unpriced), sum(free),
                  sum(cost), sum(list_cost), sum(avoided_cost)
                FROM {database}.ledger
                """)
            .get(0);
    return new Ledger(
        new BigDecimal(sums.get(0)),
        new BigDecimal(sums.get(1)),
        new BigDecimal(sums.get(2)),
        new BigDecimal(sums.get(3)),
        new BigDecimal(sums.get(4)),
        new BigDecimal(sums.get(5)),
        new BigDecimal(sums.get(6)));
  }
}
