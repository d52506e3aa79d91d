package io.outlay.embedded.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.outlay.embedded.stack.StackException;
import io.outlay.embedded.stack.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ReplayCallTest {
  private static final String REPORT =
      """
      {"dryRun":false,"topic":"outlay.usage",
       "total":{"reason":"","found":6,"sent":4,"alreadySent":1,"skipped":1,"failingAgain":1},
       "reasons":[{"reason":"invalid","found":2,"sent":1,"alreadySent":0,"skipped":1,"failingAgain":1},
                  {"reason":"wrong_key","found":4,"sent":3,"alreadySent":1,"skipped":0,"failingAgain":0}],
       "skips":[{"why":"its value was not kept","count":1}],"unreadable":0,
       "samples":[{"deadLetter":"outlay.dead-letters/1/2","original":"outlay.usage/0/7",
         "reason":"wrong_key","message":"the key must be 61f0","source":"checkout",
         "failedAt":"2026-11-21T02:00:00Z","outcome":"sent"},
        {"deadLetter":"outlay.dead-letters/1/3","original":"outlay.usage/0/8",
         "reason":"invalid","message":"one\\ntwo","source":null,
         "failedAt":"2026-11-21T02:00:00Z","outcome":"sent; will be set aside again: invalid"}]}
      """;

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final CountDownLatch told = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;
  private URI address;
  private boolean slow;
  private int status = 200;
  private String answer = REPORT;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
    address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void givenAReplay_thenWhatCameOfItIsPrintedByReason() throws Exception {
    run(Duration.ofMinutes(1));

    assertThat(requests).containsExactly("POST /v1/dead-letters/replay?reason=a%2Cb&why=so+it+is");
    assertThat(printed())
        .containsExactly(
            "REASON     FOUND  SENT  SENT BEFORE  SKIPPED  FAIL AGAIN",
            "invalid        2     1            0        1           1",
            "wrong_key      4     3            1        0           0",
            "all            6     4            1        1           1",
            "1 skipped: its value was not kept",
            "",
            "FOR EXAMPLE       REASON     SOURCE    OUTCOME                                 MESSAGE",
            "outlay.usage/0/7  wrong_key  checkout  sent                                    the key"
                + " must be 61f0",
            "outlay.usage/0/8  invalid              sent; will be set aside again: invalid  one",
            "",
            "1 become dead letters again: nothing that they failed for has changed.");
  }

  @Test
  void givenADryRun_thenThatIsSaid() throws Exception {
    answer = REPORT.replace("\"dryRun\":false", "\"dryRun\":true");

    run(Duration.ofMinutes(1));

    assertThat(printed().get(0)).contains("WOULD BE SENT");
    assertThat(printed())
        .contains("1 would become dead letters again: nothing that they failed for has changed.")
        .endsWith("Nothing was sent: --dry-run.");
  }

  @Test
  void givenNothingMatches_thenThatIsSaid() throws Exception {
    answer = "{\"topic\":\"outlay.usage\",\"total\":{\"found\":0},\"unreadable\":2}";

    run(Duration.ofMinutes(1));

    assertThat(printed())
        .containsExactly(
            "No dead letter of outlay.usage matches.",
            "2 records of the dead letters' topic are none; the log of streams-app names them");
  }

  @Test
  void givenItTakesLonger_thenItSaysHowFarItIs() throws Exception {
    slow = true;

    run(Duration.ofMillis(20));

    assertThat(printed().get(0))
        .isEqualTo("12,000 of 50,000 dead letters read, 34 to send or sent");
    assertThat(printed()).contains("all            6     4            1        1           1");
  }

  @Test
  void givenAWrongParameter_thenItIsAWrongUse() {
    status = 400;
    answer = "{\"detail\":\"reason: must be one of …, was x\"}";

    assertThatThrownBy(() -> run(Duration.ofMinutes(1)))
        .isInstanceOf(UsageException.class)
        .hasMessage("reason: must be one of …, was x");
  }

  @Test
  void givenARefusal_thenItIsAFailureThatSaysWhy() {
    status = 409;
    answer = "{\"detail\":\"a replay is running: 3 of 9 letters read\"}";

    assertThatThrownBy(() -> run(Duration.ofMinutes(1)))
        .isInstanceOf(StackException.class)
        .hasMessage("a replay is running: 3 of 9 letters read");
  }

  @Test
  void givenAnAnswerOfSomethingElse_thenItsStatusIsNamed() {
    status = 404;
    answer = "<html>";

    assertThatThrownBy(() -> run(Duration.ofMinutes(1)))
        .isInstanceOf(StackException.class)
        .hasMessage("streams-app answered 404");
  }

  @Test
  void givenNobodyAnswers_thenTheAddressIsNamed() {
    server.stop(0);

    assertThatThrownBy(() -> run(Duration.ofMinutes(1)))
        .isInstanceOf(StackException.class)
        .hasMessage(
            "streams-app does not answer at " + address.getAuthority() + "; is it running?");
  }

  @Test
  void givenItBreaksOff_thenWhatHoldsIsSaid() {
    status = -1;

    assertThatThrownBy(() -> run(Duration.ofMinutes(1)))
        .isInstanceOf(StackException.class)
        .hasMessageStartingWith("streams-app broke off; what it had sent stays sent");
  }

  private void run(Duration quiet) throws InterruptedException {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("reason", "a,b");
    query.put("why", "so it is");
    new ReplayCall(address, quiet).run(query, new Output(out, out));
  }

  private List<String> printed() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private void handle(HttpExchange exchange) throws IOException {
    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    if (exchange.getRequestMethod().equals("GET")) {
      told.countDown();
      respond(exchange, 200, "{\"running\":true,\"read\":12000,\"total\":50000,\"sent\":34}");
      return;
    }
    try {
      if (slow) {
        told.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (status > 0) {
      respond(exchange, status, answer);
    } else {
      exchange.close();
    }
  }

  private static void respond(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
