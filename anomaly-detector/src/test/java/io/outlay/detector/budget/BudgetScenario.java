package io.outlay.detector.budget;

import io.outlay.detector.MutableClock;
import io.outlay.detector.spend.Cell;
import io.outlay.schema.BudgetState;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Budgets with everything around them in memory. Now is Saturday, 2026-11-21T10:00:00Z. */
final class BudgetScenario implements BudgetLog, BudgetAlerts {
  static final Cell SEARCH = new Cell("search", "gpt", "rerank");
  static final Cell DOCS = new Cell("docs", "gpt", "chat");

  final MutableClock clock = new MutableClock(Instant.parse("2026-11-21T10:00:00Z"));
  final Map<String, BudgetState> log = new LinkedHashMap<>();
  final List<String> told = new ArrayList<>();
  final List<String> order = new ArrayList<>();
  final List<Budget> budgets;
  final ZoneId stackZone;
  private final Map<Cell, Map<LocalDate, BigDecimal>> days = new LinkedHashMap<>();
  boolean logIsAway;
  boolean alertsAreAway;
  BudgetTracker tracker;
  BudgetBook book;

  BudgetScenario(ZoneId stackZone, Budget... budgets) {
    this.stackZone = stackZone;
    this.budgets = List.of(budgets);
    start(this.budgets);
  }

  BudgetScenario(Budget... budgets) {
    this(ZoneOffset.UTC, budgets);
  }

  /** 1,000 USD a month for the team search. */
  static Budget budget() {
    return budget("0.7 0.85 0.9 0.95 1.0");
  }

  static Budget budget(String thresholds) {
    return budget("search-month", Map.of("team", "search"), Period.MONTH, thresholds);
  }

  static Budget of(Map<String, String> scope) {
    return budget("b", scope, Period.MONTH, "1");
  }

  static Budget of(Period period) {
    return budget("b", Map.of(), period, "1");
  }

  static Budget budget(String name, Map<String, String> scope, Period period, String thresholds) {
    return new Budget(
        name,
        new TreeMap<>(scope),
        period,
        ZoneOffset.UTC,
        new BigDecimal("1000"),
        Arrays.stream(thresholds.split(" ")).map(BigDecimal::new).toList(),
        true,
        true,
        List.of("oncall"));
  }

  static Budget in(ZoneId zone, Budget budget) {
    return new Budget(
        budget.name(),
        budget.scope(),
        budget.period(),
        zone,
        budget.limitUsd(),
        budget.thresholds(),
        budget.hard(),
        budget.forecast(),
        budget.receivers());
  }

  /** Starts anew, from what the topics hold. */
  void start(List<Budget> configured) {
    tracker = new BudgetTracker(configured, stackZone, Duration.ofDays(35));
    book = new BudgetBook(tracker, this, this, clock);
    log.forEach(book::restore);
    book.restored();
    days.forEach((cell, sums) -> sums.forEach((day, usd) -> put(cell, day, usd)));
  }

  /** Goes on with other budgets. */
  void goOnWith(Budget... configured) {
    tracker = new BudgetTracker(List.of(configured), stackZone, Duration.ofDays(35));
    book.goOnWith(tracker);
    days.forEach((cell, sums) -> sums.forEach((day, usd) -> put(cell, day, usd)));
  }

  /** The topic does not hold a day any more. */
  void forget(Cell cell, String date) {
    days.getOrDefault(cell, Map.of()).remove(LocalDate.parse(date));
  }

  /** Sets what a cell has spent on a day, with an event just now. */
  BudgetScenario day(Cell cell, String date, String usd) {
    LocalDate day = LocalDate.parse(date);
    days.computeIfAbsent(cell, any -> new LinkedHashMap<>()).put(day, new BigDecimal(usd));
    put(cell, day, new BigDecimal(usd));
    return this;
  }

  private void put(Cell cell, LocalDate day, BigDecimal usd) {
    tracker.putDay(cell, day.atStartOfDay(stackZone).toInstant(), usd, clock.instant());
    tracker.seen(clock.instant(), clock.instant());
  }

  BudgetState state() {
    return log.get(budgets.get(0).name());
  }

  String json() {
    return new String(
        book.find(budgets.get(0).name()).orElseThrow().json(),
        java.nio.charset.StandardCharsets.UTF_8);
  }

  @Override
  public void write(Map<String, Optional<BudgetState>> states) {
    if (logIsAway) {
      throw new BudgetLogException("away", new IllegalStateException());
    }
    states.forEach(
        (name, state) -> {
          order.add("write " + name);
          if (state.isPresent()) {
            log.put(name, state.get());
          } else {
            log.remove(name);
          }
        });
  }

  @Override
  public void stand(List<Standing> standings) {
    if (alertsAreAway) {
      throw new IllegalStateException("away");
    }
    standings.forEach(
        standing -> {
          order.add("tell " + standing.budget().name());
          told.add(
              standing.kind()
                  + " "
                  + standing.threshold().map(BigDecimal::toPlainString).orElse("-"));
        });
  }

  @Override
  public void only(List<Budget> known) {
    order.add("only " + known.size());
  }
}
