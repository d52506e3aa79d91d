package io.outlay.bench;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a benchmark measured.
 *
 * @param headline name of the case that stands for the whole benchmark
 * @param cases in the order in which they are shown
 */
public record Figures(String headline, List<Case> cases) {
  /**
   * One thing that was measured.
   *
   * @param values a finite number for each metric that applies
   */
  public record Case(String name, Map<Metric, Double> values) {
    /** Copies the values. */
    public Case {
      values.forEach(
          (metric, value) -> {
            if (!Double.isFinite(value)) {
              throw new IllegalArgumentException(
                  name + ": " + metric.json() + " must be a number, was " + value);
            }
          });
      EnumMap<Metric, Double> copy = new EnumMap<>(Metric.class);
      copy.putAll(values);
      values = Collections.unmodifiableMap(copy);
    }
  }

  /**
   * Copies the cases.
   *
   * @throws IllegalArgumentException if the headline is none of them
   */
  public Figures {
    cases = List.copyOf(cases);
    if (cases.stream().noneMatch(each -> each.name().equals(headline))) {
      throw new IllegalArgumentException(
          "no case is named " + headline + ": " + cases.stream().map(Case::name).toList());
    }
  }

  /** The case that stands for all. */
  public Case headlineCase() {
    return cases.stream().filter(each -> each.name().equals(headline)).findFirst().orElseThrow();
  }
}
