package io.outlay.streams.rollup;

import io.outlay.schema.CacheLookup;
import io.outlay.schema.CostRollup;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.ScopeRollup;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.streams.rollup.RandomFacts.RatedEvent;
import io.outlay.topic.RollupKey;
import io.outlay.topic.ScopeKey;
import io.outlay.topic.WindowKey;
import io.outlay.usage.Cut;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

import static org.assertj.core.api.Assertions.assertThat;

/** Against the sums of the same facts in BigDecimal, field by field of the schema. */
class RollupPropertiesTest {
  private static final List<Cut> CUTS =
      List.of(Cut.parse("customer"), Cut.parse("team+region"), Cut.parse("tags.tier+provider"));
  private static final ZoneId ZONE = ZoneId.of("Asia/Kathmandu");

  @Property(tries = 200)
  void rollupsAreTheSumsOfTheirFacts(@ForAll Random random) {
    RandomFacts facts = new RandomFacts(random);
    MinuteSums minutes = new MinuteSums();
    WindowSums<CostRollup> windows = new WindowSums<>(RollupType.COSTS, new Windows(ZONE));
    Map<WindowKey, CostRollup> rollups = new HashMap<>();
    ScopeSums scopes = new ScopeSums(CUTS);
    WindowSums<ScopeRollup> scopeWindows = new WindowSums<>(RollupType.SCOPES, new Windows(ZONE));
    Map<WindowKey, ScopeRollup> scopeRollups = new HashMap<>();
    Map<WindowKey, Map<String, BigDecimal>> expected = new HashMap<>();
    List<RatedEvent> known = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      if (!known.isEmpty() && random.nextInt(4) == 0) {
        RatedEvent former = known.remove(random.nextInt(known.size()));
        RatedEvent later = new RatedEvent(former.event(), facts.rating(2));
        minutes.replace(former.event(), former.rating(), later.rating());
        scopes.replace(former.event(), former.rating(), later.rating());
        known.add(later);
      } else {
        RatedEvent fact = facts.next();
        minutes.add(fact.event(), fact.rating());
        scopes.add(fact.event(), fact.rating());
        known.add(fact);
      }
      if (random.nextInt(10) == 0) {
        minutes.drain(windows::add);
        windows.drain(
            (key, change) ->
                rollups.merge(key, change, (sum, more) -> sum(RollupType.COSTS, sum, more)));
        scopes.drain(scopeWindows::add);
        scopeWindows.drain(
            (key, change) ->
                scopeRollups.merge(key, change, (sum, more) -> sum(RollupType.SCOPES, sum, more)));
      }
    }
    minutes.drain(windows::add);
    windows.drain(
        (key, change) ->
            rollups.merge(key, change, (sum, more) -> sum(RollupType.COSTS, sum, more)));
    scopes.drain(scopeWindows::add);
    scopeWindows.drain(
        (key, change) ->
            scopeRollups.merge(key, change, (sum, more) -> sum(RollupType.SCOPES, sum, more)));
    known.forEach(fact -> expect(expected, fact.event(), fact.rating()));

    assertThat(rollups.keySet()).isEqualTo(expected.keySet());
    rollups.forEach((key, rollup) -> assertSums(rollup, expected.get(key)));

    Map<WindowKey, Map<String, BigDecimal>> expectedOfScopes = new HashMap<>();
    known.forEach(fact -> expectScopes(expectedOfScopes, fact.event(), fact.rating()));
    assertThat(scopeRollups.keySet()).isEqualTo(expectedOfScopes.keySet());
    scopeRollups.forEach((key, rollup) -> assertSums(rollup, expectedOfScopes.get(key)));
  }

  private static void expectScopes(
      Map<WindowKey, Map<String, BigDecimal>> sums, UsageEvent event, Rating rating) {
    String provider = event.getDetail() instanceof LlmUsage llm ? llm.getProvider() : "";
    if (event.getDetail() instanceof GpuUsage gpu) {
      provider = gpu.getCloud();
    } else if (event.getDetail() instanceof CacheLookup lookup) {
      provider = lookup.getProvider();
    }
    String tier = event.getTags().get("tier");
    List<Map<String, String>> scopes =
        List.of(
            Map.of("customer", event.getCustomer()),
            Map.of("region", event.getRegion(), "team", event.getTeam()),
            Map.of("tags.tier", tier == null ? "" : tier, "provider", provider));
    ZonedDateTime time =
        Instant.EPOCH.plus(event.getEventTimeMicros(), ChronoUnit.MICROS).atZone(ZONE);
    for (Map<String, String> scope : scopes) {
      for (RollupWindow window : List.of(RollupWindow.MINUTE, RollupWindow.HOUR)) {
        ZonedDateTime start =
            time.truncatedTo(window == RollupWindow.HOUR ? ChronoUnit.HOURS : ChronoUnit.MINUTES);
        Map<String, BigDecimal> cell =
            sums.computeIfAbsent(
                ScopeKey.of(window, start.toEpochSecond() * 1_000_000, scope),
                k -> new HashMap<>());
        RandomFacts.shares(event, rating)
            .forEach((field, share) -> cell.merge(field, share, BigDecimal::add));
      }
    }
  }

  private static void expect(
      Map<WindowKey, Map<String, BigDecimal>> sums, UsageEvent event, Rating rating) {
    ZonedDateTime time =
        Instant.EPOCH.plus(event.getEventTimeMicros(), ChronoUnit.MICROS).atZone(ZONE);
    Map<RollupWindow, ZonedDateTime> starts =
        Map.of(
            RollupWindow.MINUTE, time.truncatedTo(ChronoUnit.MINUTES),
            RollupWindow.HOUR, time.truncatedTo(ChronoUnit.HOURS),
            RollupWindow.DAY, time.truncatedTo(ChronoUnit.DAYS));
    starts.forEach(
        (window, start) -> {
          RollupKey key =
              new RollupKey(
                  window,
                  start.toEpochSecond() * 1_000_000,
                  event.getTeam(),
                  Cut.model(event),
                  event.getFeature());
          Map<String, BigDecimal> cell = sums.computeIfAbsent(key, k -> new HashMap<>());
          RandomFacts.shares(event, rating)
              .forEach((field, share) -> cell.merge(field, share, BigDecimal::add));
        });
  }

  /** All fields from {@code events} on, so that none is added to the schema and forgotten. */
  static void assertSums(SpecificRecordBase rollup, Map<String, BigDecimal> expected) {
    Schema schema = rollup.getSchema();
    for (int i = schema.getField("events").pos(); i < schema.getFields().size(); i++) {
      String field = schema.getFields().get(i).name();
      if (!field.equals("revision") && !field.equals("lastEventMicros")) {
        assertThat(new BigDecimal(rollup.get(i).toString()))
            .as("%s of %s", field, rollup)
            .isEqualByComparingTo(expected.getOrDefault(field, BigDecimal.ZERO));
      }
    }
  }

  private static <R extends SpecificRecordBase> R sum(RollupType<R> type, R sum, R more) {
    type.add(sum, more);
    return sum;
  }
}
