package io.outlay.detector.delivery;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WebhookTransportTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
  private static final WebhookSigner SIGNER =
      new WebhookSigner("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  private static final Message MESSAGE =
      new Message("a", "msg_1", "oncall", "application/cloudevents+json", "{\"é\":1}", NOW);

  private record Request(Map<String, List<String>> headers, String body) {
    String header(String name) {
      return headers.get(name).get(0);
    }
  }

  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final CountDownLatch release = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/ok", exchange -> answer(exchange, 204, Map.of()));
    server.createContext("/gone", exchange -> answer(exchange, 410, Map.of()));
    server.createContext("/moved", exchange -> answer(exchange, 302, Map.of("Location", "/ok")));
    server.createContext("/busy", exchange -> answer(exchange, 429, Map.of("Retry-After", "7")));
    server.createContext(
        "/trickle",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write('.');
          exchange.getResponseBody().flush();
          await();
        });
    server.createContext("/silent", exchange -> await());
    server.start();
  }

  @AfterEach
  void stop() {
    release.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void await() {
    try {
      assertThat(release.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(HttpExchange exchange, int status, Map<String, String> headers)
      throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    requests.add(new Request(Map.copyOf(exchange.getRequestHeaders()), body));
    headers.forEach(exchange.getResponseHeaders()::add);
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private Outcome send(String path) throws InterruptedException {
    return send(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path));
  }

  private static Outcome send(URI url) throws InterruptedException {
    return new WebhookTransport(
            url,
            SIGNER,
            WebhookTransport.client(),
            Clock.fixed(NOW, ZoneOffset.UTC),
            Duration.ofMillis(500))
        .send(MESSAGE);
  }

  @Test
  void givenReceiverWhenSentThenItCanVerifyTheSignatureOfTheBytes() throws InterruptedException {
    assertThat(send("/ok")).isEqualTo(new Outcome.Accepted());

    Request request = requests.remove();
    assertThat(request.body()).isEqualTo(MESSAGE.body());
    assertThat(request.header("Content-type")).isEqualTo("application/cloudevents+json");
    assertThat(request.header("Webhook-id")).isEqualTo("msg_1");
    long timestamp = Long.parseLong(request.header("Webhook-timestamp"));
    assertThat(timestamp).isEqualTo(NOW.getEpochSecond());
    assertThat(request.header("Webhook-signature"))
        .isEqualTo(SIGNER.sign("msg_1", timestamp, request.body()));
  }

  @Test
  void givenGoneWhenSentThenGone() throws InterruptedException {
    assertThat(send("/gone")).isEqualTo(new Outcome.Gone());
  }

  @Test
  void givenRedirectWhenSentThenFailedAndNotFollowed() throws InterruptedException {
    assertThat(send("/moved")).isEqualTo(new Outcome.Failed("answered 302", Duration.ZERO));
    assertThat(requests).hasSize(1);
  }

  @Test
  void givenRetryAfterWhenSentThenPassedOn() throws InterruptedException {
    assertThat(send("/busy")).isEqualTo(new Outcome.Failed("answered 429", Duration.ofSeconds(7)));
  }

  @Test
  void givenReceiverThatNeverAnswersWhenSentThenFailedInTime() throws InterruptedException {
    assertThat(send("/silent")).isInstanceOf(Outcome.Failed.class);
  }

  @Test
  void givenReceiverWhoseAnswerNeverEndsWhenSentThenFailedInTime() throws InterruptedException {
    assertThat(send("/trickle")).isInstanceOf(Outcome.Failed.class);
  }

  @Test
  void givenNobodyListensWhenSentThenFailed() throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertThat(send(URI.create("http://127.0.0.1:" + port)))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.reason()).contains("ConnectException"));
  }

  @Test
  void givenOneReceiverHangsWhenAnotherIsSentToThenItDoesNotWait() throws InterruptedException {
    BlockingQueue<String> delivered = new LinkedBlockingQueue<>();
    DeliveryLedger ledger =
        new DeliveryLedger() {
          @Override
          public void delivered(Message message, int attempts, Instant at) {
            delivered.add(message.receiver());
          }

          @Override
          public void failed(Message message, int attempts, String reason, Instant at) {}
        };
    String base = "http://127.0.0.1:" + server.getAddress().getPort();
    Clock clock = Clock.systemUTC();
    try (ReceiverQueue slow = queue("slow", base + "/silent", ledger, clock);
        ReceiverQueue fast = queue("fast", base + "/ok", ledger, clock);
        Dispatcher dispatcher = new Dispatcher(Map.of("slow", slow, "fast", fast))) {
      dispatcher.start();
      dispatcher.enqueue(message("slow"));
      dispatcher.enqueue(message("fast"));
      assertThat(delivered.poll(5, TimeUnit.SECONDS)).isEqualTo("fast");
      assertThat(slow.pending()).isEqualTo(1);
    }
  }

  private static Message message(String receiver) {
    return new Message("a", "msg_" + receiver, receiver, "application/json", "{}", NOW);
  }

  private static ReceiverQueue queue(String name, String url, DeliveryLedger ledger, Clock clock) {
    return new ReceiverQueue(
        name,
        new WebhookTransport(URI.create(url), SIGNER, WebhookTransport.client(), clock),
        ledger,
        RetryPolicy.standard(() -> 0.5),
        clock);
  }

  @Test
  void givenRetryAfterInEitherFormWhenReadThenTheWait() {
    assertThat(WebhookTransport.retryAfter("120", NOW)).isEqualTo(Duration.ofMinutes(2));
    assertThat(WebhookTransport.retryAfter("Sat, 21 Nov 2026 10:00:30 GMT", NOW))
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(WebhookTransport.retryAfter("Sat, 21 Nov 2026 09:00:00 GMT", NOW))
        .isEqualTo(Duration.ZERO);
    assertThat(WebhookTransport.retryAfter("soon", NOW)).isEqualTo(Duration.ZERO);
  }
}
