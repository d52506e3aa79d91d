package io.outlay.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Prices from the file that a person wrote to the fact that they rate. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PricesIT {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final String LIST =
      """
      format: outlay-prices/1
      asOf: 2026-11-01
      currency: USD
      models:
        - {provider: acme, model: frontier, aliases: [frontier-latest],
           rates: {input: 2, cacheRead: 0.2, output: 8}, tiers: {flex: {multiplier: 0.5}}}
        - {provider: acme, model: frontier, team: search, rates: {input: 1, output: 4}}
      """;

  private static RunningStack stack;

  @BeforeAll
  static void start() throws Exception {
    stack = RunningStack.start("timezone: UTC");
  }

  @AfterAll
  static void stop() throws Exception {
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  @Order(1)
  void givenNoPrice_thenTheUsageIsUnpricedAndListed() throws Exception {
    post("before", "ads", "frontier", "");

    assertThat(explain("provider=acme&model=frontier&input=1").get("status").asText())
        .isEqualTo("UNPRICED");
    fact("before", "UNPRICED\t0\t0");
    assertThat(stack.scalar("SELECT provider, model, events FROM unpriced_usage"))
        .isEqualTo("acme\tfrontier\t1");
    HttpResponse<String> metrics =
        HTTP.send(
            HttpRequest.newBuilder(stack.streams().resolve("/q/metrics")).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(metrics.body())
        .containsPattern(
            "(?m)^outlay_usage_unpriced_total\\{model=\"frontier\",provider=\"acme\",?\\} 1\\.0$")
        .containsPattern("(?m)^outlay_streams_running 1\\.0$")
        .containsPattern("(?m)^outlay_streams_lag \\d");
  }

  @Test
  @Order(2)
  void givenDryRunOrWrongFile_thenNothingChangesAndTheAnswerSaysWhatIsWrong() throws Exception {
    JsonNode plan = put("?dryRun=true", LIST, 200);
    assertThat(plan.get("applied").asBoolean()).isFalse();
    assertThat(plan.get("added").asInt()).isEqualTo(2);

    JsonNode wrong =
        put(
            "",
            LIST.replace("input: 2", "input: -2")
                .replace("model: frontier, t", "modle: frontier, t"),
            400);
    assertThat(wrong.get("detail").asText())
        .isEqualTo("the file has 3 faults; nothing was changed");
    assertThat(wrong.get("faults").toString()).contains("line 6").contains("-2").contains("modle");
    assertThat(put("?format=xml", LIST, 400).get("detail").asText())
        .isEqualTo("format: must be one of outlay, csv, litellm, was xml");
    assertThat(put("?from=yesterday", LIST, 400).get("detail").asText())
        .startsWith("from: must be a date");
    assertThat(get("/v1/prices?provider=acme")).isEmpty();
  }

  @Test
  @Order(3)
  void givenImport_thenWhatComesIsRatedByIt_negotiatedAndTiersToo() throws Exception {
    JsonNode done = put("?origin=test", LIST, 200);
    assertThat(done.get("applied").asBoolean()).isTrue();
    assertThat(put("?origin=test", LIST, 200).get("unchanged").asInt()).isEqualTo(2);

    post("list", "ads", "frontier-latest", "");
    post("flex", "ads", "frontier", "\"serviceTier\":\"flex\",");
    post("negotiated", "search", "frontier", "");

    // 1,000 input and 100 output tokens
    fact("list", "PRICED\t0.0028\t0.0028");
    fact("flex", "PRICED\t0.0014\t0.0014");
    fact("negotiated", "PRICED\t0.0014\t0.0028");
    JsonNode explained = explain("provider=acme&model=frontier&team=search&input=1000&output=100");
    assertThat(explained.get("cost").asText()).isEqualTo("0.0014");
    assertThat(explained.get("listCost").asText()).isEqualTo("0.0028");
    assertThat(explained.get("bills").get(0).get("lines")).hasSize(2);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(stack.scalar("SELECT count() FROM prices WHERE provider = 'acme'"))
                    .isEqualTo("2"));
  }

  @Test
  @Order(4)
  void givenNewPriceFromADate_thenTheFormerGetsItsEndAndThePastKeepsItsPrice() throws Exception {
    JsonNode done =
        put(
            "?from=2026-11-15",
            """
            format: outlay-prices/1
            models:
              - {provider: acme, model: frontier, aliases: [frontier-latest],
                 rates: {input: 4, cacheRead: 0.4, output: 16}}
            """,
            200);

    assertThat(done.get("added").asInt()).isEqualTo(1);
    assertThat(done.get("ended").asInt()).isEqualTo(1);
    assertThat(done.get("changesPastFrom").asText()).isEqualTo("2026-11-15T00:00:00Z");
    String usage = "provider=acme&model=frontier&input=1000000&time=";
    assertThat(explain(usage + "2026-11-14T23:59:59.999999Z").get("cost").asText()).isEqualTo("2");
    assertThat(explain(usage + "2026-11-15T00:00:00Z").get("cost").asText()).isEqualTo("4");
  }

  @Test
  @Order(5)
  void givenLiteLlmsList_thenItIsImportedAndWhatCannotBeExpressedIsListed() throws Exception {
    JsonNode done =
        put(
            "?format=litellm",
            """
            {"sample_spec": {"mode": "chat"},
             "acme-two": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 1.5e-07,
               "output_cost_per_token": 6e-07, "cache_read_input_token_cost": 7.5e-08,
               "input_cost_per_token_above_200k_tokens": 3e-07,
               "output_cost_per_token_above_200k_tokens": 1.2e-06,
               "cache_read_input_token_cost_above_200k_tokens": 1.5e-07,
               "supports_vision": true},
             "acme-three": {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 1e-07,
               "output_cost_per_token": 6e-07, "cost_of_magic": 1e-06}}
            """,
            200);

    assertThat(done.get("added").asInt()).isEqualTo(1);
    assertThat(done.get("refused").toString()).contains("acme-three").contains("cost_of_magic");
    String usage = "provider=acme&model=acme-two&output=1000&input=";
    assertThat(explain(usage + "200000").get("cost").asText()).isEqualTo("0.0306");
    assertThat(explain(usage + "200001").get("cost").asText()).isEqualTo("0.0612003");
  }

  @Test
  @Order(6)
  void givenTheBookAsYaml_thenItCanBeImportedAgainAndChangesNothing() throws Exception {
    HttpResponse<String> yaml =
        HTTP.send(
            HttpRequest.newBuilder(stack.streams().resolve("/v1/prices"))
                .header("Accept", "application/yaml")
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(yaml.body()).startsWith("format: outlay-prices/1");

    JsonNode again = put("", yaml.body(), 200);

    assertThat(again.get("added").asInt()).isZero();
    assertThat(again.get("changed").asInt()).isZero();
    assertThat(again.get("unchanged").asInt()).isGreaterThan(200);
  }

  @Test
  @Order(7)
  void givenWrongQuestion_thenTheParameterIsNamed() throws Exception {
    assertThat(explain("provider=acme&model=frontier&inptu=1").get("detail").asText())
        .startsWith("inptu: is not a parameter here");
    assertThat(explain("provider=acme&input=1").get("detail").asText())
        .startsWith("model: is required");
    assertThat(explain("provider=acme&model=m&input=-1").get("detail").asText())
        .isEqualTo("input: must be >= 0, was -1");
    assertThat(explain("provider=acme&model=m&input=1.5").get("detail").asText())
        .isEqualTo("input: must be a whole number, was 1.5");
  }

  private static void post(String id, String team, String model, String more) throws Exception {
    HttpResponse<String> answer =
        stack.post(
            """
            {"specversion":"1.0","id":"%s","source":"prices-it","type":"io.outlay.llm.usage",
             "data":{"team":"%s","provider":"acme","model":"%s",%s"tokens":{"input":1000,"output":100}}}"""
                .formatted(id, team, model, more));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static void fact(String id, String expected) {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(
                        stack.scalar(
                            "SELECT pricing_status, cost, list_cost FROM usage_costs WHERE"
                                + " source = 'prices-it' AND event_id = '"
                                + id
                                + "'"))
                    .isEqualTo(expected));
  }

  private static JsonNode explain(String query) throws Exception {
    return get("/v1/prices/explain?" + query);
  }

  private static JsonNode get(String path) throws Exception {
    return MAPPER.readTree(
        HTTP.send(
                HttpRequest.newBuilder(stack.streams().resolve(path)).build(),
                HttpResponse.BodyHandlers.ofString())
            .body());
  }

  private static JsonNode put(String query, String list, int status) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(stack.streams().resolve("/v1/prices" + query))
                .PUT(BodyPublishers.ofString(list))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return MAPPER.readTree(answer.body());
  }
}
