package io.outlay.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import static io.outlay.config.RuleType.Key.BASELINE;
import static io.outlay.config.RuleType.Key.CRITICAL;
import static io.outlay.config.RuleType.Key.DEVIATIONS;
import static io.outlay.config.RuleType.Key.DRIFT;
import static io.outlay.config.RuleType.Key.LEARN;
import static io.outlay.config.RuleType.Key.LIMIT_USD;
import static io.outlay.config.RuleType.Key.METHOD;
import static io.outlay.config.RuleType.Key.MIN_COUNT;
import static io.outlay.config.RuleType.Key.MIN_HISTORY_DAYS;
import static io.outlay.config.RuleType.Key.MIN_IMPACT_USD;
import static io.outlay.config.RuleType.Key.NEW_SCOPE_USD;
import static io.outlay.config.RuleType.Key.THRESHOLD;
import static io.outlay.config.RuleType.Key.WINDOW;

/**
 * The types of rules: which keys each takes beside {@code name}, {@code type}, {@code by}, {@code
 * severity} and {@code receivers}, and what a key is where the file does not say.
 */
public enum RuleType {
  /** Spend of a window against the same part of earlier ones. */
  SPEND_RATIO(
      Map.of(
          THRESHOLD, "1.2",
          WINDOW, "1d",
          BASELINE, "7d",
          MIN_IMPACT_USD, "1",
          MIN_HISTORY_DAYS, "3",
          CRITICAL, "2",
          METHOD, "average",
          DEVIATIONS, "3"),
      Set.of(DRIFT, NEW_SCOPE_USD, LEARN)),
  /** Spend over requests against earlier windows. */
  COST_PER_REQUEST_RATIO(
      Map.of(
          THRESHOLD, "1.5",
          WINDOW, "1h",
          BASELINE, "7d",
          MIN_IMPACT_USD, "1",
          MIN_HISTORY_DAYS, "3",
          MIN_COUNT, "100",
          CRITICAL, "3"),
      Set.of()),
  /** Spend of a window against a limit; the threshold is a share of it. */
  SPEND_LIMIT(Map.of(THRESHOLD, "1", WINDOW, "1d", CRITICAL, "2"), Set.of(LIMIT_USD)),
  /** Busy over allocated GPU time, below the threshold for the whole window. */
  GPU_UTILIZATION(
      Map.of(THRESHOLD, "0.5", WINDOW, "30m", MIN_IMPACT_USD, "1", CRITICAL, "0.1"), Set.of()),
  /** Mean latency against earlier windows. */
  LATENCY_RATIO(
      Map.of(
          THRESHOLD, "2",
          WINDOW, "15m",
          BASELINE, "7d",
          MIN_HISTORY_DAYS, "3",
          MIN_COUNT, "100",
          CRITICAL, "4"),
      Set.of()),
  /** Failed over all events. */
  ERROR_RATE(
      Map.of(THRESHOLD, "0.05", WINDOW, "15m", MIN_COUNT, "100", CRITICAL, "0.25"), Set.of()),
  /** Cache hits over lookups, below the threshold. */
  CACHE_HIT_RATE(Map.of(THRESHOLD, "0.2", WINDOW, "1h", MIN_COUNT, "100", CRITICAL, "0"), Set.of()),
  /** Mean quality score lower than before by a share of it, while money was saved. */
  QUALITY_DROP(
      Map.of(
          THRESHOLD, "0.1",
          WINDOW, "1d",
          BASELINE, "7d",
          MIN_HISTORY_DAYS, "3",
          MIN_COUNT, "30",
          CRITICAL, "0.25"),
      Set.of()),
  /** What the window's spend will come to against a limit; the threshold is a share of it. */
  FORECAST_OVERRUN(
      Map.of(THRESHOLD, "1", WINDOW, "30d", BASELINE, "7d", MIN_HISTORY_DAYS, "3", CRITICAL, "1.5"),
      Set.of(LIMIT_USD)),
  /** No event of the scope for a whole window. */
  DATA_STALE(Map.of(WINDOW, "1h", MIN_HISTORY_DAYS, "1"), Set.of());

  /** A key of a rule that not every type takes. */
  public enum Key {
    THRESHOLD("threshold"),
    WINDOW("window"),
    BASELINE("baseline"),
    MIN_IMPACT_USD("minImpactUsd"),
    MIN_HISTORY_DAYS("minHistoryDays"),
    MIN_COUNT("minCount"),
    LIMIT_USD("limitUsd"),
    METHOD("method"),
    DEVIATIONS("deviations"),
    DRIFT("drift"),
    NEW_SCOPE_USD("newScopeUsd"),
    LEARN("learn"),
    CRITICAL("critical");

    private final String text;

    Key(String text) {
      this.text = text;
    }

    /** As the file has it. */
    public String text() {
      return text;
    }

    /** Its value in a rule, as text; empty where the file does not say. */
    public Optional<String> in(OutlayConfig.Rule rule) {
      return switch (this) {
        case THRESHOLD -> rule.threshold().map(BigDecimal::toPlainString);
        case WINDOW -> rule.window().map(Duration::toString);
        case BASELINE -> rule.baseline().map(Duration::toString);
        case MIN_IMPACT_USD -> rule.minImpactUsd().map(BigDecimal::toPlainString);
        case MIN_HISTORY_DAYS -> rule.minHistoryDays().map(String::valueOf);
        case MIN_COUNT -> rule.minCount().map(String::valueOf);
        case LIMIT_USD -> rule.limitUsd().map(BigDecimal::toPlainString);
        case METHOD -> rule.method();
        case DEVIATIONS -> rule.deviations().map(BigDecimal::toPlainString);
        case DRIFT -> rule.drift().map(BigDecimal::toPlainString);
        case NEW_SCOPE_USD -> rule.newScopeUsd().map(BigDecimal::toPlainString);
        case LEARN -> rule.learn().map(String::valueOf);
        case CRITICAL -> rule.critical().map(BigDecimal::toPlainString);
      };
    }
  }

  /** All names, as the file has them. */
  public static final List<String> NAMES = Arrays.stream(values()).map(RuleType::text).toList();

  private final Map<Key, String> defaults;
  private final Set<Key> others;

  RuleType(Map<Key, String> defaults, Set<Key> others) {
    this.defaults = defaults;
    this.others = others;
  }

  /** The type of a name; empty if there is none. */
  public static Optional<RuleType> find(String text) {
    return Arrays.stream(values()).filter(type -> type.text().equals(text)).findFirst();
  }

  /** Its name, as the file has it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether rules of the type take a key. */
  public boolean takes(Key key) {
    return defaults.containsKey(key) || others.contains(key);
  }

  /** A number: what the rule says, else the default; empty if there is neither. */
  public Optional<BigDecimal> number(OutlayConfig.Rule rule, Key key) {
    return key.in(rule).or(() -> Optional.ofNullable(defaults.get(key))).map(BigDecimal::new);
  }

  /** A length of time: what the rule says, else the default. */
  public Optional<Duration> duration(OutlayConfig.Rule rule, Key key) {
    return key.in(rule)
        .map(Duration::parse)
        .or(() -> Optional.ofNullable(defaults.get(key)).map(new DurationConverter()::convert));
  }

  /** A word: what the rule says, else the default; empty if there is neither. */
  public Optional<String> word(OutlayConfig.Rule rule, Key key) {
    return key.in(rule).or(() -> Optional.ofNullable(defaults.get(key)));
  }
}
