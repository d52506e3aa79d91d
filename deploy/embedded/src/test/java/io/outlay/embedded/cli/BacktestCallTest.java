package io.outlay.embedded.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.outlay.detector.app.RuleFile;
import io.outlay.detector.backtest.Label;
import io.outlay.embedded.stack.StackException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BacktestCallTest {
  private static final Instant FROM = Instant.parse("2026-10-10T00:00:00Z");
  private static final Instant TO = Instant.parse("2026-10-13T00:00:00Z");
  private static final Instant SPREE = Instant.parse("2026-10-11T00:00:00Z");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path temp;
  private HttpServer server;
  private String asked = "";
  private String answer = hours();
  private int status = 200;
  private RuleFile rules;
  private BacktestCall call;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    call =
        new BacktestCall(
            new ClickHouseQuery(address, "outlay", "default", ""), new Output(out, err));
    Path file = temp.resolve("rules.yaml");
    Files.writeString(
        file,
        """
        receivers:
          - {name: oncall, type: webhook, url: "http://127.0.0.1:9/", allowPrivate: true,
             secret: whsec_cmVwbGFjZSB0aGlzIHdpdGggeW91ciBvd24ga2V5}
        rules:
          - {name: plain, type: spend-ratio, window: 1d, baseline: 7d, threshold: 1.2, minImpactUsd: 1, by: [team],
             receivers: [oncall]}
        """);
    rules = RuleFile.load(file, Map.of());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void saysWhatTheRuleWouldHaveSaidAndHowWellThatFitsTheLabels() throws Exception {
    Label spree =
        new Label(Map.of("team", "search"), SPREE, SPREE.plus(Duration.ofDays(1)), "spike");
    Label other = new Label(Map.of("team", "ads"), SPREE, SPREE.plus(Duration.ofDays(1)), "drift");

    call.run(rules, FROM, TO, Optional.of(List.of(spree, other)), false);

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("2026-10-11T", "plain", "search", "1 alerts", "1 found, 1 missed, 0 false")
        .contains("missed: drift {team=ads} 2026-10-11T00:00:00Z");
    assertThat(asked).contains("window = 'hour'").contains("cost_rollups");
  }

  @Test
  void theSameAsJson() throws Exception {
    Label spree =
        new Label(Map.of("team", "search"), SPREE, SPREE.plus(Duration.ofDays(1)), "spike");

    call.run(rules, FROM, TO, Optional.of(List.of(spree)), true);

    JsonNode root = new ObjectMapper().readTree(out.toByteArray());
    assertThat(root.get("alerts")).hasSize(1);
    JsonNode alert = root.get("alerts").get(0);
    assertThat(alert.get("scope").get("team").asText()).isEqualTo("search");
    assertThat(alert.get("windowStart").asText()).isEqualTo("2026-10-11T00:00:00Z");
    assertThat(root.get("score").get("recall").decimalValue()).isEqualByComparingTo("1");
    assertThat(root.get("score").get("falseAlerts").asInt()).isZero();
  }

  @Test
  void nothingStoredIsAnErrorThatNamesTheTimes() {
    answer = "";

    assertThatThrownBy(() -> call.run(rules, FROM, TO, Optional.empty(), false))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("no spend is stored between")
        .hasMessageContaining("2026-10-13T00:00:00Z");
  }

  @Test
  void anErrorOfClickHouseIsToldAsItIs() {
    status = 404;
    answer = "Code: 60. DB::Exception: Unknown table expression identifier 'cost_rollups'";

    assertThatThrownBy(() -> call.run(rules, FROM, TO, Optional.empty(), false))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("Unknown table expression identifier 'cost_rollups'");
  }

  @Test
  void anAnswerOfAnotherShapeIsToldAsItIs() {
    answer = "[1, \"search\"]\n";

    assertThatThrownBy(() -> call.run(rules, FROM, TO, Optional.empty(), false))
        .isInstanceOf(StackException.class)
        .hasMessage("ClickHouse answered [1, \"search\"]");
  }

  /** Ten dollars a day at noon, for two weeks, and ten times that on one day. */
  private static String hours() {
    StringBuilder rows = new StringBuilder();
    for (Instant day = FROM.minus(Duration.ofDays(14));
        day.isBefore(TO);
        day = day.plus(Duration.ofDays(1))) {
      rows.append(
          "[%d,\"search\",\"mini\",\"answers\",\"%s\",%d]%n"
              .formatted(
                  day.plus(Duration.ofHours(12)).getEpochSecond(),
                  day.equals(SPREE) ? "100.000000000000" : "10.000000000000",
                  day.equals(SPREE) ? 1_000 : 100));
    }
    return rows.toString();
  }

  private void handle(HttpExchange exchange) throws IOException {
    asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    byte[] body = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
