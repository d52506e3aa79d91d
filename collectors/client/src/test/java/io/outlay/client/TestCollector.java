package io.outlay.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;

/** A collector that accepts everything, unless told how to answer; on loopback. */
final class TestCollector implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** Answers to the next requests, in order; then {@link #standing}. */
  final ConcurrentLinkedQueue<Function<Request, Answer>> next = new ConcurrentLinkedQueue<>();

  volatile Function<Request, Answer> standing = TestCollector::acceptAll;

  final List<Request> requests = new CopyOnWriteArrayList<>();

  /** How often each id was accepted. */
  final Map<String, Integer> accepted = new ConcurrentHashMap<>();

  record Request(Headers headers, int bytes, List<JsonNode> events) {
    List<String> ids() {
      return events.stream().map(event -> event.get("id").asText()).toList();
    }
  }

  record Answer(int status, String type, String body, Map<String, String> headers) {}

  TestCollector() throws IOException {
    this(0);
  }

  TestCollector(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/v1/events", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  URI uri() {
    return uri(port());
  }

  static URI uri(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  Set<String> acceptedIds() {
    return accepted.keySet();
  }

  static Answer acceptAll(Request request) {
    return answer(200, "{\"accepted\":" + request.events().size() + ",\"rejected\":[]}");
  }

  static Answer answer(int status, String json) {
    return new Answer(status, "application/json", json, Map.of());
  }

  static Answer problem(int status, String detail, Map<String, String> headers) {
    return new Answer(
        status,
        "application/problem+json",
        "{\"title\":\"x\",\"status\":" + status + ",\"detail\":\"" + detail + "\"}",
        headers);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      InputStream in = new ByteArrayInputStream(body);
      if ("gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))) {
        in = new GZIPInputStream(in);
      }
      byte[] json = in.readAllBytes();
      List<JsonNode> events = new ArrayList<>();
      JSON.readTree(json).forEach(events::add);
      Request request = new Request(exchange.getRequestHeaders(), json.length, events);
      requests.add(request);
      Function<Request, Answer> script = next.poll();
      Answer answer = (script == null ? standing : script).apply(request);
      if (answer.status() == 200 || answer.status() == 207) {
        Set<Integer> rejected = ConcurrentHashMap.newKeySet();
        JSON.readTree(answer.body())
            .path("rejected")
            .forEach(r -> rejected.add(r.get("index").asInt()));
        for (int i = 0; i < events.size(); i++) {
          if (!rejected.contains(i)) {
            accepted.merge(events.get(i).get("id").asText(), 1, Integer::sum);
          }
        }
      }
      exchange.getResponseHeaders().add("Content-Type", answer.type());
      answer.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
      byte[] text = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), text.length == 0 ? -1 : text.length);
      exchange.getResponseBody().write(text);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
