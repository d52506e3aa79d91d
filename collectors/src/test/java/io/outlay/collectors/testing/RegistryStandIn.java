package io.outlay.collectors.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** As much of a schema registry as a producer needs: it gives every schema one id. */
public final class RegistryStandIn implements AutoCloseable {
  static final int ID = 42;

  private final HttpServer server;
  private final List<String> registered = Collections.synchronizedList(new ArrayList<>());

  public RegistryStandIn(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/subjects/", this::register);
    server.start();
  }

  public static URI address(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Paths that were posted to. */
  public List<String> registered() {
    return List.copyOf(registered);
  }

  private void register(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      registered.add(exchange.getRequestURI().getPath());
      byte[] answer = ("{\"id\":" + ID + "}").getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
