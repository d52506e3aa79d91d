package io.outlay.detector.spend;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What usage is told apart by, such as {@code team} or {@code tags.tier}.
 *
 * @param key its name in configuration and in alerts
 */
public record Dimension(String key) implements Comparable<Dimension> {
  // First, because the dimensions below are checked against them.
  private static final Set<String> KEYS =
      Set.of(
          "team",
          "model",
          "feature",
          "project",
          "customer",
          "user",
          "environment",
          "region",
          "provider",
          "operation");
  private static final String TAG = "tags.";

  /** Who spends. */
  public static final Dimension TEAM = new Dimension("team");

  /** What is used. */
  public static final Dimension MODEL = new Dimension("model");

  /** What for. */
  public static final Dimension FEATURE = new Dimension("feature");

  /** Those that cells are made of, in the order in which they are told. */
  public static final List<Dimension> OF_CELLS = List.of(TEAM, MODEL, FEATURE);

  /**
   * @throws IllegalArgumentException if there is no such dimension
   */
  public Dimension {
    if (!KEYS.contains(key) && !(key.startsWith(TAG) && key.length() > TAG.length())) {
      throw new IllegalArgumentException(
          "must be of " + new TreeSet<>(KEYS) + " or tags.KEY, was " + key);
    }
  }

  /** Whether cells have it. */
  public boolean isOfCells() {
    return OF_CELLS.contains(this);
  }

  /**
   * The cell's value; empty where it has none.
   *
   * @throws IllegalStateException if cells do not have this dimension
   */
  public String of(Cell cell) {
    return switch (key) {
      case "team" -> cell.team();
      case "model" -> cell.model();
      case "feature" -> cell.feature();
      default -> throw new IllegalStateException("cells have no " + key);
    };
  }

  @Override
  public int compareTo(Dimension other) {
    return key.compareTo(other.key);
  }

  @Override
  public String toString() {
    return key;
  }
}
