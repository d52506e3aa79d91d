package io.outlay.bench.detection;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The outcomes of many series in figures. */
final class Tally {
  private final List<Outcome> outcomes = new ArrayList<>();

  void add(Outcome outcome) {
    outcomes.add(outcome);
  }

  private List<Outcome> alarming() {
    return outcomes.stream().filter(outcome -> outcome.series().kind().isAlarming()).toList();
  }

  private List<Outcome> found() {
    return alarming().stream().filter(Outcome::isFound).toList();
  }

  /** Series in which something happened. */
  int events() {
    return alarming().size();
  }

  /** Events found over events. */
  double recall() {
    return events() == 0 ? 1 : (double) found().size() / events();
  }

  /** Alerts that were about nothing that happened. */
  int falseAlerts() {
    return outcomes.stream().mapToInt(outcome -> outcome.score().falseAlerts().size()).sum();
  }

  /** Events found over events found and false alerts. */
  double precision() {
    int all = found().size() + falseAlerts();
    return all == 0 ? 1 : (double) found().size() / all;
  }

  /** Further alerts about events that had been found. */
  int repeats() {
    return outcomes.stream().mapToInt(outcome -> outcome.score().repeats()).sum();
  }

  /** Hours from the start of an event to its alert: so many percent of those found took less. */
  double delayHours(int percentile) {
    double[] hours =
        found().stream()
            .map(Outcome::delay)
            .mapToDouble(delay -> delay.toMillis() / (double) Duration.ofHours(1).toMillis())
            .sorted()
            .toArray();
    return hours.length == 0
        ? Double.NaN
        : hours[Math.min(hours.length - 1, hours.length * percentile / 100)];
  }

  /** Median USD that an event had cost by its alert; in all, if there was none. */
  double medianUsdBeforeAlert() {
    double[] usd =
        alarming().stream()
            .mapToDouble(
                outcome -> outcome.isFound() ? outcome.usdBeforeAlert() : outcome.usdInAll())
            .sorted()
            .toArray();
    return usd.length == 0 ? Double.NaN : usd[usd.length / 2];
  }

  /** USD that all events had cost by their alerts, over what they cost in all. */
  double lossShare() {
    double lost =
        alarming().stream()
            .mapToDouble(
                outcome -> outcome.isFound() ? outcome.usdBeforeAlert() : outcome.usdInAll())
            .sum();
    double all = alarming().stream().mapToDouble(Outcome::usdInAll).sum();
    return all == 0 ? 0 : lost / all;
  }

  /** Events whose first alert names the cause over events found. */
  double causeRight() {
    List<Outcome> found = found();
    return found.isEmpty()
        ? 1
        : (double) found.stream().filter(Outcome::isCauseRight).count() / found.size();
  }

  /** Events found on a later day than the running one that would have sufficed. */
  long dayAfter() {
    return found().stream().filter(Outcome::isDayAfter).count();
  }
}
