package io.outlay.sink.audit;

import io.outlay.sink.audit.Audit.Scope;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The checks of the books in ClickHouse. */
public final class Books {
  private final Query query;
  private final Supplier<Map<Integer, UsageOffsets>> usage;
  private final String usageTopic;
  private final ZoneId zone;
  private final Duration lately;

  /**
   * @param usage where the usage topic stands now
   * @param usageTopic its full name
   * @param zone of hours and days
   * @param lately how long ago a fact may have been rated for its day to be recent
   */
  public Books(
      Query query,
      Supplier<Map<Integer, UsageOffsets>> usage,
      String usageTopic,
      ZoneId zone,
      Duration lately) {
    this.query = query;
    this.usage = usage;
    this.usageTopic = usageTopic;
    this.zone = zone;
    this.lately = lately;
  }

  /** An audit of these books. */
  public Audit audit(Flow flow, Clock clock) {
    return new Audit(flow, this::checks, clock);
  }

  List<Check> checks(Scope scope) {
    List<Check> checks = new ArrayList<>();
    checks.add(new UsageCheck(query, usage));
    checks.add(new DeadLettersCheck(query, usageTopic));
    checks.add(new TotalsCheck(query));
    if (scope == Scope.ALL) {
      checks.add(new FactsCheck(query));
    }
    for (LocalDate day : days(scope)) {
      checks.add(new DayCheck(query, day, zone));
    }
    return checks;
  }

  /** Days in the zone that may hold a fact or rollup of the scope. */
  private TreeSet<LocalDate> days(Scope scope) {
    TreeSet<LocalDate> days = new TreeSet<>();
    for (List<String> row :
        query.rows(
            scope == Scope.ALL
                ? "SELECT DISTINCT toDate(event_time) FROM {database}.usage_costs_store"
                    + " UNION DISTINCT SELECT DISTINCT toDate(window_start) FROM"
                    + " {database}.cost_rollups_store SETTINGS max_threads = 2"
                : "SELECT DISTINCT toDate(event_time) FROM {database}.usage_costs_store WHERE"
                    + " rated_at > now64(6) - INTERVAL "
                    + lately.toSeconds()
                    + " SECOND SETTINGS max_threads = 2")) {
      LocalDate utc = LocalDate.parse(row.get(0));
      // A day of UTC lies in two of another zone.
      days.add(utc.atStartOfDay(ZoneOffset.UTC).withZoneSameInstant(zone).toLocalDate());
      days.add(
          utc.plusDays(1)
              .atStartOfDay(ZoneOffset.UTC)
              .minusNanos(1)
              .withZoneSameInstant(zone)
              .toLocalDate());
    }
    return days;
  }
}
