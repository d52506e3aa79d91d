package io.outlay.sink.audit;

import java.util.List;

/** What an equation says, for people. */
record Meaning(String name, String left, String right, String sentence) {
  static final Meaning POSITIONS =
      new Meaning(
          Audit.POSITIONS,
          "end of the topic",
          "reached",
          "What had been sent when the audit began is in ClickHouse.");

  private static final List<Meaning> ALL =
      List.of(
          POSITIONS,
          new Meaning(
              "offsets",
              "position",
              "records and gaps",
              "No offset of the usage topic was passed over unseen."),
          new Meaning(
              "usage",
              "records",
              "facts + duplicates + dead letters",
              "Every record that was read became exactly one thing."),
          new Meaning(
              "dead letters",
              "ledger",
              "dead_letters",
              "Every record that was set aside is in ClickHouse, under its reason."),
          new Meaning(
              "rollup totals",
              "ledger + repricings",
              "days in cost_rollups",
              "All days together hold what the topology rated."),
          new Meaning(
              "facts", "ledger", "usage_costs", "Every fact that was written is there, once."),
          new Meaning(
              "costs",
              "ledger + repricings",
              "usage_costs",
              "The facts cost what the topology rated, and what later ratings added."),
          new Meaning(
              "revisions",
              "repricings",
              "usage_costs",
              "Every later rating of a fact is accounted for by a repricing."),
          new Meaning(
              "inserts",
              "none",
              "usage_costs_store",
              "No insert was applied twice. Readers see one row of each event in any case."),
          new Meaning(
              DayCheck.NAME,
              "usage_costs",
              "cost_rollups",
              "Minutes, hours and days hold the facts, for each team, model and feature."));

  /** Names of those that can differ: positions are only ever on their way. */
  static final List<String> NAMES =
      ALL.stream().map(Meaning::name).filter(name -> !name.equals(Audit.POSITIONS)).toList();

  static Meaning of(String name) {
    return ALL.stream()
        .filter(meaning -> meaning.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no equation is named " + name));
  }
}
