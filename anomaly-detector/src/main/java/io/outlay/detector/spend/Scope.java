package io.outlay.detector.spend;

/** All cells that have one value in one dimension, such as {@code team=search}. */
public record Scope(Dimension dimension, String value) {
  public Scope {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("a scope needs a value of " + dimension.key());
    }
  }

  /** Whether the cell belongs to it. */
  public boolean contains(Cell cell) {
    return dimension.of(cell).equals(value);
  }

  @Override
  public String toString() {
    return dimension.key() + "=" + value;
  }
}
