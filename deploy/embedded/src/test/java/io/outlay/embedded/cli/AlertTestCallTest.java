package io.outlay.embedded.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.outlay.embedded.stack.StackException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AlertTestCallTest {
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private HttpServer server;
  private URI address;
  private volatile int status = 200;
  private volatile String answer = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
    address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void givenReceiverTakesIt_thenZeroAndWhatItSaid() throws Exception {
    answer = delivery("204", "");

    assertThat(run("on call")).isZero();

    assertThat(requests).containsExactly("POST /v1/receivers/on%20call/test");
    assertThat(printed(out))
        .containsExactly("on call took the test alert: 204 after 12 ms, id msg_1");
  }

  @Test
  void givenReceiverRefuses_thenOneAndItsReason() throws Exception {
    status = 502;
    answer = delivery("400", "answered 400: no such key");

    assertThat(run("oncall")).isEqualTo(1);
    assertThat(printed(err))
        .containsExactly("outlay: oncall did not take the test alert: answered 400: no such key");
  }

  @Test
  void givenReceiverThatIsNotConfigured_thenItIsNamed() {
    status = 404;
    answer = "{\"detail\":\"no receiver is named nobody\"}";

    assertThatThrownBy(() -> run("nobody"))
        .isInstanceOf(StackException.class)
        .hasMessage("no receiver is named nobody");
  }

  @Test
  void givenWhatIsNoJson_thenItIsShown() {
    answer = "<html>";

    assertThatThrownBy(() -> run("oncall"))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("<html>");
  }

  @Test
  void givenNoDetector_thenTheMessageAsksWhetherItRuns() {
    stop();

    assertThatThrownBy(() -> run("oncall"))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("anomaly-detector does not answer at 127.0.0.1");
  }

  private int run(String receiver) throws Exception {
    return new AlertTestCall(address, new Output(out, err)).run(receiver);
  }

  private void handle(HttpExchange exchange) throws IOException {
    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static List<String> printed(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static String delivery(String status, String error) {
    return "{\"messageId\":\"msg_1\",\"status\":%s,\"latencyMillis\":12,\"error\":\"%s\"}"
        .formatted(status, error);
  }
}
