package io.outlay.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.embedded.cli.AuditClient;
import io.outlay.embedded.cli.ClickHouseQuery;
import io.outlay.embedded.scenario.EventPublisher;
import io.outlay.embedded.scenario.Reckoning;
import io.outlay.embedded.scenario.Scenario;
import io.outlay.embedded.scenario.ScenarioEvent;
import io.outlay.price.PriceFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Usage in, dollars out: through real programs, once each, to the last digit. */
@TestMethodOrder(OrderAnnotation.class)
class PipelineIT {
  private static final int ALL_TYPES = 9;

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
  void aThousandEventsOfAllTypesPostedTwiceAreThereOnceAndCostWhatThePriceFileSays()
      throws Exception {
    // Given a thousand events, every type among them
    List<ScenarioEvent> events = thousand();
    EventPublisher publisher = new EventPublisher(stack.collectors(), "thousand");

    // When each is posted twice
    publisher.publish(events, line -> {});
    publisher.publish(events, line -> {});

    // Then each is there once, within ten seconds
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () ->
                assertThat(
                        stack.scalar("SELECT count() FROM usage_costs WHERE source = 'thousand'"))
                    .isEqualTo("1000"));
    BigDecimal expected =
        events.stream().map(ScenarioEvent::cost).reduce(BigDecimal.ZERO, BigDecimal::add);
    try (Connection connection = jdbc();
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT sum(cost), uniqExact(event_id), uniqExact(type), countIf(pricing_status = 'UNPRICED')"
                    + " FROM usage_costs WHERE source = 'thousand'")) {
      assertThat(result.next()).isTrue();
      assertThat(result.getBigDecimal(1)).isEqualByComparingTo(expected);
      assertThat(result.getLong(2)).isEqualTo(1_000);
      assertThat(result.getLong(3)).isEqualTo(ALL_TYPES);
      assertThat(result.getLong(4)).isZero();
    }
  }

  @Test
  @Order(2)
  void rollupsOfEveryWindowAddUpToTheFacts() {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> {
              String facts =
                  stack.scalar(
                      "SELECT team, model, feature, sum(cost), count() FROM usage_costs GROUP BY ALL ORDER BY ALL");
              for (String window : List.of("minute", "hour", "day")) {
                assertThat(
                        stack.scalar(
                            "SELECT team, model, feature, sum(cost), sum(events) FROM cost_rollups"
                                + " WHERE window = '"
                                + window
                                + "' GROUP BY ALL ORDER BY ALL"))
                    .as(window)
                    .isEqualTo(facts);
              }
            });
  }

  @Test
  @Order(3)
  void aMalformedEventInABatchHarmsNoOther() throws Exception {
    String body =
        IntStream.range(0, 100)
            .mapToObj(i -> event("m-" + i, i == 42 ? -5 : i))
            .collect(Collectors.joining(",", "[", "]"));

    HttpResponse<String> answer = stack.post(body);

    JsonNode result = new ObjectMapper().readTree(answer.body());
    assertThat(answer.statusCode()).isEqualTo(207);
    assertThat(result.path("accepted").asInt()).isEqualTo(99);
    assertThat(result.path("rejected")).hasSize(1);
    JsonNode rejected = result.path("rejected").get(0);
    assertThat(rejected.path("index").asInt()).isEqualTo(42);
    assertThat(rejected.path("id").asText()).isEqualTo("m-42");
    assertThat(rejected.path("field").asText()).isEqualTo("data.tokens.output");
    assertThat(rejected.path("error").asText()).contains("-5");
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(
                        stack.scalar("SELECT count() FROM usage_costs WHERE source = 'malformed'"))
                    .isEqualTo("99"));
  }

  @Test
  @Order(4)
  void nothingIsLostOrCountedTwiceWhenProgramsAreKilledWhileUsageFlows() throws Exception {
    // Given usage of which the first half has been sent
    List<ScenarioEvent> events = thousand();
    EventPublisher publisher = new EventPublisher(stack.collectors(), "killed");
    publisher.publish(events.subList(0, 500), line -> {});

    // When the topology and the sink are killed, the rest is sent with repetitions, and both start
    stack.kill("streams-app");
    stack.kill("clickhouse-sink");
    publisher.publish(events.subList(250, 1_000), line -> {});
    stack.up();

    // Then the books are those of the events, once each
    BigDecimal expected =
        events.stream().map(ScenarioEvent::cost).reduce(BigDecimal.ZERO, BigDecimal::add);
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () ->
                assertThat(
                        stack.scalar(
                            "SELECT count(), uniqExact(event_id), sum(cost) FROM usage_costs WHERE source = 'killed'"))
                    .startsWith("1000\t1000\t"));
    assertThat(
            new BigDecimal(
                stack.scalar("SELECT sum(cost) FROM usage_costs WHERE source = 'killed'")))
        .isEqualByComparingTo(expected);
    rollupsOfEveryWindowAddUpToTheFacts();
    theBooksBalance();
  }

  @Test
  @Order(5)
  void whatWasStoredIsThereAfterDownAndUp() throws Exception {
    String before = stack.scalar("SELECT count(), sum(cost) FROM usage_costs");

    stack.down();
    stack.up();

    assertThat(stack.scalar("SELECT count(), sum(cost) FROM usage_costs")).isEqualTo(before);
    // An event that was counted before is still known.
    assertThat(stack.post("[" + event("m-1", 1) + "," + event("m-100", 1) + "]").statusCode())
        .isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(
                        stack.scalar("SELECT count() FROM usage_costs WHERE source = 'malformed'"))
                    .isEqualTo("100"));
    rollupsOfEveryWindowAddUpToTheFacts();
    theBooksBalance();
  }

  @Test
  @Order(6)
  void whileUsageFlows_thereIsNothingThatTheAuditTakesForADifference() throws Exception {
    // Given usage that does not end before the audits do
    EventPublisher publisher = new EventPublisher(stack.collectors(), "flowing");
    List<ScenarioEvent> events = thousand();
    AtomicBoolean enough = new AtomicBoolean();
    CompletableFuture<Void> flow =
        CompletableFuture.runAsync(
            () -> {
              try {
                for (int i = 0; i + 5 <= events.size() && !enough.get(); i += 5) {
                  publisher.publish(events.subList(i, i + 5), line -> {});
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });

    // When audited meanwhile
    List<JsonNode> reports = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      reports.add(AuditClient.audit(stack.sink(), 30, line -> {}));
    }
    enough.set(true);
    flow.join();

    // Then some of it may be unsettled, none of it differs, and in the end all balances
    assertThat(reports)
        .allSatisfy(
            report ->
                assertThat(report.get("status").asText())
                    .as(report.toPrettyString())
                    .isNotEqualTo("differs"));
    theBooksBalance();
  }

  private static void theBooksBalance() throws Exception {
    JsonNode report = AuditClient.audit(stack.sink(), 60, line -> {});
    assertThat(AuditClient.isBalanced(report)).as(report.toPrettyString()).isTrue();
    assertThat(report.get("equations")).hasSize(10);
  }

  private static List<ScenarioEvent> thousand() {
    List<ScenarioEvent> all =
        new ArrayList<>(
            new Scenario(7, Instant.now(), new Reckoning(PriceFile.shipped())).history());
    Collections.shuffle(all, new Random(7));
    List<ScenarioEvent> some = new ArrayList<>();
    Set<String> types = new HashSet<>();
    for (ScenarioEvent event : all) {
      if (types.add(event.type())) {
        some.add(event);
      }
    }
    assertThat(types).hasSize(ALL_TYPES);
    for (ScenarioEvent event : all) {
      if (some.size() < 1_000 && !some.contains(event)) {
        some.add(event);
      }
    }
    return some;
  }

  private static String event(String id, int output) {
    return """
        {"specversion":"1.0","id":"%s","source":"malformed","type":"io.outlay.llm.usage",
         "data":{"team":"search","provider":"openai","model":"gpt-4o","tokens":{"input":10,"output":%d}}}
        """
        .formatted(id, output);
  }

  private static Connection jdbc() throws Exception {
    ClickHouseQuery clickhouse = stack.clickhouse();
    return DriverManager.getConnection(
        "jdbc:clickhouse:" + clickhouse.address() + "/outlay",
        clickhouse.user(),
        clickhouse.password());
  }
}
