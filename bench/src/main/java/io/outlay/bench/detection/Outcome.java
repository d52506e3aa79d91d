package io.outlay.bench.detection;

import io.outlay.detector.backtest.Alert;
import io.outlay.detector.backtest.Backtest;
import io.outlay.detector.backtest.Label;
import io.outlay.detector.backtest.Score;
import io.outlay.detector.rule.Explanation;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/**
 * What became of one series.
 *
 * @param alerts before the scoring
 * @param score {@link Score} tells what its parts mean
 */
record Outcome(SpendSeries series, List<Alert> alerts, Score score) {
  static final Instant JUDGED_FROM =
      SeriesGenerator.FIRST.plus(Duration.ofDays(SeriesGenerator.JUDGED_FROM));

  static Outcome of(SpendSeries series, Backtest rules) {
    List<Alert> alerts = rules.run(series.hours(), JUDGED_FROM, hour -> {});
    return new Outcome(series, alerts, Score.of(alerts, series.label().stream().toList()));
  }

  boolean isFound() {
    return !score.found().isEmpty();
  }

  /** The first alert about what happened. */
  Alert first() {
    return score.found().values().iterator().next();
  }

  Duration delay() {
    return Duration.between(series.label().orElseThrow().from(), first().at());
  }

  /** What it had truly cost by the first alert. */
  double usdBeforeAlert() {
    return series.extraUsd().headMap(first().at()).values().stream()
        .reduce(BigDecimal.ZERO, BigDecimal::add)
        .doubleValue();
  }

  /** What it cost in all: also what it had cost by the end if it was not found. */
  double usdInAll() {
    return series.extraUsd().values().stream()
        .reduce(BigDecimal.ZERO, BigDecimal::add)
        .doubleValue();
  }

  /** Whether the scope names the culprit, or the largest contributor of its dimension is it. */
  boolean isCauseRight() {
    String dimension = series.culprit().key();
    String culprit = series.label().orElseThrow().scope().get(dimension);
    Map<String, String> scope = first().scope().toMap();
    return scope.containsKey(dimension)
        ? scope.get(dimension).equals(culprit)
        : first().causes().stream()
            .filter(cause -> cause.dimension().equals(series.culprit()))
            .findFirst()
            .map(Explanation.Cause::value)
            .filter(culprit::equals)
            .isPresent();
  }

  /**
   * Whether it was found only on a later day, though it made the first one a quarter dearer than
   * usual where it happened, and by at least 20 USD: the running day would have sufficed.
   */
  boolean isDayAfter() {
    Label label = series.label().orElseThrow();
    if (series.kind() == Kind.DRIFT) {
      return false;
    }
    Instant midnight =
        label
            .from()
            .atZone(ZoneOffset.UTC)
            .toLocalDate()
            .plusDays(1)
            .atStartOfDay(ZoneOffset.UTC)
            .toInstant();
    BigDecimal extra =
        series.extraUsd().headMap(midnight).values().stream()
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    Instant dayStart = midnight.minus(Duration.ofDays(1));
    BigDecimal spent =
        series.hours().stream()
            .filter(hour -> !hour.start().isBefore(dayStart) && hour.start().isBefore(midnight))
            .filter(
                hour ->
                    label
                            .scope()
                            .getOrDefault("model", hour.cell().model())
                            .equals(hour.cell().model())
                        && label
                            .scope()
                            .getOrDefault("feature", hour.cell().feature())
                            .equals(hour.cell().feature()))
            .map(hour -> hour.costUsd())
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    boolean sufficed =
        extra.doubleValue() >= 0.25 * spent.subtract(extra).doubleValue()
            && extra.doubleValue() >= 20;
    return sufficed && !first().at().isBefore(midnight.plus(Duration.ofMinutes(5)));
  }
}
