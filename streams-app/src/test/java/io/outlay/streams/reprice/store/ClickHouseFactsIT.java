package io.outlay.streams.reprice.store;

import com.clickhouse.client.api.Client;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.CostRollup;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.QualityScore;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.ScopeRollup;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.sql.Migrations;
import io.outlay.sql.testing.ClickHouseEndpoint;
import io.outlay.streams.rollup.MinuteSums;
import io.outlay.streams.rollup.RandomFacts;
import io.outlay.streams.rollup.RandomFacts.RatedEvent;
import io.outlay.streams.rollup.RollupType;
import io.outlay.streams.rollup.ScopeSums;
import io.outlay.streams.rollup.WindowSums;
import io.outlay.streams.rollup.Windows;
import io.outlay.topic.ScopeKey;
import io.outlay.topic.WindowKey;
import io.outlay.usage.Cut;
import io.outlay.usage.EventType;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What the engine sums up of facts is what the topology sums up of the same facts. */
class ClickHouseFactsIT {
  private static final ZoneId ZONE = ZoneId.of("Asia/Kathmandu");
  private static final List<Cut> CUTS =
      List.of(Cut.parse("customer"), Cut.parse("team+region"), Cut.parse("tags.tier+provider"));

  private static ClickHouseEndpoint endpoint;
  private static Client client;
  private static final Set<LocalDate> DAYS = new HashSet<>();
  private static final Map<WindowKey, CostRollup> ROLLUPS = new HashMap<>();
  private static final Map<WindowKey, ScopeRollup> SCOPES = new HashMap<>();

