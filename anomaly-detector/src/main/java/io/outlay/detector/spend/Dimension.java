package io.outlay.detector.spend;

/** What spend is judged by. */
public enum Dimension {
  TEAM("team") {
    @Override
    public String of(Cell cell) {
      return cell.team();
    }
  },
  MODEL("model") {
    @Override
    public String of(Cell cell) {
      return cell.model();
    }
  },
  FEATURE("feature") {
    @Override
    public String of(Cell cell) {
      return cell.feature();
    }
  };

  private final String key;

  Dimension(String key) {
    this.key = key;
  }

  /** Its name in configuration and in alerts. */
  public String key() {
    return key;
  }

  /** The cell's value; empty where it has none. */
  public abstract String of(Cell cell);

  /**
   * The dimension of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Dimension ofKey(String key) {
    for (Dimension dimension : values()) {
      if (dimension.key.equals(key)) {
        return dimension;
      }
    }
    throw new IllegalArgumentException("must be team, model or feature, was " + key);
  }
}
