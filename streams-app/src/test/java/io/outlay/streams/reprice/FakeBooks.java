package io.outlay.streams.reprice;

import io.outlay.schema.CostRollup;
import io.outlay.schema.Repricing;
import io.outlay.schema.RepricingFilter;
import io.outlay.schema.ScopeRollup;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.usage.Cut;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Topics and store in memory. As in life, what is written is not shown before it has arrived; and a
 * write may fail before or after it took effect.
 */
final class FakeBooks implements Books, FactStore, Arrivals, RepricingLog {
  private final ZoneId zone;
  private final Map<String, Fact> shown = new LinkedHashMap<>();
  private final List<Runnable> underWay = new ArrayList<>();
  final Map<String, Repricing> repricings = new LinkedHashMap<>();
  final List<Fact> written = new ArrayList<>();
  final List<CostRollup> deltas = new ArrayList<>();
  final List<CostRollup> rollups = new ArrayList<>();
  final List<ScopeRollup> scopeDeltas = new ArrayList<>();
  final List<ScopeRollup> scopeRollups = new ArrayList<>();
  final Map<LocalDate, List<CostRollup>> wrong = new TreeMap<>();
  final Map<LocalDate, List<ScopeRollup>> wrongScopes = new TreeMap<>();
  final List<String> steps = new ArrayList<>();
  int failAtWrite = Integer.MAX_VALUE;
  boolean failAfterEffect;
  @Nullable RuntimeException brokenStore;
  int writes;
  int opened;

  FakeBooks(ZoneId zone) {
    this.zone = zone;
  }

  /** A fact that is shown from the start. */
  void hold(UsageEvent event, Rating rating) {
    shown.put(event.getId(), new Fact(event, rating));
  }

  Rating shown(String id) {
    return shown.get(id).rating();
  }

  @Override
  public void write(List<Fact> facts, RollupChanges changes, Repricing progress) {
    writes++;
    if (writes == failAtWrite && !failAfterEffect) {
      throw new StoreAwayException("lost", new IllegalStateException());
    }
    steps.add(
        "write " + facts.size() + "/" + changes.deltas().size() + "/" + changes.rollups().size());
    written.addAll(facts);
    deltas.addAll(changes.deltas());
    rollups.addAll(changes.rollups());
    scopeDeltas.addAll(changes.scopeDeltas());
    scopeRollups.addAll(changes.scopeRollups());
    List<Fact> copy = List.copyOf(facts);
    underWay.add(() -> copy.forEach(fact -> shown.put(fact.usage().getId(), fact)));
    repricings.put(progress.getId(), Repricing.newBuilder(progress).build());
    if (writes == failAtWrite) {
      throw new StoreAwayException("answer lost", new IllegalStateException());
    }
  }

  @Override
  public void close() {
    steps.add("close");
  }

  @Override
  public void await() {
    steps.add("await");
    underWay.forEach(Runnable::run);
    underWay.clear();
  }

  @Override
  public List<Day> days(RepricingFilter filter, @Nullable LocalDate from) {
    if (brokenStore != null) {
      throw brokenStore;
    }
    Map<LocalDate, Long> days = new TreeMap<>();
    for (Fact fact : matching(filter)) {
      LocalDate day = day(fact);
      if (from == null || !day.isBefore(from)) {
        days.merge(day, 1L, Long::sum);
      }
    }
    List<Day> list = new ArrayList<>();
    days.forEach((day, facts) -> list.add(new Day(day, facts)));
    return list;
  }

  @Override
  public void read(RepricingFilter filter, LocalDate day, Consumer<Fact> to) {
    steps.add("read " + day);
    matching(filter).stream().filter(fact -> day(fact).equals(day)).forEach(to);
  }

  @Override
  public long unpriced() {
    return matching(RepricingFilter.newBuilder().setUnpricedOnly(true).build()).size();
  }

  @Override
  public void wrongRollups(LocalDate day, Consumer<CostRollup> to) {
    steps.add("rollups of " + day);
    wrong.getOrDefault(day, List.of()).forEach(to);
  }

  @Override
  public void wrongScopeRollups(LocalDate day, Cut cut, Consumer<ScopeRollup> to) {
    wrongScopes.getOrDefault(day, List.of()).stream()
        .filter(rollup -> rollup.getScope().keySet().equals(Set.copyOf(cut.dimensions())))
        .forEach(to);
  }

  @Override
  public List<Repricing> all() {
    List<Repricing> all = new ArrayList<>(repricings.values());
    java.util.Collections.reverse(all);
    return all;
  }

  @Override
  public @Nullable Repricing find(String id) {
    return repricings.get(id);
  }

  @Override
  public void catchUp() {}

  @Override
  public void request(Repricing repricing) {
    repricings.put(repricing.getId(), repricing);
  }

  private List<Fact> matching(RepricingFilter filter) {
    return shown.values().stream()
        .filter(
            fact ->
                !filter.getUnpricedOnly()
                    || fact.rating().status() == io.outlay.schema.PricingStatus.UNPRICED)
        .filter(
            fact -> filter.getTeam().isEmpty() || fact.usage().getTeam().equals(filter.getTeam()))
        .toList();
  }

  private LocalDate day(Fact fact) {
    return Instant.EPOCH
        .plus(fact.usage().getEventTimeMicros(), ChronoUnit.MICROS)
        .atZone(zone)
        .toLocalDate();
  }
}
