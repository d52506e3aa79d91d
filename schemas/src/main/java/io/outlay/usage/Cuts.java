package io.outlay.usage;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Which cuts are kept beside the rollups by team, model and feature. */
public final class Cuts {
  /** Most that are kept: each costs what the rollups cost, or more. */
  public static final int MAX = 16;

  private static final Set<String> OF_ROLLUPS = Set.of("team", "model", "feature");

  private Cuts() {}

  /**
   * The cuts that answer for some sets of dimensions: each once, by name. Sets of team, model and
   * feature need none, whether one of them or several, since the rollups hold all three.
   *
   * @throws IllegalArgumentException if something is not a dimension, or if there are more than
   *     {@value #MAX}
   */
  public static List<Cut> of(Collection<? extends Set<String>> dimensions) {
    List<Cut> cuts =
        dimensions.stream()
            .map(Cut::of)
            .filter(cut -> !OF_ROLLUPS.containsAll(cut.dimensions()))
            .distinct()
            .sorted(Comparator.comparing(Cut::name))
            .toList();
    if (cuts.size() > MAX) {
      throw new IllegalArgumentException(
          "rules, budgets and streams.cuts together may need at most "
              + MAX
              + " cuts, they need "
              + cuts.size()
              + ": "
              + cuts);
    }
    return cuts;
  }
}
