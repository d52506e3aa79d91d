package io.outlay.config;

import io.outlay.config.RuleType.Key;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Checks rules: each problem names key and value. */
final class RuleChecks {
  static final Set<String> DIMENSIONS =
      Set.of(
          "team",
          "model",
          "feature",
          "project",
          "customer",
          "user",
          "environment",
          "region",
          "provider",
          "operation");
  private static final String TAG = "tags.";
  private static final int MAX_TAG_LENGTH = 64;
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration SHORTEST = Duration.ofMinutes(5);
  private static final int MAX_DAYS = 35;
  private static final Set<RuleType> OF_HOURS =
      EnumSet.of(RuleType.SPEND_RATIO, RuleType.SPEND_LIMIT, RuleType.FORECAST_OVERRUN);
  private static final Map<Key, BigDecimal> MUST_EXCEED =
      Map.of(
          Key.MIN_COUNT, BigDecimal.ZERO,
          Key.LIMIT_USD, BigDecimal.ZERO,
          Key.DEVIATIONS, BigDecimal.ZERO,
          Key.DRIFT, BigDecimal.ONE,
          Key.NEW_SCOPE_USD, BigDecimal.ZERO);

  private final List<String> problems;
  private final Set<String> receivers;
  private final Set<String> names = new HashSet<>();

  RuleChecks(List<String> problems, Set<String> receivers) {
    this.problems = problems;
    this.receivers = receivers;
  }

  void check(OutlayConfig.Rule rule, String at) {
    if (!names.add(rule.name())) {
      problems.add(at + ".name: " + rule.name() + " is taken by another rule");
    }
    by(rule, at);
    for (int i = 0; i < rule.receivers().size(); i++) {
      String receiver = rule.receivers().get(i);
      if (!receivers.contains(receiver)) {
        problems.add(at + ".receivers[" + i + "]: no receiver is named " + receiver);
      }
    }
    rule.severity()
        .filter(severity -> !Set.of("info", "warning", "critical").contains(severity))
        .ifPresent(
            severity ->
                problems.add(at + ".severity: must be info, warning or critical, was " + severity));
    Optional<RuleType> known = RuleType.find(rule.type());
    if (known.isEmpty()) {
      problems.add(at + ".type: must be one of " + RuleType.NAMES + ", was " + rule.type());
      return;
    }
    RuleType type = known.get();
    for (Key key : Key.values()) {
      Optional<String> value = key.in(rule);
      if (value.isPresent() && !type.takes(key)) {
        problems.add(
            at + "." + key.text() + ": no key of a " + type.text() + " rule, was " + value.get());
      }
    }
    if (type.takes(Key.LIMIT_USD) && rule.limitUsd().isEmpty()) {
      problems.add(at + ".limitUsd: is missing; a " + type.text() + " rule needs it");
    }
    threshold(type, rule, at);
    windows(type, rule, at);
    rule.minImpactUsd()
        .filter(usd -> usd.signum() < 0)
        .ifPresent(usd -> problems.add(at + ".minImpactUsd: must be >= 0, was " + usd));
    MUST_EXCEED.forEach(
        (key, bound) ->
            key.in(rule)
                .filter(value -> new BigDecimal(value).compareTo(bound) <= 0)
                .ifPresent(
                    value ->
                        problems.add(
                            at + "." + key.text() + ": must be > " + bound + ", was " + value)));
    rule.method()
        .filter(method -> !Set.of("average", "robust").contains(method))
        .ifPresent(
            method -> problems.add(at + ".method: must be average or robust, was " + method));
  }

  void check(OutlayConfig.Planned planned, ZoneId zone, String at) {
    planned.scope().keySet().stream()
        .filter(dimension -> !isDimension(dimension))
        .forEach(
            dimension ->
                problems.add(
                    at
                        + ".scope."
                        + dimension
                        + ": must be of "
                        + new TreeSet<>(DIMENSIONS)
                        + " or tags.KEY, was "
                        + dimension));
    Optional<Instant> from = instant(at + ".from", planned.from(), zone);
    Optional<Instant> to = instant(at + ".to", planned.to(), zone);
    if (from.isPresent() && to.isPresent() && !from.get().isBefore(to.get())) {
      problems.add(at + ".to: must be after from, was " + planned.to());
    }
  }

  private Optional<Instant> instant(String key, String text, ZoneId zone) {
    try {
      return Optional.of(PlannedTimes.instant(text, zone));
    } catch (DateTimeParseException e) {
      problems.add(
          key + ": must be an instant such as 2026-11-27T08:00:00Z or a date, was " + text);
      return Optional.empty();
    }
  }

