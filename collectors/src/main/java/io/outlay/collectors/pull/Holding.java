package io.outlay.collectors.pull;

import java.util.Comparator;

/**
 * Bytes of a dataset in a tier of a store.
 *
 * @param bytes ≥ 0
 * @param team empty if the listing names none; so {@code project} and {@code environment}
 */
record Holding(
    String store,
    String dataset,
    Tier tier,
    long bytes,
    String team,
    String project,
    String environment) {
  /** By store, dataset and tier, which name a holding. */
  static final Comparator<Holding> BY_NAME =
      Comparator.comparing(Holding::store)
          .thenComparing(Holding::dataset)
          .thenComparing(Holding::tier);

  /** The same with another size. */
  Holding withBytes(long sum) {
    return new Holding(store, dataset, tier, sum, team, project, environment);
  }

  /** Whether both belong to the same. */
  boolean hasOwnerOf(Holding other) {
    return team.equals(other.team)
        && project.equals(other.project)
        && environment.equals(other.environment);
  }
}
