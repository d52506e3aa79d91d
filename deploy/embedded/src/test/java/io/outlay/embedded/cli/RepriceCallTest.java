package io.outlay.embedded.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.outlay.embedded.stack.StackException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RepriceCallTest {
  private static final String RUNNING = repricing("running", false, "null", "", "[]");
  private static final String SHARES =
      """
      [{"team":"search","model":"frontier","facts":2,"oldCost":"0.0056","newCost":"0.0076","difference":"0.002"}]""";

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Deque<String> answers = new ArrayDeque<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private HttpServer server;
  private URI address;
  private int status = 202;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
    address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void givenRepricing_thenItIsFollowedToItsEndAndTheDifferencePrinted() throws Exception {
    answers.addAll(
        List.of(
            RUNNING, RUNNING, repricing("done", false, "\"2026-11-21T02:00:00Z\"", "", SHARES)));

    assertThat(run()).isZero();

    assertThat(requests)
        .startsWith("POST /v1/repricings?model=front*&by=ann", "GET /v1/repricings/r-1");
    assertThat(printed(out))
        .containsExactly(
            "TEAM    MODEL     FACTS  OLD USD  NEW USD  DIFFERENCE",
            "search  frontier      2   0.0056   0.0076       0.002",
            "all                   2   0.0056   0.0076       0.002",
            "",
            "3 facts read, 2 changed; without a price before: 1, now: 0",
            "Kept as r-1 in the table repricings.");
  }

  @Test
  void givenDryRun_thenItSaysThatNothingWasChanged() throws Exception {
    answers.addAll(List.of(RUNNING, repricing("done", true, "\"2026-11-21T02:00:00Z\"", "", "[]")));

    assertThat(run()).isZero();

    assertThat(printed(out))
        .containsExactly(
            "3 facts read, 2 would change; without a price before: 1, now: 0",
            "Nothing was changed: --dry-run.");
  }

  @Test
  void givenItIsGivenUp_thenTheExitCodeAndTheReasonSaySo() throws Exception {
    answers.addAll(
        List.of(
            RUNNING, repricing("failed", false, "\"2026-11-21T02:00:00Z\"", "type: was x", "[]")));

    assertThat(run()).isEqualTo(1);
    assertThat(printed(err)).containsExactly("outlay: given up: type: was x");
  }

  @Test
  void givenWrongRequest_thenTheParameterIsNamed() {
    status = 400;
    answers.add("{\"detail\":\"from: must be a date, was yesterday\"}");

    assertThatThrownBy(this::run)
        .isInstanceOf(StackException.class)
        .hasMessage("from: must be a date, was yesterday");
  }

  @Test
  void givenStreamsAppGoesAwayMeanwhile_thenItSaysThatTheRepricingGoesOn() {
    answers.add(RUNNING);

    assertThatThrownBy(this::run)
        .isInstanceOf(StackException.class)
        .hasMessageContaining("lost sight of streams-app")
        .hasMessageContaining("r-1 goes on");
  }

  @Test
  void givenNoStreamsApp_thenTheMessageAsksWhetherItRuns() {
    stop();

    assertThatThrownBy(this::run)
        .isInstanceOf(StackException.class)
        .hasMessageContaining("streams-app does not answer at 127.0.0.1");
  }

  private int run() throws Exception {
    Map<String, String> query = new java.util.LinkedHashMap<>();
    query.put("model", "front*");
    query.put("by", "ann");
    return new RepriceCall(address, Duration.ofMillis(1), new Output(out, err)).run(query);
  }

  /** The first answer is to the request itself; without one left the connection is cut. */
  private void handle(HttpExchange exchange) throws IOException {
    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    String answer = answers.poll();
    if (answer == null) {
      exchange.close();
      return;
    }
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(
        exchange.getRequestMethod().equals("POST") ? status : 200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static List<String> printed(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static String repricing(
      String state, boolean dryRun, String finishedAt, String error, String shares) {
    return """
        {"id":"r-1","state":"%s","dryRun":%s,"finishedAt":%s,"factsTotal":3,"factsRead":3,"factsChanged":2,
         "factsFailed":0,"unpricedBefore":1,"unpricedAfter":0,"oldCost":"0.0056","newCost":"0.0076",
         "difference":"0.002","shares":%s,"error":"%s","waitingFor":""}"""
        .formatted(state, dryRun, finishedAt, shares, error);
  }
}
