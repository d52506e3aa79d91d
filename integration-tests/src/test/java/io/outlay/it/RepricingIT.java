package io.outlay.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.embedded.cli.AuditClient;
import io.outlay.usage.EventKey;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Prices that come or change after the usage, and the books that follow. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RepricingIT {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final int MANY = 40_000;
  private static final int BATCH = 500;

  /** What the publisher said: all columns but those of the rating. */
  private static final String USAGE =
      "SELECT * EXCEPT (pricing_status, reason, price_id, price_version, cost, list_cost,"
          + " avoided_cost, prompt_cache_saved, tier_saved, revision, rated_at, kafka_partition,"
          + " kafka_offset) FROM usage_costs WHERE source = 'kinds' ORDER BY event_id";

  private static RunningStack stack;

  @BeforeAll
  static void start() throws Exception {
    stack = RunningStack.start("timezone: Europe/Berlin");
  }

  @AfterAll
  static void stop() throws Exception {
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  @Order(1)
  void givenPriceThatComesLater_thenUnpricedFactsAndRollupsGetItByThemselves() throws Exception {
    post(call("late-1", "2026-11-20T23:30:00Z", "frontier"));
    post(call("late-2", "2026-11-20T23:30:10Z", "frontier"));
    post(call("other", "2026-11-20T23:30:10Z", "still-unknown"));
    awaitFact("late-1", "UNPRICED\t0\t1");
    awaitFact("late-2", "UNPRICED\t0\t1");
    awaitFact("other", "UNPRICED\t0\t1");

    importPrice("model: frontier, rates: {input: 2, output: 8}");

    awaitFact("late-1", "PRICED\t0.0028\t2");
    awaitFact("late-2", "PRICED\t0.0028\t2");
    awaitFact("other", "UNPRICED\t0\t1");
    awaitBalanced();
    assertThat(
            stack.scalar(
                "SELECT window, toString(window_start), events, unpriced_events, cost FROM cost_rollups"
                    + " WHERE model = 'frontier' ORDER BY window"))
        .isEqualTo(
            """
            minute\t2026-11-20 23:30:00.000000\t2\t0\t0.0056
            hour\t2026-11-20 23:00:00.000000\t2\t0\t0.0056
            day\t2026-11-20 23:00:00.000000\t2\t0\t0.0056""");
    awaitSql(
        "SELECT requested_by, state, facts_changed, unpriced_before, old_cost, new_cost FROM"
            + " repricings",
        "outlay\tdone\t2\t2\t0\t0.0056");
  }

  @Test
  @Order(2)
  void givenCorrectedPrice_thenADryRunSaysWhatWouldChangeAndChangesNothing() throws Exception {
    importPrice("model: frontier, rates: {input: 3, output: 8}");

    JsonNode plan = reprice("provider=acme&model=front*&dryRun=true&by=ann&reason=invoice");

    assertThat(plan.get("factsRead").asInt()).isEqualTo(2);
    assertThat(plan.get("factsChanged").asInt()).isEqualTo(2);
    assertThat(plan.get("oldCost").asText()).isEqualTo("0.0056");
    assertThat(plan.get("newCost").asText()).isEqualTo("0.0076");
    assertThat(plan.get("difference").asText()).isEqualTo("0.002");
    assertThat(plan.get("shares").get(0).get("model").asText()).isEqualTo("frontier");
    awaitFact("late-1", "PRICED\t0.0028\t2");
  }

  @Test
  @Order(3)
  void givenRepricing_thenFactsRollupsAndTheRecordFollow_andTwiceChangesNothing() throws Exception {
    JsonNode done = reprice("provider=acme&from=2026-11-20&to=2026-11-21&by=ann&reason=invoice");

    assertThat(done.get("state").asText()).isEqualTo("done");
    assertThat(done.get("factsRead").asInt()).isEqualTo(3);
    assertThat(done.get("factsChanged").asInt()).isEqualTo(2);
    assertThat(done.get("difference").asText()).isEqualTo("0.002");
    // What is done is shown: no waiting.
    assertThat(fact("late-1")).isEqualTo("PRICED\t0.0038\t3");
    assertBalanced();
    awaitSql(
        "SELECT requested_by, reason, provider, state, old_cost, new_cost, finished_at >="
            + " started_at FROM repricings WHERE requested_by = 'ann' AND NOT dry_run",
        "ann\tinvoice\tacme\tdone\t0.0056\t0.0076\t1");

    JsonNode again = reprice("provider=acme&from=2026-11-20&to=2026-11-21");
    assertThat(again.get("factsChanged").asInt()).isZero();
    assertThat(fact("late-1")).isEqualTo("PRICED\t0.0038\t3");
  }

  @Test
  @Order(4)
  void givenEveryKindOfUsage_thenItIsTheSameAfterItWasRatedAgain() throws Exception {
    String[] kinds = {
      """
      "type":"io.outlay.llm.usage","data":{"team":"kinds","project":"p","feature":"f\\u00e9","customer":"c'\\\\","user":"u",
       "environment":"prod","region":"us-east-1","requestId":"r","traceId":"t","tags":{"k":"v","a":"b"},
       "provider":"acme","model":"frontier","baselineModel":"frontier","operation":"chat","serviceTier":"standard",
       "latencyMs":812,"status":"ok","requests":2,
       "tokens":{"input":1,"cacheRead":2,"cacheWrite5m":3,"cacheWrite1h":4,"output":5,"reasoning":6,
                 "inputAudio":7,"outputAudio":8,"inputImage":9,"outputImage":10}}""",
      """
      "type":"io.outlay.gpu.usage","data":{"team":"kinds","gpuModel":"A100-80GB","gpuSeconds":3600.5,"utilization":0.25,
       "purchaseOption":"spot","cloud":"aws","region":"us-east-1","node":"n","workload":"w"}""",
      """
      "type":"io.outlay.compute.usage","data":{"team":"kinds","cpuSeconds":7200,"memoryGbSeconds":14400.000001,
       "purchaseOption":"on_demand","cloud":"aws"}""",
      """
      "type":"io.outlay.cache.lookup","data":{"team":"kinds","layer":"semantic","hit":true,"provider":"acme",
       "model":"frontier","tokens":{"input":1000,"cacheRead":500,"output":300}}""",
      """
      "type":"io.outlay.cache.lookup","data":{"team":"kinds","layer":"exact","hit":false}""",
      """
      "type":"io.outlay.storage.move","data":{"team":"kinds","store":"s","dataset":"d","bytes":5000000000,
       "fromTier":"cold","toTier":"hot"}""",
      """
      "type":"io.outlay.storage.usage","data":{"team":"kinds","store":"s","dataset":"d","tier":"hot",
       "bytes":5000000000,"seconds":86400}""",
      """
      "type":"io.outlay.network.transfer","data":{"team":"kinds","bytes":5000000000,"path":"egress","cloud":"aws"}""",
      """
      "type":"io.outlay.quality.score","data":{"team":"kinds","metric":"faithfulness","score":0.75,"requestId":"r",
       "model":"frontier"}""",
      """
      "type":"io.outlay.cost.direct","data":{"team":"kinds","amount":"-12.345678901234","currency":"USD",
       "category":"support","description":"d"}"""
    };
    for (int i = 0; i < kinds.length; i++) {
      post(
          "{\"specversion\":\"1.0\",\"id\":\"k-%d\",\"source\":\"kinds\",\"time\":\"2026-11-20T10:00:00.123456Z\",%s}"
              .formatted(i, kinds[i]));
    }
    awaitSql("SELECT count() FROM usage_costs WHERE source = 'kinds'", "" + kinds.length);
    String before = stack.scalar(USAGE);
    assertThat(reprice("team=kinds").get("factsChanged").asInt()).isZero();

    importPrice("model: frontier, rates: {input: 4, output: 8}");
    put("discounts:\n  - {team: kinds, percent: 50}\n");
    JsonNode done = reprice("team=kinds");

    assertThat(done.get("factsRead").asInt()).isEqualTo(kinds.length);
    // Scores, misses and amounts known as such have no price; what a hit avoided is as dear as
    // ever.
    assertThat(
            stack.scalar(
                "SELECT event_id, cost, list_cost, avoided_cost FROM usage_costs WHERE source = 'kinds'"
                    + " AND revision = 2 ORDER BY event_id"))
        .isEqualTo(
            """
            k-0\t0.000168\t0.000336\t0
            k-1\t0.480066666667\t3.200444444444\t0
            k-2\t0.049400000001\t0.098800000001\t0
            k-3\t0\t0\t0.0042
            k-5\t0.05\t0.1\t0
            k-6\t0.001916666667\t0.003833333333\t0
            k-7\t0.225\t0.45\t0""");
    assertThat(done.get("factsChanged").asInt()).isEqualTo(7);
    assertThat(stack.scalar(USAGE)).isEqualTo(before);
    assertBalanced();
  }

  @Test
  @Order(9)
  void givenDaysThatTheTopologyHasForgotten_thenTheirRollupsFollowToo() throws Exception {
    // Facts that are older than anything Kafka or the topology still holds.
    for (String id : new String[] {"old-1", "old-2"}) {
      ByteBuffer key = ByteBuffer.wrap(EventKey.of("repricing-it", id).toBytes());
      stack.scalar(
          "INSERT INTO usage_costs_store SELECT * REPLACE (toUUID('%s') AS event_key, '%s' AS event_id, toDateTime64('2025-03-30 01:30:00', 6, 'UTC') AS event_time, toDate('2025-03-30') AS day, 1 AS revision) FROM usage_costs AS u WHERE u.event_id = 'late-1'"
              .formatted(new UUID(key.getLong(), key.getLong()), id));
    }
    stack.scalar(
        "INSERT INTO cost_rollups_store SELECT * REPLACE (2 AS events, 0.0076 AS cost, 0.0076 AS list_cost, 0 AS avoided_cost, 0 AS unpriced_events, 2 AS requests, 2000 AS input_tokens, 200 AS output_tokens, 17 AS revision, multiIf(window = 'minute', toDateTime64('2025-03-30 01:30:00', 6, 'UTC'), window = 'hour', toDateTime64('2025-03-30 01:00:00', 6, 'UTC'), toDateTime64('2025-03-29 23:00:00', 6, 'UTC')) AS window_start, toDate('2025-03-30') AS day) FROM cost_rollups AS r WHERE r.model = 'frontier' AND r.team = 'search'");
    assertBalanced();

    JsonNode done = reprice("model=frontier&to=2025-12-31");

    assertThat(done.get("factsChanged").asInt()).isEqualTo(2);
    assertThat(fact("old-1")).isEqualTo("PRICED\t0.0059\t2");
    assertBalanced();
    assertThat(
            stack.scalar(
                "SELECT window, cost, events, revision FROM cost_rollups WHERE toYear(day) = 2025"
                    + " ORDER BY window"))
        .isEqualTo("minute\t0.0118\t2\t18\nhour\t0.0118\t2\t18\nday\t0.0118\t2\t18");
  }

  @Test
  @Order(6)
  void givenKillHalfWay_thenItGoesOnByItselfAndTheBooksBalance() throws Exception {
    for (int first = 0; first < MANY; first += BATCH) {
      post(
          IntStream.range(first, first + BATCH)
              .mapToObj(
                  i ->
                      call(
                          "many-" + i,
                          "2026-11-%02dT%02d:15:00Z".formatted(10 + i % 8, i % 24),
                          "frontier"))
              .collect(Collectors.joining(",", "[", "]")));
    }
    awaitSql(
        "SELECT count() FROM usage_costs WHERE event_id LIKE 'many-%' AND cost = 0.0048",
        "" + MANY);
    importPrice("model: frontier, rates: {input: 5, output: 9}");

    String id = request("provider=acme&from=2026-11-10&to=2026-11-18").get("id").asText();
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> get("/v1/repricings/" + id).get("factsChanged").asInt() >= 1);
    stack.kill("streams-app");
    stack.up();

    JsonNode done = awaitDone(id);
    assertThat(done.get("state").asText()).isEqualTo("done");
    assertThat(done.get("factsChanged").asInt()).isEqualTo(MANY);
    assertThat(new BigDecimal(done.get("oldCost").asText())).isEqualByComparingTo("192");
    assertThat(new BigDecimal(done.get("newCost").asText())).isEqualByComparingTo("236");
    assertThat(
            stack.scalar(
                "SELECT count(), sum(cost), sum(revision) FROM usage_costs WHERE event_id LIKE"
                    + " 'many-%'"))
        .isEqualTo(MANY + "\t236\t" + 2 * MANY);
    assertBalanced();
    JsonNode audit = AuditClient.audit(stack.sink(), 60, line -> {});
    assertThat(audit.get("status").asText()).as(audit.toPrettyString()).isEqualTo("balanced");
  }

  @Test
  @Order(7)
  void givenWrongRequest_thenTheParameterIsNamed() throws Exception {
    assertThat(refused("")).startsWith("from: must be given, or another limit");
    assertThat(refused("team=a&modle=x")).startsWith("modle: is not a parameter here");
    assertThat(refused("from=yesterday")).startsWith("from: must be a date or an instant");
    assertThat(refused("from=2026-11-02&to=2026-11-01"))
        .isEqualTo("to: must be after from, was 2026-11-01");
    assertThat(refused("type=io.outlay.llm")).startsWith("type: must be one of");
    assertThat(refused("team=a&dryRun=yes")).isEqualTo("dryRun: must be true or false, was yes");
    assertThat(get("/v1/repricings/none").get("detail").asText())
        .isEqualTo("id: there is no repricing none");
  }

  private static String call(String id, String time, String model) {
    return """
        {"specversion":"1.0","id":"%s","source":"repricing-it","type":"io.outlay.llm.usage","time":"%s",
         "data":{"team":"search","provider":"acme","model":"%s","tokens":{"input":1000,"output":100}}}"""
        .formatted(id, time, model);
  }

  private static void post(String json) throws Exception {
    HttpResponse<String> answer = stack.post(json);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static void importPrice(String entry) throws Exception {
    put("models:\n  - {provider: acme, " + entry + "}\n");
  }

  private static void put(String sections) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(stack.streams().resolve("/v1/prices"))
                .PUT(BodyPublishers.ofString("format: outlay-prices/1\n" + sections))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static JsonNode reprice(String query) throws Exception {
    return awaitDone(request(query).get("id").asText());
  }

  private static JsonNode request(String query) throws Exception {
    HttpResponse<String> answer = ask(query);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return MAPPER.readTree(answer.body());
  }

  private static String refused(String query) throws Exception {
    HttpResponse<String> answer = ask(query);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    return MAPPER.readTree(answer.body()).get("detail").asText();
  }

  private static HttpResponse<String> ask(String query) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(stack.streams().resolve("/v1/repricings?" + query))
            .POST(BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode awaitDone(String id) {
    await()
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .until(() -> get("/v1/repricings/" + id).path("finishedAt").isTextual());
    try {
      return get("/v1/repricings/" + id);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static JsonNode get(String path) throws Exception {
    return MAPPER.readTree(
        HTTP.send(
                HttpRequest.newBuilder(stack.streams().resolve(path)).build(),
                HttpResponse.BodyHandlers.ofString())
            .body());
  }

  private static String fact(String id) throws Exception {
    return stack.scalar(
        "SELECT pricing_status, cost, revision FROM usage_costs WHERE source = 'repricing-it' AND"
            + " event_id = '"
            + id
            + "'");
  }

  private static void awaitFact(String id, String expected) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(fact(id)).isEqualTo(expected));
  }

  private static void awaitSql(String sql, String expected) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(stack.scalar(sql)).isEqualTo(expected));
  }

  private static void awaitBalanced() {
    await().atMost(Duration.ofSeconds(30)).untilAsserted(RepricingIT::assertBalanced);
  }

  /** The sums of the facts are those of each kind of window, for every scope. */
  private static void assertBalanced() throws Exception {
    assertThat(
            stack.scalar(
                """
                SELECT window, day, team, model, feature, sum(n), sum(u), sum(c), sum(l), sum(a), sum(e), sum(t), sum(g),
                       sum(b), sum(i), sum(h), sum(s) FROM (
                  SELECT window, day, team, model, feature, toInt64(events) AS n, toInt64(unpriced_events) AS u,
                         cost AS c, list_cost AS l, avoided_cost AS a, toInt64(status_events + 1000 * errors) AS e,
                         toInt64(latency_millis) AS t, toInt64(gpu_measured_millis) AS g, toInt64(gpu_busy_millis) AS b,
                         gpu_idle_cost AS i, toInt64(cache_lookups + 1000 * cache_hits) AS h,
                         toInt64(score_millionths) AS s FROM cost_rollups
                  UNION ALL
                  SELECT arrayJoin(['minute', 'hour', 'day']) AS window, day, team, model, feature, -1,
                         -toInt64(pricing_status = 'UNPRICED'), -cost, -list_cost, -ifNull(avoided_cost, 0),
                         -toInt64((status != '') + 1000 * (status NOT IN ('', 'ok'))), -toInt64(ifNull(latency_ms, 0)),
                         -if(utilization IS NULL, 0, toInt64(gpu_seconds * 1000)),
                         -ifNull(toInt64(gpu_seconds * 1000 * utilization), 0),
                         -ifNull(toDecimal128(roundBankers(toDecimal128(cost, 12) * toDecimal128(1 - utilization, 6), 12), 12), 0),
                         -toInt64((cache_layer != '') + 1000 * cache_hit), -ifNull(toInt64(toDecimal64(score, 6) * 1000000), 0)
                  FROM usage_costs)
                GROUP BY window, day, team, model, feature
                HAVING (sum(n), sum(u), sum(c), sum(l), sum(a), sum(e), sum(t), sum(g), sum(b), sum(i), sum(h), sum(s))
                    != (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)"""))
        .isEmpty();
  }
}
