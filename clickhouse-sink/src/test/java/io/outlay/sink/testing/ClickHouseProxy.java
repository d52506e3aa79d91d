package io.outlay.sink.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands before ClickHouse and lets every request pass, but for inserts into one table: the next of
 * those meet the faults that were ordered, one each.
 */
public final class ClickHouseProxy implements AutoCloseable {
  private static final Set<String> OF_THE_CONNECTION =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "transfer-encoding",
          "upgrade",
          "keep-alive");

  private final URI upstream;
  private final String table;
  private final HttpServer server;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ConcurrentLinkedQueue<Fault> faults = new ConcurrentLinkedQueue<>();
  private final AtomicInteger struck = new AtomicInteger();
  private final AtomicInteger passed = new AtomicInteger();

  /** What happens to an insert. */
  private interface Fault {
    /** Whether the insert still has to pass and be answered. */
    boolean strike(HttpExchange exchange, byte[] body) throws IOException, InterruptedException;
  }

  /**
   * @param table without the database
   */
  public ClickHouseProxy(URI upstream, String table) throws IOException {
    this.upstream = upstream;
    this.table = table;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Inserts that met a fault so far. */
  public int struck() {
    return struck.get();
  }

  /** Inserts that ClickHouse answered so far, whoever still listened. */
  public int passed() {
    return passed.get();
  }

  /** The next insert is applied, and its answer lost. */
  public void loseAnswer() {
    faults.add(
        (exchange, body) -> {
          forward(exchange, body);
          exchange.close();
          return false;
        });
  }

  /** The next insert is refused with a code of ClickHouse and not applied. */
  public void refuse(int code, String message) {
    faults.add(
        (exchange, body) -> {
          exchange.getResponseHeaders().add("X-ClickHouse-Exception-Code", Integer.toString(code));
          byte[] text =
              "Code: %d. DB::Exception: %s"
                  .formatted(code, message)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(500, text.length);
          exchange.getResponseBody().write(text);
          exchange.close();
          return false;
        });
  }

  /** The next insert is held back and only then passed on. */
  public void holdUntil(CountDownLatch released) {
    faults.add(
        (exchange, body) -> {
          released.await();
          return true;
        });
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    try {
      boolean insert = isInsert(exchange, body);
      Fault fault = insert ? faults.poll() : null;
      if (fault != null) {
        struck.incrementAndGet();
        if (!fault.strike(exchange, body)) {
          return;
        }
      }
      HttpResponse<byte[]> answer = forward(exchange, body);
      if (insert) {
        passed.incrementAndGet();
      }
      answer
          .headers()
          .map()
          .forEach(
              (name, values) -> {
                if (!OF_THE_CONNECTION.contains(name)) {
                  values.forEach(value -> exchange.getResponseHeaders().add(name, value));
                }
              });
      byte[] content = answer.body();
      exchange.sendResponseHeaders(answer.statusCode(), content.length == 0 ? -1 : content.length);
      exchange.getResponseBody().write(content);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }

  private boolean isInsert(HttpExchange exchange, byte[] body) {
    String query = exchange.getRequestURI().getQuery();
    String start = new String(body, 0, Math.min(body.length, 300), StandardCharsets.ISO_8859_1);
    String both = query + " " + start;
    return both.toUpperCase(Locale.ROOT).contains("INSERT INTO") && both.contains(table);
  }

  private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(upstream.resolve(exchange.getRequestURI()))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
              }
            });
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }
}