  @BeforeAll
  static void storeFacts(@TempDir Path data) throws Exception {
    endpoint = ClickHouseEndpoint.start(data);
    client = endpoint.client();
    new Migrations(client, "outlay").apply();
    RandomFacts random = new RandomFacts(new Random(1));
    MinuteSums minutes = new MinuteSums();
    ScopeSums scopes = new ScopeSums(CUTS);
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      RatedEvent fact = random.next();
      minutes.add(fact.event(), fact.rating());
      scopes.add(fact.event(), fact.rating());
      DAYS.add(day(fact.event()));
      rows.add(row(i, fact.event(), fact.rating()));
    }
    insert(
        "usage_costs_store (event_key, event_id, type, event_time, day, team, feature, customer,"
            + " region, tags, provider, model, status, latency_ms, input_tokens,"
            + " cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens,"
            + " reasoning_tokens, input_audio_tokens, output_audio_tokens, input_image_tokens,"
            + " output_image_tokens, requests, gpu_seconds, utilization, cache_hit, score,"
            + " pricing_status, cost, list_cost, avoided_cost, revision)",
        rows);
    WindowSums<CostRollup> windows = new WindowSums<>(RollupType.COSTS, new Windows(ZONE));
    minutes.drain(windows::add);
    windows.drain(ROLLUPS::put);
    WindowSums<ScopeRollup> scopeWindows = new WindowSums<>(RollupType.SCOPES, new Windows(ZONE));
    scopes.drain(scopeWindows::add);
    scopeWindows.drain(SCOPES::put);
  }

  @AfterAll
  static void stop() {
    client.close();
    endpoint.close();
  }

  @Test
  void givenFactsWithoutRollups_thenTheRollupsOfTheTopologyAreMissing() {
    Map<WindowKey, CostRollup> wrong = new HashMap<>();
    ClickHouseFacts facts = new ClickHouseFacts(client, "outlay", ZONE);
    for (LocalDate day : DAYS) {
      facts.wrongRollups(day, rollup -> wrong.put(RollupType.COSTS.key(rollup), rollup));
    }

    ROLLUPS.values().forEach(rollup -> rollup.setRevision(1L));
    assertThat(wrong).isEqualTo(ROLLUPS);
  }

  @Test
  void givenScopesThatAreStoredWrong_thenTheyAreMendedAndOthersDoNotBegin() throws Exception {
    Map<WindowKey, ScopeRollup> expected = new HashMap<>();
    List<String> rows = new ArrayList<>();
    SCOPES.forEach(
        (key, rollup) -> {
          if (rollup.getWindow() == RollupWindow.HOUR) {
            TreeMap<String, String> scope = new TreeMap<>(rollup.getScope());
            rows.add(
                "(%s, 'hour', %s, %s, %s, 3)"
                    .formatted(
                        time(rollup.getWindowStartMicros()),
                        text(String.join("+", scope.keySet())),
                        map(scope),
                        text(ScopeKey.text(scope))));
            rollup.setRevision(4L);
            expected.put(key, rollup);
          }
        });
    insert("scope_rollups_store (window_start, window, cut, scope, scope_text, revision)", rows);

    Map<WindowKey, ScopeRollup> wrong = new HashMap<>();
    ClickHouseFacts facts = new ClickHouseFacts(client, "outlay", ZONE);
    for (LocalDate day : DAYS) {
      for (Cut cut : CUTS) {
        facts.wrongScopeRollups(
            day, cut, rollup -> wrong.put(RollupType.SCOPES.key(rollup), rollup));
      }
    }

    assertThat(expected).hasSizeGreaterThan(20);
    assertThat(wrong).isEqualTo(expected);
  }

  private static String row(int number, UsageEvent event, Rating rating) {
    Object detail = event.getDetail();
    LlmUsage llm = detail instanceof LlmUsage found ? found : null;
    GpuUsage gpu = detail instanceof GpuUsage found ? found : null;
    CacheLookup lookup = detail instanceof CacheLookup found ? found : null;
    TokenCounts t = llm == null ? TokenCounts.newBuilder().build() : llm.getTokens();
    String provider =
        llm != null
            ? llm.getProvider()
            : gpu != null ? gpu.getCloud() : lookup != null ? lookup.getProvider() : "";
    return List.of(
            "toUUID('00000000-0000-0000-0000-%012d')".formatted(number),
            text(event.getId()),
            text(EventType.ofDetail(detail).cloudEventType()),
            time(event.getEventTimeMicros()),
            text(day(event).toString()),
            text(event.getTeam()),
            text(event.getFeature()),
            text(event.getCustomer()),
            text(event.getRegion()),
            map(event.getTags()),
            text(provider),
            text(Cut.model(event)),
            text(llm == null ? "" : llm.getStatus()),
            number(llm == null ? null : llm.getLatencyMs()),
            number(t.getInput()),
            number(t.getCacheRead()),
            number(t.getCacheWrite5m()),
            number(t.getCacheWrite1h()),
            number(t.getOutput()),
            number(t.getReasoning()),
            number(t.getInputAudio()),
            number(t.getOutputAudio()),
            number(t.getInputImage()),
            number(t.getOutputImage()),
            number(llm == null ? 0L : llm.getRequests()),
            scaled(gpu == null ? 0L : gpu.getGpuMicros(), 6),
            scaled(gpu == null ? null : gpu.getUtilizationMillionths(), 6),
            lookup != null && lookup.getHit() ? "true" : "false",
            scaled(detail instanceof QualityScore score ? score.getScoreMillionths() : null, 6),
            text(rating.status().name()),
            scaled(rating.costPico(), 12),
            scaled(rating.listCostPico(), 12),
            scaled(rating.avoidedCostPico(), 12),
            "1")
        .stream()
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static LocalDate day(UsageEvent event) {
    return Instant.EPOCH
        .plus(event.getEventTimeMicros(), ChronoUnit.MICROS)
        .atZone(ZONE)
        .toLocalDate();
  }

  private static String time(long micros) {
    return "fromUnixTimestamp64Micro(" + micros + ", 'UTC')";
  }

  private static String text(String value) {
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static String map(Map<String, String> entries) {
    return entries.entrySet().stream()
        .map(entry -> text(entry.getKey()) + ", " + text(entry.getValue()))
        .collect(Collectors.joining(", ", "map(", ")"));
  }

  private static String number(@Nullable Long value) {
    return value == null ? "NULL" : value.toString();
  }

  private static String scaled(@Nullable Number unscaled, int scale) {
    return unscaled == null
        ? "NULL"
        : "'" + BigDecimal.valueOf(unscaled.longValue(), scale).toPlainString() + "'";
  }

  private static void insert(String table, List<String> rows) throws Exception {
    client
        .execute("INSERT INTO outlay." + table + " VALUES " + String.join(", ", rows))
        .get()
        .close();
  }
}
