package io.outlay.embedded.stack;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class HttpReadinessTest {
  @Test
  void givenAServer_whenAsked_thenReadyIfAndOnlyIfItAnswers200() throws Exception {
    AtomicInteger status = new AtomicInteger(503);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/health",
        exchange -> {
          exchange.sendResponseHeaders(status.get(), -1);
          exchange.close();
        });
    server.start();
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/health");
    Readiness readiness = new HttpReadiness(address);
    try {
      assertThat(readiness.whyNotReady().orElseThrow()).contains("answers 503");
      status.set(200);
      assertThat(readiness.whyNotReady()).isEmpty();
    } finally {
      server.stop(0);
    }
    assertThat(readiness.whyNotReady().orElseThrow()).contains("nothing listens");
  }
}
