package io.outlay.sink.audit;

import io.outlay.sink.audit.Item.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** All facts against the ledger and what later ratings added. Reads every fact. */
final class FactsCheck implements Check {
  private final Query query;

  FactsCheck(Query query) {
    this.query = query;
  }

  @Override
  public String name() {
    return "facts";
  }

  @Override
  public Look look() {
    Ledger ledger = Ledger.read(query);
    Repricings repricings = Repricings.read(query);
    List<String> facts =
        query
            .rows(
                """
                SELECT count(), countIf(pricing_status = 'PRICED'), countIf(pricing_status = 'UNPRICED'),
                  countIf(pricing_status = 'FREE'), sum(cost), sum(list_cost),
                  ifNull(sum(avoided_cost), 0), sum(revision) - count(),
                  (SELECT count() FROM {database}.usage_costs_store)
                FROM {database}.usage_costs
                SETTINGS max_threads = 2
                """)
            .get(0);
    List<Item> items = new ArrayList<>();
    items.add(count("facts", "facts", ledger.facts(), facts.get(0)));
    if (repricings.isNone()) {
      // Later ratings change the status; what it was at first is not kept.
      items.add(count("facts", "priced", ledger.priced(), facts.get(1)));
      items.add(count("facts", "unpriced", ledger.unpriced(), facts.get(2)));
      items.add(count("facts", "free", ledger.free(), facts.get(3)));
    }
    items.add(sum("costs", "cost", ledger.cost().add(repricings.cost()), facts.get(4)));
    items.add(
        sum("costs", "list cost", ledger.listCost().add(repricings.listCost()), facts.get(5)));
    items.add(
        sum(
            "costs",
            "avoided cost",
            ledger.avoidedCost().add(repricings.avoidedCost()),
            facts.get(6)));
    items.add(
        Item.line(
            "revisions",
            "revisions after the first",
            repricings.changes(),
            new BigDecimal(facts.get(7)),
            Kind.EXACT));
    items.add(
        Item.line(
            "inserts",
            "rows beyond one of each revision",
            BigDecimal.ZERO,
            surplus(facts.get(8), facts.get(0), facts.get(7)),
            Kind.EXACT));
    return new Look(items);
  }

  /**
   * Rows that came twice and were not merged yet. Those stored are counted before those shown, so
   * that what arrives in between is taken for none.
   */
  private static BigDecimal surplus(String stored, String shown, String revisions) {
    return new BigDecimal(stored)
        .subtract(new BigDecimal(shown))
        .subtract(new BigDecimal(revisions))
        .max(BigDecimal.ZERO);
  }

  private static Item count(String equation, String what, BigDecimal left, String right) {
    return Item.line(equation, what, left, new BigDecimal(right), Kind.COUNT);
  }

  private static Item sum(String equation, String what, BigDecimal left, String right) {
    return Item.line(equation, what, left, new BigDecimal(right), Kind.SUM);
  }
}
