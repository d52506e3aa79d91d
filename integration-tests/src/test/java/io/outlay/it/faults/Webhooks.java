package io.outlay.it.faults;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Receives webhooks on loopback, and can fail: answers 500, or does not answer. */
final class Webhooks implements AutoCloseable {
  private static final String PATH = "/oncall";
  private static final int NO_CONTENT = 204;
  private static final int FAILURE = 500;

  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "webhooks");
            thread.setDaemon(true);
            return thread;
          });
  private final Map<String, Set<String>> received = new ConcurrentHashMap<>();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong turnedAway = new AtomicLong();
  private final Object mood = new Object();
  private volatile Mode mode = Mode.TAKE;

  /** What becomes of a message. */
  enum Mode {
    /** It is kept, and the answer says so. */
    TAKE,
    /** It is forgotten; the answer is an error. */
    FAIL,
    /** It is forgotten; there is no answer before the mode changes, and none then. */
    HANG
  }

  Webhooks() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(PATH, this::receive);
    server.start();
  }

  /** Where to send them. */
  URI url() {
    return URI.create(
        "http://%s:%d%s"
            .formatted(
                server.getAddress().getAddress().getHostAddress(),
                server.getAddress().getPort(),
                PATH));
  }

  void mode(Mode next) {
    synchronized (mood) {
      mode = next;
      mood.notifyAll();
    }
  }

  /** The bodies that were taken, by {@code webhook-id}. */
  Map<String, Set<String>> received() {
    return received;
  }

  /** Messages taken, repeated ones included. */
  long requests() {
    return requests.get();
  }

  /** Messages that got an error or no answer. */
  long turnedAway() {
    return turnedAway.get();
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Mode met = mode;
      if (met == Mode.TAKE) {
        received
            .computeIfAbsent(
                exchange.getRequestHeaders().getFirst("webhook-id"),
                id -> ConcurrentHashMap.newKeySet())
            .add(body);
        requests.incrementAndGet();
        exchange.sendResponseHeaders(NO_CONTENT, -1);
        return;
      }
      turnedAway.incrementAndGet();
      if (met == Mode.FAIL) {
        exchange.sendResponseHeaders(FAILURE, -1);
      } else {
        awaitAnotherMode();
      }
    }
  }

  private void awaitAnotherMode() {
    synchronized (mood) {
      while (mode == Mode.HANG) {
        try {
          mood.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  @Override
  public void close() {
    mode(Mode.TAKE);
    server.stop(0);
    threads.shutdownNow();
  }
}
