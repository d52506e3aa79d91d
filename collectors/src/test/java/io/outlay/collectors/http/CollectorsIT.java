package io.outlay.collectors.http;

import io.outlay.collectors.testing.ProgramUnderTest;
import io.outlay.collectors.testing.RegistryStandIn;
import io.outlay.schema.UsageEvent;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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

/** The program as it is shipped, in a process of its own, against a real broker. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CollectorsIT {
  private static final Duration ACKNOWLEDGE_WITHIN = Duration.ofSeconds(3);
  private static final int MAX_BODY = 1_000_000;

  private static ProgramUnderTest program;
  private static final List<String> ACCEPTED = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    program =
        new ProgramUnderTest(
            "collectors-it",
            Map.of(
                "OUTLAY_COLLECTORS_ACKNOWLEDGEWITHIN",
                ACKNOWLEDGE_WITHIN.toMillis() + "ms",
                "OUTLAY_COLLECTORS_MAXBODYBYTES",
                Integer.toString(MAX_BODY)));
  }

  @AfterAll
  static void stop() throws Exception {
    if (program != null) {
      program.close();
    }
  }

  @Test
  @Order(1)
  void givenNoRegistry_thenStartsAndSaysThatItIsNotReady() throws Exception {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> get("/q/health/live").statusCode() == 200);

    assertThat(get("/q/health/ready").statusCode()).isEqualTo(503);
    HttpResponse<String> answer = post(event("early", 1));
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).hasValue("2");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains("\"status\":503").contains("is not reachable yet");
  }

  @Test
  @Order(2)
  void givenRegistry_thenReadyAndTheSchemaIsRegistered() throws Exception {
    await().until(() -> program.log().contains("waiting for the schema registry"));

    RegistryStandIn registry = program.startRegistry();

    program.awaitReady(Duration.ofSeconds(10));
    assertThat(registry.registered()).contains("/subjects/outlay.usage-value/versions");
    assertThat(program.log())
        .containsOnlyOnce("waiting for the schema registry")
        .doesNotContain("\tat ");
  }

  @Test
  @Order(3)
  void givenBatchWithOneMalformed_thenTheOthersAreStored() throws Exception {
    String body =
        IntStream.range(0, 100)
            .mapToObj(i -> event("e" + i, i == 42 ? -5 : i))
            .collect(Collectors.joining(",", "[", "]"));

    HttpResponse<String> answer = post(body);

    assertThat(answer.statusCode()).isEqualTo(207);
    assertThat(answer.body())
        .isEqualTo(
            "{\"accepted\":99,\"rejected\":[{\"index\":42,\"id\":\"e42\","
                + "\"field\":\"data.tokens.output\",\"error\":\"must be >= 0, was -5\"}]}");
    IntStream.range(0, 100).filter(i -> i != 42).forEach(i -> ACCEPTED.add("e" + i));
    assertThat(stored()).containsExactlyInAnyOrderElementsOf(ACCEPTED);
  }

  @Test
  @Order(4)
  void givenOneEvent_thenAccepted_andNoneValid_thenListed() throws Exception {
    HttpResponse<String> one = post(event("one", 1));
    assertThat(one.statusCode()).isEqualTo(200);
    assertThat(one.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(one.body()).isEqualTo("{\"accepted\":1,\"rejected\":[]}");
    ACCEPTED.add("one");

    HttpResponse<String> none = post("[{\"id\":\"\\ud800\"}, 5]");
    assertThat(none.statusCode()).isEqualTo(400);
    assertThat(none.body())
        .startsWith("{\"accepted\":0,\"rejected\":[{\"index\":0,\"id\":\"\ufffd\"")
        .contains("{\"index\":1,\"field\":\"$\",");
  }

  @Test
  @Order(5)
  void givenWhatIsNoRequestOfOurs_thenProblemDetails() throws Exception {
    assertProblem(post("[" + event("x", 1) + ", oops]"), 400, "Unrecognized token 'oops'");
    assertThat(post("{\n  oops}").body()).contains("\"line\":2,\"column\":3");
    assertProblem(post(""), 400, "the body is empty");
    assertProblem(
        send(request("/v1/events").header("Content-Type", "text/csv").POST(text("a,b"))),
        415,
        "supported are application/json");
    assertProblem(
        send(
            request("/v1/events")
                .header("Content-Type", "application/json")
                .header("Content-Encoding", "br")
                .POST(text("x"))),
        415,
        "supported are gzip and zstd");
    assertProblem(
        send(
            request("/v1/events")
                .header("Content-Type", "application/json")
                .header("ce-specversion", "1.0")
                .header("ce-id", "1")
                .header("ce-id", "2")
                .POST(text("{}"))),
        415,
        "ce-id is given twice");
    assertProblem(send(request("/v1/events").POST(text("{}"))), 415, "Content-Type is missing");
    assertProblem(get("/v1/events"), 405, "GET is not allowed at /v1/events");
    assertThat(get("/v1/events").headers().firstValue("Allow").orElse("")).contains("POST");
    assertProblem(get("/v1/nothing"), 404, "there is nothing at /v1/nothing");
    assertProblem(post(" ".repeat(MAX_BODY + 1)), 413, "at most 1000000 bytes");
    assertProblem(
        send(
            request("/v1/events")
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(new byte[3 * MAX_BODY])))),
        400,
        "");
    assertProblem(
        send(
            request("/v1/events")
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () ->
                            new ByteArrayInputStream(
                                " ".repeat(3 * MAX_BODY).getBytes(StandardCharsets.UTF_8))))),
        413,
        "at most 1000000 bytes");
    assertThat(post(event("after", 1)).statusCode()).isEqualTo(200);
    ACCEPTED.add("after");
  }

  @Test
  @Order(6)
  void givenRequestId_thenReturned_andNone_thenMade() throws Exception {
    HttpResponse<String> answer =
        send(
            request("/v1/events")
                .header("Content-Type", "application/json")
                .header("x-request-id", "mine-1")
                .POST(text("[]")));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("x-request-id")).hasValue("mine-1");
    assertThat(post("[]").headers().firstValue("x-request-id")).get().asString().hasSize(36);
    assertThat(get("/v1/nothing").headers().firstValue("x-request-id")).isPresent();
  }

  @Test
  @Order(7)
  void givenDescription_thenServed() throws Exception {
    HttpResponse<String> description = get("/q/openapi?format=json");

    assertThat(description.statusCode()).isEqualTo(200);
    assertThat(description.body())
        .contains("/v1/events")
        .contains("io.outlay.gpu.usage")
        .contains("01J9Z3Q4");
  }

  @Test
  @Order(8)
  void givenBrokerAway_thenUnavailableInTimeAndNotReady_andReadyWhenItIsBack() throws Exception {
    var broker = program.kafka().brokers().values().iterator().next();
    broker.shutdown();
    broker.awaitShutdown();

    long started = System.nanoTime();
    HttpResponse<String> answer = post(event("lost", 1));
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    assertThat(Duration.ofNanos(System.nanoTime() - started))
        .isLessThan(ACKNOWLEDGE_WITHIN.plusSeconds(2));
    await().atMost(Duration.ofSeconds(10)).until(() -> get("/q/health/ready").statusCode() == 503);
    started = System.nanoTime();
    assertThat(post(event("lost", 1)).body()).contains("Kafka does not answer");
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(1));

    broker.startup();
    program.awaitReady(Duration.ofSeconds(10));
    assertThat(post(event("found", 1)).statusCode()).isEqualTo(200);
    ACCEPTED.add("found");
    // Unacknowledged events may be there, acknowledged ones must.
    assertThat(stored()).containsAll(ACCEPTED);
  }

  @Test
  @Order(9)
  void givenAllThat_thenTheCountsBalance() throws Exception {
    Map<String, Double> metrics = program.metrics();

    double received = metrics.get("outlay_ingest_received_total{format=\"json\"}");
    double accepted =
        metrics.get("outlay_ingest_events_total{format=\"json\",outcome=\"accepted\"}");
    double rejected =
        metrics.get("outlay_ingest_events_total{format=\"json\",outcome=\"rejected\"}");
    double unacknowledged =
        metrics.get("outlay_ingest_events_total{format=\"json\",outcome=\"unacknowledged\"}");
    assertThat(accepted).isEqualTo(ACCEPTED.size());
    assertThat(rejected).isEqualTo(3);
    assertThat(unacknowledged).isEqualTo(1);
    assertThat(received).isEqualTo(accepted + rejected + unacknowledged);
    assertThat(metrics)
        .containsEntry("outlay_ingest_in_flight", 0.0)
        .containsEntry("outlay_ingest_in_flight_bytes", 0.0)
        .containsKey("outlay_ingest_requests_total{format=\"json\",status=\"200\"}")
        .containsKey("outlay_ingest_requests_total{format=\"none\",status=\"415\"}")
        .containsKey("outlay_ingest_bytes_total{format=\"json\"}")
        .containsKey("outlay_ingest_request_seconds_count{format=\"json\"}");
  }

  @Test
  @Order(10)
  void givenSigterm_thenEndsWithinSeconds() throws Exception {
    program.process().destroy();

    assertThat(program.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(program.log()).doesNotContain("\tat ");
  }

  private static List<String> stored() {
    return program.stored().stream().map(UsageEvent::getId).toList();
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String detail) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains("\"status\":" + status).contains(detail);
  }

  private static HttpResponse<String> post(String body) throws Exception {
    return program.post("/v1/events", "application/json", body);
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return program.get(path);
  }

  private static HttpRequest.Builder request(String path) {
    return program.request(path);
  }

  private static HttpRequest.BodyPublisher text(String body) {
    return HttpRequest.BodyPublishers.ofString(body);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return program.send(request);
  }

  private static String event(String id, int output) {
    return """
        {"specversion":"1.0","id":"%s","source":"it","type":"io.outlay.llm.usage",
         "data":{"team":"search","provider":"openai","model":"gpt-4o","tokens":{"output":%d}}}"""
        .formatted(id, output);
  }
}
