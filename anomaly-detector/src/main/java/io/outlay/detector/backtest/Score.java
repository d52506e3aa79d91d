package io.outlay.detector.backtest;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How well alerts tell what happened. A label is found if an alert matches it ({@link
 * Label#matches}); further alerts that match it are repeats, and an alert that matches none is
 * false. An alert that matches several counts for each.
 *
 * @param found the first alert of each label that has one
 * @param missed labels without
 * @param repeats alerts that match a label that was found before
 * @param falseAlerts alerts that match no label
 */
public record Score(
    Map<Label, Alert> found, List<Label> missed, int repeats, List<Alert> falseAlerts) {
  private static final int PLACES = 4;

  /** Holds alerts, by time, against labels. */
  public static Score of(List<Alert> alerts, List<Label> labels) {
    Map<Label, Alert> found = new LinkedHashMap<>();
    List<Alert> falseAlerts = new ArrayList<>();
    int repeats = 0;
    for (Alert alert : alerts) {
      List<Label> matching = labels.stream().filter(label -> label.matches(alert)).toList();
      if (matching.isEmpty()) {
        falseAlerts.add(alert);
      } else if (found.keySet().containsAll(matching)) {
        repeats++;
      }
      matching.forEach(label -> found.putIfAbsent(label, alert));
    }
    List<Label> missed = labels.stream().filter(label -> !found.containsKey(label)).toList();
    return new Score(found, missed, repeats, falseAlerts);
  }

  /** Found labels over found labels and false alerts, four places; empty if there was no alert. */
  public Optional<BigDecimal> precision() {
    return quotient(found.size(), found.size() + falseAlerts.size());
  }

  /** Found labels over all labels, four places; empty if there are none. */
  public Optional<BigDecimal> recall() {
    return quotient(found.size(), found.size() + missed.size());
  }

  /** Time from the start of a label to its first alert, of the middle one that was found. */
  public Optional<Duration> medianDelay() {
    List<Duration> delays =
        found.entrySet().stream()
            .map(entry -> Duration.between(entry.getKey().from(), entry.getValue().at()))
            .sorted()
            .toList();
    return delays.isEmpty() ? Optional.empty() : Optional.of(delays.get(delays.size() / 2));
  }

  /** USD beyond the expected at the first alerts of what was found, as the alerts say. */
  public BigDecimal lossUsd() {
    return found.values().stream().map(Alert::lossUsd).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static Optional<BigDecimal> quotient(int dividend, int divisor) {
    return divisor == 0
        ? Optional.empty()
        : Optional.of(
            BigDecimal.valueOf(dividend)
                .divide(BigDecimal.valueOf(divisor), PLACES, RoundingMode.HALF_EVEN));
  }
}
