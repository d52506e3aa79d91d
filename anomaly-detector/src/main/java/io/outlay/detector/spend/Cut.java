package io.outlay.detector.spend;

import java.util.Arrays;
import java.util.List;

/**
 * Dimensions that spend is split by together: {@code team}, or {@code customer+team} for each
 * customer of each team.
 *
 * @param dimensions in the order of their names, each once; none is the cut that does not split
 */
public record Cut(List<Dimension> dimensions) {
  /** All usage together. */
  public static final Cut WHOLE = new Cut(List.of());

  /**
   * @throws IllegalArgumentException if it names one twice
   */
  public Cut {
    List<Dimension> sorted = dimensions.stream().sorted().distinct().toList();
    if (sorted.size() != dimensions.size()) {
      throw new IllegalArgumentException("must name dimensions, each once, was " + dimensions);
    }
    dimensions = sorted;
  }

  /** The cut of one dimension. */
  public static Cut of(Dimension dimension) {
    return new Cut(List.of(dimension));
  }

  /**
   * The cut that a text such as {@code team+customer} names.
   *
   * @throws IllegalArgumentException if it names none
   */
  public static Cut parse(String text) {
    return new Cut(Arrays.stream(text.split("\\+", -1)).map(Dimension::new).toList());
  }

  /** Whether cells know all of it. */
  public boolean isOfCells() {
    return dimensions.stream().allMatch(Dimension::isOfCells);
  }

  @Override
  public String toString() {
    return String.join("+", dimensions.stream().map(Dimension::key).toList());
  }
}
