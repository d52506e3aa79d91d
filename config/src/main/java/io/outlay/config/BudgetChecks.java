package io.outlay.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Checks budgets: each problem names key and value. */
final class BudgetChecks {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Set<String> OF_ROLLUPS = Set.of("team", "model", "feature");
  private static final int MAX_VALUE_LENGTH = 128;
  private static final int MAX_PLACES = 12;
  private static final int MAX_INTEGER_DIGITS = 15;
  private static final BigDecimal MAX_THRESHOLD = BigDecimal.valueOf(2);

  /** Days of the longest period of each kind. */
  private static final Map<String, Integer> DAYS =
      Map.of("day", 1, "week", 7, "month", 31, "quarter", 92);

  private static final int SECONDS_PER_HOUR = 3_600;

  // Offsets are compared at the start of each month of these years: clocks change at most twice a
  // year, months apart.
  private static final LocalDate COMPARED_FROM = LocalDate.of(2024, 1, 1);
  private static final int COMPARED_MONTHS = 240;

  private final List<String> problems;
  private final Set<String> receivers;
  private final ZoneId stackZone;
  private final Duration retention;
  private final Set<String> names = new HashSet<>();

  /**
   * @param stackZone whose hours and days the rollups have
   * @param retention of the hours
   */
  BudgetChecks(List<String> problems, Set<String> receivers, ZoneId stackZone, Duration retention) {
    this.problems = problems;
    this.receivers = receivers;
    this.stackZone = stackZone;
    this.retention = retention;
  }

  void check(OutlayConfig.Budget budget, String at) {
    if (!NAME.matcher(budget.name()).matches()) {
      problems.add(
          at
              + ".name: must be 1 to 64 letters, digits, dots, dashes and underscores, was "
              + budget.name());
    } else if (!names.add(budget.name())) {
      problems.add(at + ".name: " + budget.name() + " is taken by another budget");
    }
    budget.scope().forEach((dimension, value) -> scope(at, dimension, value));
    BigDecimal limit = budget.limitUsd();
    if (limit.signum() <= 0) {
      problems.add(at + ".limitUsd: must be > 0, was " + limit.toPlainString());
    } else if (limit.stripTrailingZeros().scale() > MAX_PLACES
        || limit.precision() - limit.scale() > MAX_INTEGER_DIGITS) {
      problems.add(
          at
              + ".limitUsd: must have at most 15 digits before the point and 12 after it, was "
              + limit);
    }
    thresholds(budget.thresholds(), at);
    if (!DAYS.containsKey(budget.period())) {
      problems.add(at + ".period: must be day, week, month or quarter, was " + budget.period());
    } else {
      zone(budget, at);
    }
    List<String> told = budget.receivers().orElse(List.of());
    for (int i = 0; i < told.size(); i++) {
      if (!receivers.contains(told.get(i))) {
        problems.add(at + ".receivers[" + i + "]: no receiver is named " + told.get(i));
      }
    }
  }

  private void scope(String at, String dimension, String value) {
    if (!RuleChecks.isDimension(dimension)) {
      problems.add(
          at
              + ".scope."
              + dimension
              + ": must be of "
              + new TreeSet<>(RuleChecks.DIMENSIONS)
              + " or tags.KEY, was "
              + dimension);
    }
    if (value.isBlank() || value.length() > MAX_VALUE_LENGTH) {
      problems.add(
          at + ".scope." + dimension + ": must have 1 to 128 characters, was \"" + value + "\"");
    }
  }

  private void thresholds(List<BigDecimal> thresholds, String at) {
    BigDecimal former = BigDecimal.ZERO;
    for (int i = 0; i < thresholds.size(); i++) {
      BigDecimal threshold = thresholds.get(i);
      String key = at + ".thresholds[" + i + "]";
      if (threshold.signum() <= 0 || threshold.compareTo(MAX_THRESHOLD) > 0) {
        problems.add(key + ": must be > 0 and at most 2, was " + threshold);
        return;
      }
      if (threshold.compareTo(former) <= 0) {
        problems.add(key + ": must ascend, was " + threshold + " after " + former);
        return;
      }
      former = threshold;
    }
  }

  /**
   * Days of the stack's zone are kept for longer than any period, by team, model and feature. Where
   * these do not do, periods are put together from hours, which must be there for all of it and
   * must not straddle its ends.
   */
  private void zone(OutlayConfig.Budget budget, String at) {
    ZoneId zone = budget.timezone().orElse(stackZone);
    boolean sameDays = zone.getRules().equals(stackZone.getRules());
    if (!sameDays && !sameMinutes(zone)) {
      problems.add(
          at
              + ".timezone: must differ from the timezone "
              + stackZone
              + " by whole hours, was "
              + zone);
      return;
    }
    boolean ofHours = !sameDays || !OF_ROLLUPS.containsAll(budget.scope().keySet());
    int days = DAYS.getOrDefault(budget.period(), 0);
    if (ofHours && retention.compareTo(Duration.ofDays(days)) < 0) {
      problems.add(
          at
              + ".period: needs a streams.retention of at least "
              + days
              + "d, because "
              + (sameDays
                  ? "its scope " + new TreeSet<>(budget.scope().keySet()) + " is kept by hours only"
                  : "its timezone " + zone + " is not the stack's")
              + ", was "
              + budget.period());
    }
  }

  private boolean sameMinutes(ZoneId zone) {
    ZoneRules one = zone.getRules();
    ZoneRules other = stackZone.getRules();
    for (int month = 0; month < COMPARED_MONTHS; month++) {
      Instant time = COMPARED_FROM.plusMonths(month).atStartOfDay().toInstant(ZoneOffset.UTC);
      int difference =
          one.getOffset(time).getTotalSeconds() - other.getOffset(time).getTotalSeconds();
      if (difference % SECONDS_PER_HOUR != 0) {
        return false;
      }
    }
    return true;
  }
}
