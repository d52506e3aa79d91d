package io.outlay.embedded.cli;

import com.sun.net.httpserver.HttpServer;
import io.outlay.embedded.stack.StackException;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ClickHouseQueryTest {
  private final AtomicReference<String> asked = new AtomicReference<>();
  private final AtomicReference<String> user = new AtomicReference<>();
  private final AtomicReference<String> key = new AtomicReference<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Output output = new Output(out, err);
  private HttpServer server;
  private URI address;
  private int status = 200;
  private String answer = "┌─n─┐\n";

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          asked.set(exchange.getRequestURI().getQuery() + " " + body);
          user.set(exchange.getRequestHeaders().getFirst("X-ClickHouse-User"));
          key.set(exchange.getRequestHeaders().getFirst("X-ClickHouse-Key"));
          byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void givenAQuery_whenRun_thenTheResultIsWrittenAsItCame() throws Exception {
    boolean worked =
        new ClickHouseQuery(address, "outlay", "default", "").run("SELECT 1", "Vertical", output);

    assertThat(worked).isTrue();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(answer);
    assertThat(asked.get())
        .contains("database=outlay", "default_format=Vertical", "output_format_pretty_color=0")
        .endsWith(" SELECT 1");
    assertThat(user.get()).isEqualTo("default");
    assertThat(key.get()).isNull();
  }

  @Test
  void givenAWrongQuery_whenRun_thenTheMessageIsWrittenAsAnError() throws Exception {
    status = 400;
    answer = "Code: 62. DB::Exception: Syntax error\n";

    boolean worked =
        new ClickHouseQuery(address, "outlay", "me", "secret").run("SELEC", "TSV", output);

    assertThat(worked).isFalse();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo(answer);
    assertThat(key.get()).isEqualTo("secret");
  }

  @Test
  void givenAWrongQuery_whenAskedForText_thenTheMessageIsThrown() {
    status = 400;
    answer = "Code: 62\n";

    assertThatThrownBy(() -> new ClickHouseQuery(address, "outlay", "me", "").text("SELEC", "TSV"))
        .isInstanceOf(StackException.class)
        .hasMessage("Code: 62");
  }

  @Test
  void givenNoServer_whenRun_thenTheWayOutIsNamed() {
    server.stop(0);

    assertThatThrownBy(
            () -> new ClickHouseQuery(address, "outlay", "me", "").run("SELECT 1", "TSV", output))
        .isInstanceOf(StackException.class)
        .hasMessageContaining(address.toString())
        .hasMessageContaining("./outlay up");
  }
}
