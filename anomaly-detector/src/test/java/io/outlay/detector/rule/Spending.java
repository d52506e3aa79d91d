package io.outlay.detector.rule;

import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.SpendStore;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** The spend of one team, hour by hour, and rules that judge it. */
final class Spending {
  static final Cell CELL = new Cell("search", "gpt", "rerank");
  static final Set<Cut> CUTS = Set.of(Cut.of(Dimension.TEAM));

  final ZoneId zone;
  final SpendStore store;

  Spending(ZoneId zone) {
    this.zone = zone;
    this.store = new SpendStore(zone, 80, CUTS);
  }

  static Terms terms(String type, String threshold) {
    return new Terms(
        "rule", type, new BigDecimal(threshold), List.copyOf(CUTS), BigDecimal.ONE, List.of());
  }

  /** Spends in every real hour from a date to an instant what the function says, in USD. */
  Spending spend(String first, Instant until, ToDoubleFunction<ZonedDateTime> usd) {
    return spend(CELL, first, until, usd);
  }

  Spending spend(Cell cell, String first, Instant until, ToDoubleFunction<ZonedDateTime> usd) {
    Instant hour = LocalDate.parse(first).atStartOfDay(zone).toInstant();
    while (hour.isBefore(until)) {
      Instant end = hour.plus(Duration.ofHours(1));
      Instant last = end.isBefore(until) ? end : until;
      BigDecimal cost =
          BigDecimal.valueOf(usd.applyAsDouble(hour.atZone(zone)))
              .multiply(BigDecimal.valueOf(ChronoUnit.SECONDS.between(hour, last)))
              .divide(BigDecimal.valueOf(3_600), 12, RoundingMode.HALF_EVEN);
      store.put(cell, hour, cost, 10, last.minusMillis(1), until);
      hour = end;
    }
    return this;
  }

  ScopeSpend team() {
    return store.find(Scope.of(Dimension.TEAM, "search")).orElseThrow();
  }

  /** The verdict on the running window. */
  Verdict judge(Rule rule, Instant now) {
    List<Judge> judges = rule.judges(new Now(now, now));
    return judges.get(judges.size() - 1).judge(team());
  }

  Explanation explain(Rule rule, Instant now) {
    List<Judge> judges = rule.judges(new Now(now, now));
    Judge judge = judges.get(judges.size() - 1);
    return judge.explain(team(), judge.judge(team()).figures().orElseThrow());
  }

  Instant at(String local) {
    return java.time.LocalDateTime.parse(local).atZone(zone).toInstant();
  }
}
