package io.outlay.collectors.pull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Where targets are read from, and that one that hangs stands in nobody's way. */
class SourcesTest {
  private static final Duration TIMEOUT = Duration.ofMillis(500);

  @TempDir Path directory;

  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void givenAnswer_thenItsBytesTypeAndTime() throws Exception {
    at(
        "/ok",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "text/csv");
          exchange.getResponseHeaders().set("Last-Modified", "Sat, 21 Nov 2026 02:00:00 GMT");
          send(exchange, 200, exchange.getRequestHeaders().getFirst("Accept"));
        });

    Content content = source("/ok", 100).read();

    assertThat(new String(content.body(), StandardCharsets.UTF_8)).isEqualTo("text/x");
    assertThat(content.type()).isEqualTo("text/csv");
    assertThat(content.modified()).isEqualTo(Instant.parse("2026-11-21T02:00:00Z"));
  }

  @Test
  void givenAnswerThatIsNone_thenSaid() throws Exception {
    at("/error", exchange -> send(exchange, 503, "no"));
    at(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/error");
          send(exchange, 302, "");
        });
    at("/large", exchange -> send(exchange, 200, "x".repeat(101)));
    at("/fits", exchange -> send(exchange, 200, "x".repeat(100)));
    at(
        "/cut",
        exchange -> {
          exchange.sendResponseHeaders(200, 50);
          exchange.getResponseBody().write(new byte[10]);
          exchange.getResponseBody().flush();
          throw new IOException("cut off");
        });

    fails("/error", "answered 503");
    fails("/moved", "answered 302; redirects are not followed");
    fails("/large", "must have at most 100 bytes (collectors.maxBodyBytes)");
    fails("/cut", "");
    assertThat(source("/fits", 100).read().body()).hasSize(100);
  }

  @Test
  void givenTargetThatHangs_thenEndedInTime() throws Exception {
    at("/silent", exchange -> hang());
    at(
        "/stalls",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write('x');
          exchange.getResponseBody().flush();
          hang();
        });
    for (String path : List.of("/silent", "/stalls")) {
      long started = System.nanoTime();
      fails(path, "did not answer within 500 ms");
      assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(3));
    }
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    assertThatThrownBy(
            () ->
                new HttpSource(
                        HttpClient.newHttpClient(),
                        URI.create("http://127.0.0.1:" + closed),
                        TIMEOUT,
                        "text/x",
                        100)
                    .read())
        .isInstanceOf(PullException.class)
        .hasMessage("cannot be connected to");
  }

  @Test
  void givenFile_thenReadWithinItsBound() throws Exception {
    Path file = directory.resolve("listing.csv");
    assertThatThrownBy(() -> new FileSource(file, 5).read()).hasMessageContaining("does not exist");
    assertThatThrownBy(() -> new FileSource(directory, 5).read())
        .hasMessageContaining("is not a file");
    Files.writeString(file, "12345");
    Content content = new FileSource(file, 5).read();
    assertThat(content.body()).hasSize(5);
    assertThat(content.modified()).isEqualTo(Files.getLastModifiedTime(file).toInstant());
    assertThatThrownBy(() -> new FileSource(file, 4).read())
        .hasMessageContaining("at most 4 bytes");
  }

  @Test
  void givenSlowTargets_thenTheOthersAreRead_andCloseEndsSoon() throws Exception {
    String text = DcgmFormatTest.example("mig.txt");
    AtomicInteger asked = new AtomicInteger();
    at(
        "/slow",
        exchange -> {
          asked.incrementAndGet();
          hang();
        });
    at("/fast", exchange -> send(exchange, 200, text));
    Inbox inbox = new Inbox();
    CountDownLatch read = new CountDownLatch(2);
    PullSchedule schedule =
        new PullSchedule(
            new PullSchedule.Settings(
                Stream.concat(
                        IntStream.range(0, 10).mapToObj(i -> target("slow-" + i, "/slow")),
                        Stream.of(target("fast", "/fast")))
                    .toList(),
                List.of(),
                directory,
                100_000),
            (format, publisher, body) -> {
              synchronized (inbox) {
                read.countDown();
                return inbox.deliver(format, publisher, body);
              }
            },
            new NoMetrics(),
            InstantSource.system());
    schedule.start();
    try {
      await().atMost(Duration.ofSeconds(10)).until(() -> asked.get() == 10);
      await().atMost(Duration.ofSeconds(10)).until(() -> read.getCount() == 0);
    } finally {
      long started = System.nanoTime();
      schedule.close();
      assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(2));
    }
    synchronized (inbox) {
      assertThat(inbox.gpuMicros()).isPositive();
    }
  }

  private GpuTarget target(String name, String path) {
    return new GpuTarget(
        name,
        uri(path),
        Duration.ofSeconds(1),
        Duration.ofSeconds(60),
        "platform",
        "on_demand",
        "",
        "",
        "");
  }

  /** Tells nobody. */
  private static final class NoMetrics implements PullMetrics {
    @Override
    public void watched(String kind, String target) {}

    @Override
    public void succeeded(String kind, String target) {}

    @Override
    public void failed(String kind, String target) {}

    @Override
    public void missed(String kind, String target, long slots) {}
  }

  private void hang() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void fails(String path, String message) {
    assertThatThrownBy(() -> source(path, 100).read())
        .isInstanceOf(PullException.class)
        .hasMessageContaining(message);
  }

  private HttpSource source(String path, int max) {
    return new HttpSource(HttpClient.newHttpClient(), uri(path), TIMEOUT, "text/x", max);
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private void at(String path, HttpHandler handler) {
    server.createContext(path, handler);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    try (exchange) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
