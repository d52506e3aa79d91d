package io.outlay.detector.spend;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All usage that has these values, such as {@code team=search}.
 *
 * @param values one for each dimension of the cut, in its order, none empty
 */
public record Scope(Cut cut, List<String> values) {
  /** All usage. */
  public static final Scope WHOLE = new Scope(Cut.WHOLE, List.of());

  /**
   * @throws IllegalArgumentException if a value is missing or empty
   */
  public Scope {
    values = List.copyOf(values);
    if (values.size() != cut.dimensions().size() || values.contains("")) {
      throw new IllegalArgumentException("a scope needs a value of each of " + cut + ": " + values);
    }
  }

  /** The scope of one value of one dimension. */
  public static Scope of(Dimension dimension, String value) {
    return new Scope(Cut.of(dimension), List.of(value));
  }

  /**
   * The scope of values by the keys of their dimensions.
   *
   * @throws IllegalArgumentException if a key is no dimension
   */
  public static Scope of(Map<String, String> values) {
    SortedMap<String, String> sorted = new TreeMap<>(values);
    return new Scope(
        new Cut(sorted.keySet().stream().map(Dimension::new).toList()),
        List.copyOf(sorted.values()));
  }

  /** The scope of a cut that a cell lies in; empty where the cell has no value. */
  static Optional<Scope> of(Cut cut, Cell cell) {
    List<String> values = new ArrayList<>(cut.dimensions().size());
    for (Dimension dimension : cut.dimensions()) {
      String value = dimension.of(cell);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      values.add(value);
    }
    return Optional.of(new Scope(cut, values));
  }

  /** Its values by the keys of their dimensions, in their order. */
  public SortedMap<String, String> toMap() {
    SortedMap<String, String> map = new TreeMap<>();
    for (int i = 0; i < values.size(); i++) {
      map.put(cut.dimensions().get(i).key(), values.get(i));
    }
    return Collections.unmodifiableSortedMap(map);
  }

  /** Whether all of the cell belongs to it; never where cells do not know its dimensions. */
  public boolean contains(Cell cell) {
    for (int i = 0; i < values.size(); i++) {
      Dimension dimension = cut.dimensions().get(i);
      if (!dimension.isOfCells() || !dimension.of(cell).equals(values.get(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    toMap()
        .forEach(
            (key, value) ->
                text.append(text.isEmpty() ? "" : ",").append(key).append('=').append(value));
    return text.toString();
  }
}
