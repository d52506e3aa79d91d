package io.outlay.collectors.pull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Bytes of a dataset that went from one tier to another.
 *
 * @param to what the dataset holds in the tier they went to, with its owner
 * @param bytes ≥ 1
 */
record TierMove(Tier from, Holding to, long bytes) {
  private record Dataset(String store, String name) implements Comparable<Dataset> {
    @Override
    public int compareTo(Dataset other) {
      return Comparator.comparing(Dataset::store).thenComparing(Dataset::name).compare(this, other);
    }
  }

  /**
   * The moves between two listings: what a dataset has less in one tier and more in another of the
   * same store. Tiers are paired in their order, those that lost with those that gained. What grew
   * or shrank beyond that was written or deleted, and is no move.
   */
  static List<TierMove> between(Collection<Holding> before, Collection<Holding> after) {
    Map<Dataset, Map<Tier, Holding>> datasets = new TreeMap<>();
    after.forEach(holding -> dataset(datasets, holding).put(holding.tier(), holding));
    Map<Dataset, Map<Tier, Holding>> earlier = new TreeMap<>();
    before.forEach(holding -> dataset(earlier, holding).put(holding.tier(), holding));
    List<TierMove> moves = new ArrayList<>();
    datasets.forEach(
        (name, now) -> {
          Map<Tier, Holding> then = earlier.get(name);
          if (then != null) {
            pair(then, now, moves);
          }
        });
    return moves;
  }

  private static Map<Tier, Holding> dataset(
      Map<Dataset, Map<Tier, Holding>> datasets, Holding holding) {
    return datasets.computeIfAbsent(
        new Dataset(holding.store(), holding.dataset()), name -> new TreeMap<>());
  }

  private static void pair(Map<Tier, Holding> then, Map<Tier, Holding> now, List<TierMove> moves) {
    long[] change = new long[Tier.values().length];
    for (Tier tier : Tier.values()) {
      change[tier.ordinal()] = bytes(now, tier) - bytes(then, tier);
    }
    for (Tier to : Tier.values()) {
      for (Tier from : Tier.values()) {
        long bytes = Math.min(change[to.ordinal()], -change[from.ordinal()]);
        Holding held = now.get(to);
        if (bytes > 0 && held != null) {
          moves.add(new TierMove(from, held, bytes));
          change[to.ordinal()] -= bytes;
          change[from.ordinal()] += bytes;
        }
      }
    }
  }

  private static long bytes(Map<Tier, Holding> holdings, Tier tier) {
    Holding holding = holdings.get(tier);
    return holding == null ? 0 : holding.bytes();
  }
}