  private void by(OutlayConfig.Rule rule, String at) {
    if (rule.by().isEmpty()) {
      problems.add(at + ".by: must name at least one dimension");
    }
    for (int i = 0; i < rule.by().size(); i++) {
      String cut = rule.by().get(i);
      String key = at + ".by[" + i + "]";
      Set<String> seen = new HashSet<>();
      for (String dimension : cut.split("\\+", -1)) {
        if (!isDimension(dimension)) {
          problems.add(
              key + ": must be of " + new TreeSet<>(DIMENSIONS) + " or tags.KEY, was " + cut);
        } else if (!seen.add(dimension)) {
          problems.add(key + ": names " + dimension + " twice, was " + cut);
        }
      }
    }
  }

  /** Whether usage can be told apart by it. */
  static boolean isDimension(String key) {
    boolean tag =
        key.startsWith(TAG)
            && key.length() > TAG.length()
            && key.length() <= TAG.length() + MAX_TAG_LENGTH;
    return tag || DIMENSIONS.contains(key);
  }

  private void threshold(RuleType type, OutlayConfig.Rule rule, String at) {
    Optional<BigDecimal> threshold = type.number(rule, Key.THRESHOLD);
    if (threshold.isEmpty()) {
      return;
    }
    BigDecimal value = threshold.get();
    boolean share = value.signum() > 0 && value.compareTo(BigDecimal.ONE) < 0;
    switch (type) {
      case SPEND_RATIO, COST_PER_REQUEST_RATIO, LATENCY_RATIO ->
          require(value.compareTo(BigDecimal.ONE) > 0, at + ".threshold", "must be > 1", value);
      case SPEND_LIMIT, FORECAST_OVERRUN ->
          require(value.signum() > 0, at + ".threshold", "must be > 0", value);
      default -> require(share, at + ".threshold", "must be > 0 and < 1", value);
    }
    BigDecimal critical = type.number(rule, Key.CRITICAL).orElse(value);
    boolean below = type == RuleType.GPU_UTILIZATION || type == RuleType.CACHE_HIT_RATE;
    // A default that the threshold has overtaken is not the file's mistake: all of it is critical.
    if (rule.critical().isPresent()) {
      require(
          below ? critical.compareTo(value) <= 0 : critical.compareTo(value) >= 0,
          at + ".critical",
          below ? "must be at most the threshold" : "must be at least the threshold",
          critical);
    }
  }

  private void windows(RuleType type, OutlayConfig.Rule rule, String at) {
    Duration window = type.duration(rule, Key.WINDOW).orElse(DAY);
    boolean days = isMultiple(window, DAY) && window.toDays() <= MAX_DAYS;
    boolean hours = isMultiple(window, HOUR) && isMultiple(DAY, window);
    boolean minutes =
        isMultiple(window, Duration.ofMinutes(1))
            && isMultiple(HOUR, window)
            && window.compareTo(SHORTEST) >= 0;
    // Its past is kept by the hour.
    boolean ofHours = OF_HOURS.contains(type);
    boolean sound = days || hours || minutes && !ofHours;
    require(
        sound,
        at + ".window",
        ofHours
            ? "must be hours that divide a day or 1d to 35d, for a rule about spend"
            : "must be minutes that divide an hour (at least 5m), hours that divide a day, or 1d to"
                + " 35d",
        window);
    Optional<Duration> baseline = type.duration(rule, Key.BASELINE);
    if (baseline.isPresent() && sound && type != RuleType.FORECAST_OVERRUN) {
      require(
          isMultiple(baseline.get(), window)
              && isMultiple(baseline.get(), DAY)
              && baseline.get().toDays() <= MAX_DAYS,
          at + ".baseline",
          "must be 1d to 35d, whole days and whole windows",
          baseline.get());
    }
    long most = baseline.map(Duration::toDays).orElse((long) MAX_DAYS);
    type.number(rule, Key.MIN_HISTORY_DAYS)
        .filter(history -> rule.minHistoryDays().isPresent())
        .ifPresent(
            history ->
                require(
                    history.signum() > 0 && history.longValue() <= Math.max(1, most),
                    at + ".minHistoryDays",
                    "must be 1 to the days of baseline",
                    history));
  }

  private void require(boolean holds, String key, String what, Object value) {
    if (!holds) {
      problems.add(key + ": " + what + ", was " + value);
    }
  }

  private static boolean isMultiple(Duration whole, Duration part) {
    return whole.compareTo(part) >= 0
        && part.toMillis() > 0
        && whole.toMillis() % part.toMillis() == 0;
  }
}
