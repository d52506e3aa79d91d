package io.outlay.health;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class BackendsTest {
  private static final Duration PROMISED = Duration.ofSeconds(10);

  @Test
  void whatIsAwayIsMissedAndFoundAgain() throws Exception {
    AtomicInteger status = new AtomicInteger(200);
    HttpServer registry =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext(
        "/api/subjects",
        exchange -> {
          exchange.sendResponseHeaders(status.get(), -1);
          exchange.close();
        });
    registry.start();
    URI url = URI.create("http://127.0.0.1:" + registry.getAddress().getPort() + "/api/");
    try (Backends backends = new Backends(BackendsTest::nobody, url, Clock.systemUTC())) {
      assertThat(backends.kafka().isWorking()).as("until it was asked").isTrue();
      backends.start();

      within(() -> !backends.kafka().isWorking());
      assertThat(backends.registry().isWorking()).isTrue();
      assertThat(backends.kafka().reason()).startsWith("since 2").contains("node assignment");

      status.set(503);
      within(() -> !backends.registry().isWorking());
      assertThat(backends.registry().reason()).contains("answered 503");
      status.set(200);
      within(() -> backends.registry().isWorking());

      registry.stop(0);
      within(() -> !backends.registry().isWorking());
    }
  }

  @Test
  void aClientThatCannotBeMadeIsTriedAgainAndNamed() {
    AtomicInteger tries = new AtomicInteger();
    try (Backends backends =
        new Backends(
            () -> {
              tries.incrementAndGet();
              return Admin.create(Map.of("bootstrap.servers", "nowhere"));
            },
            URI.create("http://127.0.0.1:1"),
            Clock.systemUTC())) {
      backends.start();

      within(() -> tries.get() > 1);
      assertThat(backends.kafka().reason()).contains("nowhere");
    }
  }

  /** A client of a port at which nobody listens. */
  private static Admin nobody() {
    return Admin.create(Map.of("bootstrap.servers", "127.0.0.1:1"));
  }

  private static void within(BooleanSupplier condition) {
    await().atMost(PROMISED).until(condition::getAsBoolean);
  }
}
