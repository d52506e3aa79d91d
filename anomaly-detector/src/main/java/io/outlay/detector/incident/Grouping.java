package io.outlay.detector.incident;

import io.outlay.detector.rule.Explanation.Delta;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Scope;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One incident per cause. The same money, or the same failed calls, show in their team, their model
 * and their feature; whichever scope has the most of it stands for it, and scopes that owe at least
 * half of theirs to cells of that scope are its children and wake nobody.
 *
 * @param pages candidates that open an incident, weightiest first, each with its children
 * @param children of incidents that had been told already
 */
record Grouping(Map<Candidate, List<Candidate>> pages, Map<Scope, List<Candidate>> children) {
  private static final BigDecimal TWO = BigDecimal.valueOf(2);

  /**
   * Groups candidates of one rule and window.
   *
   * @param order of cuts, for candidates of equal weight
   * @param known scopes whose incidents have been told
   */
  static Grouping of(List<Candidate> candidates, List<Cut> order, List<Scope> known) {
    List<Candidate> sorted = new ArrayList<>(candidates);
    sorted.sort(
        Comparator.comparing(Candidate::weight)
            .reversed()
            .thenComparing(candidate -> order.indexOf(candidate.scope().cut()))
            .thenComparing(candidate -> candidate.scope().toString()));
    Map<Candidate, List<Candidate>> pages = new LinkedHashMap<>();
    Map<Scope, List<Candidate>> children = new LinkedHashMap<>();
    for (Candidate candidate : sorted) {
      Optional<Scope> told = known.stream().filter(scope -> explains(scope, candidate)).findFirst();
      if (told.isPresent()) {
        children.computeIfAbsent(told.get(), scope -> new ArrayList<>()).add(candidate);
        continue;
      }
      Optional<Candidate> parent =
          pages.keySet().stream().filter(page -> explains(page.scope(), candidate)).findFirst();
      if (parent.isPresent()) {
        pages.get(parent.get()).add(candidate);
      } else {
        pages.put(candidate, new ArrayList<>());
      }
    }
    return new Grouping(pages, children);
  }

  private static boolean explains(Scope parent, Candidate child) {
    BigDecimal inside = BigDecimal.ZERO;
    for (Delta delta : child.explanation().deltas()) {
      if (parent.contains(delta.cell())) {
        inside = inside.add(delta.usd());
      }
    }
    return inside.signum() > 0 && inside.multiply(TWO).compareTo(child.weight()) >= 0;
  }
}
