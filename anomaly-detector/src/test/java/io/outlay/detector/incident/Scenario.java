package io.outlay.detector.incident;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.detector.MutableClock;
import io.outlay.detector.delivery.Message;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.SpendRatioRule;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.SpendStore;
import io.outlay.schema.Incident;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A detector with everything around it in memory. Today is 2026-11-21. */
final class Scenario {
  static final Duration MAX_AGE = Duration.ofHours(1);
  static final List<Cut> CUTS = Dimension.OF_CELLS.stream().map(Cut::of).toList();
  static final LocalDate TODAY = LocalDate.parse("2026-11-21");

  final MutableClock clock;
  final List<Message> sent = new ArrayList<>();
  final Map<String, Incident> log = new LinkedHashMap<>();
  final ZoneId zone;
  final List<Rule> rules;
  boolean logIsAway;
  Contributors contributors = Contributors.NONE;
  SpendStore store;
  IncidentBook book;
  Detector detector;
  Desk desk;
  private final Map<Cell, Map<Instant, BigDecimal>> hours = new HashMap<>();
  private final Map<Cell, Map<Instant, Instant>> last = new HashMap<>();

  Scenario(ZoneId zone, Instant now, Rule... rules) {
    this.zone = zone;
    this.clock = new MutableClock(now);
    this.rules = List.of(rules);
    start();
  }

  static Scenario at(String now) {
    return new Scenario(ZoneOffset.UTC, Instant.parse(now), rule(ZoneOffset.UTC));
  }

  static SpendRatioRule rule(ZoneId zone) {
    return new SpendRatioRule(
        new Terms(
            "daily-spend",
            SpendRatioRule.TYPE,
            new BigDecimal("1.2"),
            CUTS,
            BigDecimal.ONE,
            List.of("oncall")),
        zone,
        7,
        3);
  }

  /** Starts anew, from what the topics hold. */
  void start() {
    Set<Cut> cuts = new HashSet<>(CUTS);
    rules.forEach(rule -> cuts.addAll(rule.terms().by()));
    store = new SpendStore(zone, 9, cuts);
    hours.forEach(
        (cell, sums) ->
            sums.forEach(
                (hour, usd) ->
                    store.put(cell, hour, usd, 100, last.get(cell).get(hour), clock.instant())));
    book = new IncidentBook(this::write);
    log.forEach(book::restore);
    IncidentJson json = new IncidentJson(URI.create("http://127.0.0.1:8082"));
    desk = new Desk(book, json, Set.of("oncall"), sent::add, () -> Duration.ZERO, clock);
    detector =
        new Detector(
            rules,
            store,
            zone,
            book,
            sent::add,
            json,
            Set.of("oncall"),
            contributors,
            MAX_AGE,
            clock);
    sent.addAll(book.owed());
  }

  private void write(List<Incident> incidents) {
    if (logIsAway) {
      throw new IncidentLogException("away", new IllegalStateException());
    }
    incidents.forEach(incident -> log.put(incident.getIncidentId(), incident));
  }

  /** Sets what a cell spent in the hour that an event lies in. */
  Scenario set(Cell cell, Instant event, String usd) {
    return set(cell, event, usd, 100);
  }

  Scenario set(Cell cell, Instant event, String usd, long requests) {
    Instant hour = event.atZone(zone).truncatedTo(java.time.temporal.ChronoUnit.HOURS).toInstant();
    BigDecimal cost = new BigDecimal(usd);
    hours.computeIfAbsent(cell, any -> new HashMap<>()).put(hour, cost);
    last.computeIfAbsent(cell, any -> new HashMap<>()).put(hour, event);
    store.put(cell, hour, cost, requests, event, clock.instant());
    return this;
  }

  /** Spreads a day's spend evenly over its 24 hours, up to an instant. */
  Scenario spend(Cell cell, LocalDate day, String usdOfDay, Instant until) {
    BigDecimal hourly =
        new BigDecimal(usdOfDay).divide(BigDecimal.valueOf(24), 12, RoundingMode.DOWN);
    for (int hour = 0; hour < 24; hour++) {
      Instant start = day.atTime(hour, 0).atZone(zone).toInstant();
      if (start.isBefore(until)) {
        Instant end = start.plus(Duration.ofHours(1));
        Instant stop = end.isBefore(until) ? end : until;
        BigDecimal part =
            hourly
                .multiply(BigDecimal.valueOf(Duration.between(start, stop).toMillis()))
                .divide(BigDecimal.valueOf(3_600_000), 12, RoundingMode.HALF_EVEN);
        // The last event of an hour comes just before its end
        set(cell, stop.minusMillis(1), part.toPlainString());
      }
    }
    return this;
  }

  /** Spends the same on each of the seven days before today. */
  Scenario week(Cell cell, String usdOfDay) {
    for (int ago = 7; ago >= 1; ago--) {
      spend(cell, TODAY.minusDays(ago), usdOfDay, Instant.MAX);
    }
    return this;
  }

  Scenario today(Cell cell, String usdOfDay) {
    return spend(cell, TODAY, usdOfDay, clock.instant());
  }

  /** Lets things settle and judges. */
  Scenario evaluate() {
    clock.advance(Detector.SETTLE);
    detector.evaluate();
    return this;
  }

  /** The only incident there is. */
  Incident incident() {
    if (log.size() != 1) {
      throw new AssertionError("one incident, not " + log.keySet());
    }
    return log.values().iterator().next();
  }

  /** Each time the body of what is sent says what type of state it is. */
  List<String> steps() {
    return types().stream().map(type -> type.substring(0, type.indexOf(' '))).toList();
  }

  JsonNode body(int i) {
    try {
      return new ObjectMapper().readTree(sent.get(i).body());
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  List<String> types() {
    List<String> types = new ArrayList<>();
    for (int i = 0; i < sent.size(); i++) {
      JsonNode body = body(i);
      types.add(
          body.get("type").asText().substring("io.outlay.incident.".length())
              + " "
              + body.at("/data/scope"));
    }
    return types;
  }
}
