package io.outlay.config;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Checks how many cuts a configuration needs beside team, model and feature: each costs the stack
 * what all other rollups cost, or more.
 */
final class CutChecks {
  /** Most that the stack keeps. */
  static final int MAX = 16;

  private static final Set<String> OF_ROLLUPS = Set.of("team", "model", "feature");

  private final List<String> problems;
  private final Set<Set<String>> seen = new TreeSet<>(CutChecks::compare);

  CutChecks(List<String> problems) {
    this.problems = problems;
  }

  void check(OutlayConfig config) {
    Map<String, Set<String>> wanted = wanted(config);
    for (Map.Entry<String, Set<String>> entry : wanted.entrySet()) {
      boolean isKept = OF_ROLLUPS.containsAll(entry.getValue());
      boolean isSound = entry.getValue().stream().allMatch(RuleChecks::isDimension);
      if (!isKept && isSound && seen.add(entry.getValue()) && seen.size() == MAX + 1) {
        problems.add(
            entry.getKey()
                + ": streams.cuts, rules and budgets together may need at most "
                + MAX
                + " cuts beside team, model and feature, this is another, was "
                + String.join("+", entry.getValue()));
      }
    }
  }

  /** The dimensions that each key asks for, in the order in which they are counted. */
  private static Map<String, Set<String>> wanted(OutlayConfig config) {
    Map<String, Set<String>> wanted = new LinkedHashMap<>();
    put(wanted, "streams.cuts", config.streams().cuts().orElse(List.of()));
    for (int i = 0; i < config.rules().size(); i++) {
      put(wanted, "rules[" + i + "].by", config.rules().get(i).by());
    }
    for (int i = 0; i < config.budgets().size(); i++) {
      wanted.put(
          "budgets[" + i + "].scope", new TreeSet<>(config.budgets().get(i).scope().keySet()));
    }
    return wanted;
  }

  private static void put(Map<String, Set<String>> wanted, String key, List<String> cuts) {
    for (int i = 0; i < cuts.size(); i++) {
      wanted.put(key + "[" + i + "]", new TreeSet<>(Arrays.asList(cuts.get(i).split("\\+", -1))));
    }
  }

  private static int compare(Set<String> one, Set<String> other) {
    return String.join("+", one).compareTo(String.join("+", other));
  }
}
