package io.outlay.detector.rule;

import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.Signal;
import io.outlay.detector.spend.SpendStore;
import io.outlay.detector.spend.Sums;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Usage as the books would show it, by minute and by hour, and a rule that watches it. */
final class Traffic {
  static final List<Cut> CUTS = Dimension.OF_CELLS.stream().map(Cut::of).toList();
  static final Duration MAX_AGE = Duration.ofHours(1);

  final SpendStore store;
  private final Rule rule;
  private final ZoneId zone;
  private final Map<Slot, Facts> slots = new HashMap<>();
  private final Set<Slot> touched = new HashSet<>();
  private Instant wall = Instant.EPOCH;

  private record Slot(Cell cell, Instant start, boolean minute) {}

  /** Sums of what happens at one moment. */
  static final class Facts {
    private final Map<Signal, Long> counts = new EnumMap<>(Signal.class);
    private BigDecimal usd = BigDecimal.ZERO;
    private BigDecimal idle = BigDecimal.ZERO;
    private Instant last = Instant.MIN;

    Facts usd(String amount) {
      usd = usd.add(new BigDecimal(amount));
      return this;
    }

    Facts idle(String amount) {
      idle = idle.add(new BigDecimal(amount));
      return this;
    }

    Facts count(Signal signal, long count) {
      counts.merge(signal, count, Long::sum);
      return this;
    }

    private Sums sums() {
      Sums.Builder builder = Sums.of(usd, last).gpuIdle(idle);
      counts.forEach(builder::count);
      return builder.build();
    }
  }

  Traffic(Rule rule) {
    this(rule, ZoneOffset.UTC);
  }

  Traffic(Rule rule, ZoneId zone) {
    this.rule = rule;
    this.zone = zone;
    this.store = new SpendStore(zone, 9, Set.copyOf(rule.terms().by()), rule.needs(), MAX_AGE);
  }

  static Terms terms(String type, String threshold, String minImpactUsd) {
    return new Terms(
        "r",
        type,
        new BigDecimal(threshold),
        CUTS,
        new BigDecimal(minImpactUsd),
        List.of("oncall"));
  }

  /** Something happens every so often in {@code [from, to)}. */
  Traffic every(Duration step, Instant from, Instant to, Cell cell, Consumer<Facts> what) {
    for (Instant time = from; time.isBefore(to); time = time.plus(step)) {
      at(time, cell, what);
    }
    return this;
  }

  Traffic at(Instant time, Cell cell, Consumer<Facts> what) {
    Instant minute = time.truncatedTo(ChronoUnit.MINUTES);
    Instant hour = time.atZone(zone).truncatedTo(ChronoUnit.HOURS).toInstant();
    for (Slot slot : List.of(new Slot(cell, minute, true), new Slot(cell, hour, false))) {
      Facts facts = slots.computeIfAbsent(slot, any -> new Facts());
      what.accept(facts.count(Signal.EVENTS, 1));
      facts.last = time.isAfter(facts.last) ? time : facts.last;
      touched.add(slot);
    }
    wall = time.isAfter(wall) ? time : wall;
    return this;
  }

  /** The books show what happened, oldest first. */
  Traffic books() {
    touched.stream()
        .sorted(
            Comparator.comparing((Slot slot) -> slots.get(slot).last)
                .thenComparing(slot -> !slot.minute()))
        .forEach(
            slot -> {
              Sums sums = slots.get(slot).sums();
              if (slot.minute()) {
                store.putMinute(slot.cell(), slot.start(), sums, wall);
              } else {
                store.putHour(slot.cell(), slot.start(), sums, wall);
              }
            });
    touched.clear();
    return this;
  }

  Verdict judge(Scope scope) {
    return judge(scope, wall);
  }

  Verdict judge(Scope scope, Instant now) {
    books();
    return last(now).judge(store.find(scope).orElseThrow());
  }

  Verdict.Exceeded exceeded(Scope scope) {
    return (Verdict.Exceeded) judge(scope);
  }

  Explanation explain(Scope scope) {
    Verdict.Exceeded verdict = exceeded(scope);
    return last(wall).explain(store.find(scope).orElseThrow(), verdict.comparison());
  }

  private Judge last(Instant now) {
    List<Judge> judges = rule.judges(new Now(store.latestEvent().orElse(null), now));
    return judges.get(judges.size() - 1);
  }

  static Scope team(String name) {
    return Scope.of(Dimension.TEAM, name);
  }

  static Scope feature(String name) {
    return Scope.of(Dimension.FEATURE, name);
  }
}
