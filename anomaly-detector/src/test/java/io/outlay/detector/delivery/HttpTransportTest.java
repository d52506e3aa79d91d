package io.outlay.detector.delivery;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class HttpTransportTest {
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
    server.createContext("/refused", exchange -> answer(exchange, 400, Map.of()));
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

  /** Long, but for what never comes. */
  private Duration timeout = Duration.ofSeconds(30);

  private Outcome send(String path) throws InterruptedException {
    return send(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path));
  }

  private Outcome send(URI url) throws InterruptedException {
    return send(url, new WebhookFormat(SIGNER), true, SystemDefaultDnsResolver.INSTANCE);
  }

  private Outcome send(URI url, Format format, boolean allowPrivate, DnsResolver names)
      throws InterruptedException {
    try (HttpTransport transport =
        new HttpTransport(
            url, format, allowPrivate, Clock.fixed(NOW, ZoneOffset.UTC), timeout, names, null)) {
      return transport.send(MESSAGE);
    }
  }

  @Test
  void givenReceiverWhenSentThenItCanVerifyTheSignatureOfTheBytes() throws InterruptedException {
    assertThat(send("/ok")).isEqualTo(new Outcome.Accepted(204));

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
    assertThat(send("/moved")).isEqualTo(new Outcome.Failed(302, "answered 302", Duration.ZERO));
    assertThat(requests).hasSize(1);
  }

  @Test
  void givenRetryAfterWhenSentThenPassedOn() throws InterruptedException {
    assertThat(send("/busy"))
        .isEqualTo(new Outcome.Failed(429, "answered 429", Duration.ofSeconds(7)));
  }

  @Test
  void givenReceiverThatNeverAnswersWhenSentThenFailedInTime() throws InterruptedException {
    timeout = Duration.ofMillis(200);
    assertThat(send("/silent")).isInstanceOf(Outcome.Failed.class);
  }

  @Test
  void givenReceiverWhoseAnswerNeverEndsWhenSentThenFailedInTime() throws InterruptedException {
    timeout = Duration.ofMillis(200);
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
            Outcome.Failed.class, failed -> assertThat(failed.reason()).contains("Connect"));
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

          @Override
          public List<Message> handOver(Message message, String to, Instant at) {
            return List.of();
          }
        };
    String base = "http://127.0.0.1:" + server.getAddress().getPort();
    Clock clock = Clock.systemUTC();
    try (ReceiverQueue slow = queue("slow", base + "/silent", ledger, clock);
        ReceiverQueue fast = queue("fast", base + "/ok", ledger, clock);
        Dispatcher dispatcher = new Dispatcher(Map.of("slow", slow, "fast", fast))) {
      dispatcher.start();
      dispatcher.enqueue(message("slow"));
      dispatcher.enqueue(message("fast"));
      assertThat(delivered.poll(30, TimeUnit.SECONDS)).isEqualTo("fast");
      assertThat(slow.pending()).isEqualTo(1);
    }
  }

  private static Message message(String receiver) {
    return new Message("a", "msg_" + receiver, receiver, "application/json", "{}", NOW);
  }

  private static ReceiverQueue queue(String name, String url, DeliveryLedger ledger, Clock clock) {
    return new ReceiverQueue(
        name,
        new HttpTransport(URI.create(url), new WebhookFormat(SIGNER), true, clock),
        ledger,
        ReceiverPolicy.plain(RetryPolicy.standard(Duration.ofHours(1), () -> 0.5)),
        new DeliveryLog(),
        clock);
  }

  private URI named(String host) {
    return URI.create("http://" + host + ":" + server.getAddress().getPort() + "/ok");
  }

  /** Resolves names to what a test says, one answer after the other, and counts. */
  private static class Names implements DnsResolver {
    private final Queue<String> answers;
    private int asked;

    Names(String... answers) {
      this.answers = new ArrayDeque<>(List.of(answers));
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
      asked++;
      String answer = answers.remove();
      InetAddress[] addresses = new InetAddress[answer.split(",").length];
      for (int i = 0; i < addresses.length; i++) {
        addresses[i] =
            InetAddress.getByAddress(
                host, InetAddress.getByName(answer.split(",")[i]).getAddress());
      }
      return addresses;
    }

    @Override
    public String resolveCanonicalHostname(String host) {
      throw new AssertionError("not to be asked");
    }
  }

  @Test
  void givenNameWhenSentThenResolvedOnceAndConnectedToJustThatAddressUnderItsName()
      throws InterruptedException {
    // Whoever resolves it a second time gets an address where nobody is.
    Names names = new Names("127.0.0.1", "192.0.2.1");

    assertThat(send(named("hooks.example"), new WebhookFormat(SIGNER), true, names))
        .isEqualTo(new Outcome.Accepted(204));
    assertThat(names.asked).isEqualTo(1);
    assertThat(requests.remove().header("Host"))
        .isEqualTo("hooks.example:" + server.getAddress().getPort());
  }

  @Test
  void givenNameThatTurnsToThisMachineWhenSentThenRefusedEachTimeItDoes()
      throws InterruptedException {
    Names names = new Names("127.0.0.1", "93.184.215.14,127.0.0.1");
    for (int i = 0; i < 2; i++) {
      assertThat(send(named("rebound.example"), new WebhookFormat(SIGNER), false, names))
          .isInstanceOfSatisfying(
              Outcome.Failed.class,
              failed ->
                  assertThat(failed.reason())
                      .contains("rebound.example is at 127.0.0.1, a loopback address")
                      .contains("allowPrivate"));
    }
    assertThat(names.asked).isEqualTo(2);
    assertThat(requests).isEmpty();
  }

  @Test
  void givenLiteralAddressOfThisMachineWhenNotAllowedThenRefused() throws InterruptedException {
    for (String host : List.of("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]")) {
      assertThat(
              send(
                  named(host), new WebhookFormat(SIGNER), false, SystemDefaultDnsResolver.INSTANCE))
          .as(host)
          .isInstanceOfSatisfying(
              Outcome.Failed.class,
              failed -> assertThat(failed.reason()).contains("loopback address"));
    }
    assertThat(requests).isEmpty();
  }

  @Test
  void givenNameThatIsNotKnownWhenSentThenFailed() throws InterruptedException {
    assertThat(
            send(
                named("nowhere.example"),
                new WebhookFormat(SIGNER),
                true,
                new Names() {
                  @Override
                  public InetAddress[] resolve(String host) throws UnknownHostException {
                    throw new UnknownHostException(host);
                  }
                }))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.reason()).contains("UnknownHost", "nowhere.example"));
  }

  @Test
  void givenAnswerWithWordsWhenRefusedThenTheyAreTold() throws InterruptedException {
    server.createContext(
        "/words",
        exchange -> {
          byte[] words =
              "{\"errors\":[\"no\\nsuch key\"]}\n\u0007".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(400, words.length);
          exchange.getResponseBody().write(words);
          exchange.close();
        });
    Format strict = (message, now) -> new Format.Request("application/json", "{}", Map.of());
    URI words = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/words");

    assertThat(send(words, strict, true, SystemDefaultDnsResolver.INSTANCE))
        .isEqualTo(new Outcome.Refused(400, "answered 400: {\"errors\":[\"no\\nsuch key\"]}"));
    // A webhook that answers so may be being put right.
    assertThat(send(words)).isInstanceOf(Outcome.Failed.class);
  }

  @Test
  void givenMessageThatCannotBeToldWhenSentThenRefusedAndNothingSent() throws InterruptedException {
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/ok");

    assertThat(send(url, new SlackFormat(), true, SystemDefaultDnsResolver.INSTANCE))
        .isInstanceOf(Outcome.Refused.class);
    assertThat(requests).isEmpty();
  }

  @Test
  void givenRetryAfterInEitherFormWhenReadThenTheWait() {
    assertThat(HttpTransport.retryAfter("120", NOW)).isEqualTo(Duration.ofMinutes(2));
    assertThat(HttpTransport.retryAfter("Sat, 21 Nov 2026 10:00:30 GMT", NOW))
        .isEqualTo(Duration.ofSeconds(30));
    assertThat(HttpTransport.retryAfter("Sat, 21 Nov 2026 09:00:00 GMT", NOW))
        .isEqualTo(Duration.ZERO);
    assertThat(HttpTransport.retryAfter("soon", NOW)).isEqualTo(Duration.ZERO);
  }
}
