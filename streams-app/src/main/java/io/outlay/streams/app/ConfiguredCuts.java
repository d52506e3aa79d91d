package io.outlay.streams.app;

import io.outlay.config.OutlayConfig;
import io.outlay.usage.Cut;
import io.outlay.usage.Cuts;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The cuts that a configuration needs. */
final class ConfiguredCuts {
  private ConfiguredCuts() {}

  /**
   * Those that rules judge by, that budgets are for, and {@code streams.cuts}.
   *
   * @throws IllegalArgumentException if something is not a dimension, or if there are too many
   */
  static List<Cut> of(OutlayConfig config) {
    List<String> entries = new ArrayList<>(config.streams().cuts().orElse(List.of()));
    config.rules().forEach(rule -> entries.addAll(rule.by()));
    List<Set<String>> dimensions = new ArrayList<>();
    for (String entry : entries) {
      dimensions.add(new HashSet<>(Cut.parse(entry).dimensions()));
    }
    config.budgets().forEach(budget -> dimensions.add(new HashSet<>(budget.scope().keySet())));
    dimensions.removeIf(Set::isEmpty);
    return Cuts.of(dimensions);
  }
}
