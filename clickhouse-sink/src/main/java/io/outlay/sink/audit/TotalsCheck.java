package io.outlay.sink.audit;

import io.outlay.sink.audit.Item.Kind;
import java.math.BigDecimal;
import java.util.List;

/** The rollups of days against the ledger: what facts and rollups together might lack. */
final class TotalsCheck implements Check {
  private static final String NAME = "rollup totals";

  private final Query query;

  TotalsCheck(Query query) {
    this.query = query;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Look look() {
    Ledger ledger = Ledger.read(query);
    Repricings repricings = Repricings.read(query);
    List<String> days =
        query
            .rows(
                """
                SELECT sum(events), sum(cost), sum(list_cost), sum(avoided_cost)
                FROM {database}.cost_rollups WHERE window = 'day'
                """)
            .get(0);
    return new Look(
        List.of(
            line("events", ledger.facts(), days.get(0), Kind.COUNT),
            line("cost", ledger.cost().add(repricings.cost()), days.get(1), Kind.SUM),
            line("list cost", ledger.listCost().add(repricings.listCost()), days.get(2), Kind.SUM),
            line(
                "avoided cost",
                ledger.avoidedCost().add(repricings.avoidedCost()),
                days.get(3),
                Kind.SUM)));
  }

  private static Item line(String what, BigDecimal left, String right, Kind kind) {
    return Item.line(NAME, what, left, new BigDecimal(right), kind);
  }
}
