package io.outlay.serde;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.outlay.schema.Price;
import io.outlay.schema.UsageEvent;
import io.outlay.topic.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class HttpSchemaRegistryTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Schema SCHEMA = Price.getClassSchema();

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final MovableClock clock = new MovableClock();
  private volatile int status = 200;
  private volatile String answer = "";
  private HttpServer server;
  private HttpSchemaRegistry registry;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
    registry = registry("/apis/ccompat/v7");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void aSchemaIsRegisteredAsTheApiWants() throws IOException {
    answer(200, "{\"id\":7,\"version\":1}");

    assertThat(registry.register("outlay.prices-value", SCHEMA)).isEqualTo(7);

    assertThat(requests)
        .containsExactly("POST /apis/ccompat/v7/subjects/outlay.prices-value/versions");
    JsonNode body = JSON.readTree(bodies.get(0));
    assertThat(body.path("schemaType").asText()).isEqualTo("AVRO");
    assertThat(new Schema.Parser().parse(body.path("schema").asText())).isEqualTo(SCHEMA);
  }

  @Test
  void whatWasRegisteredIsNotAskedForAgain() {
    answer(200, "{\"id\":7}");
    registry.register("outlay.prices-value", SCHEMA);

    assertThat(registry.byId(7)).isSameAs(SCHEMA);
    assertThat(requests).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/apis/ccompat/v7", "/apis/ccompat/v7/", "/apis/ccompat/v7//", "", "/"})
  void theAddressMayEndWithASlashOrNot(String path) {
    answer(200, "{\"id\":7}");

    registry(path).register("s", SCHEMA);

    assertThat(requests)
        .containsExactly("POST " + path.replaceAll("/+$", "") + "/subjects/s/versions");
  }

  @Test
  void anIncompatibleSchemaIsRefusedWithTheReasonThatTheRegistryGives() {
    answer(409, "{\"error_code\":409,\"message\":\"READER_FIELD_MISSING_DEFAULT_VALUE\"}\n");

    assertThatThrownBy(() -> registry.register("outlay.prices-value", SCHEMA))
        .isInstanceOf(RegistryException.class)
        .hasMessage(
            "cannot register outlay.prices-value: the registry answered 409"
                + " {\"error_code\":409,\"message\":\"READER_FIELD_MISSING_DEFAULT_VALUE\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "200, '', no id",
    "200, '{}', no id",
    "200, '{\"id\":\"seven\"}', no id",
    "200, '<html>', is not JSON",
    "500, 'oh', answered 500 oh",
    "404, '', registry.url seems wrong",
    "404, '{\"error_code\":40401}', 'cannot register s: the registry answered 404'",
  })
  void whatTheRegistryShouldNotAnswerIsWorthTryingAgain(int status, String body, String message) {
    answer(status, body);

    assertThatThrownBy(() -> registry.register("s", SCHEMA))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aSchemaIsFetchedOnce() throws IOException {
    answer(200, JSON.writeValueAsString(Map.of("schema", SCHEMA.toString())));

    Schema first = registry.byId(12);

    assertThat(first).isEqualTo(SCHEMA);
    assertThat(registry.byId(12)).isSameAs(first);
    assertThat(requests).containsExactly("GET /apis/ccompat/v7/schemas/ids/12");
  }

  @Test
  void anUnknownIdIsRememberedForThirtySeconds() throws IOException {
    answer(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");
    unknown(5);

    clock.advance(Duration.ofSeconds(30).minusNanos(1));
    unknown(5);
    assertThat(requests).hasSize(1);

    unknown(6);
    assertThat(requests).hasSize(2);

    clock.advance(Duration.ofNanos(1));
    unknown(5);
    assertThat(requests).hasSize(3);

    clock.advance(Duration.ofSeconds(30));
    answer(200, JSON.writeValueAsString(Map.of("schema", SCHEMA.toString())));
    assertThat(registry.byId(5)).isEqualTo(SCHEMA);
    assertThat(registry.byId(5)).isEqualTo(SCHEMA);
    assertThat(requests).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503, 401, 302})
  void anotherAnswerSaysNothingAboutTheIdAndIsNotRemembered(int status) throws IOException {
    answer(status, "later");
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> registry.byId(5))
          .isInstanceOf(RegistryException.class)
          .hasMessage("cannot fetch schema 5: the registry answered " + status + " later");
    }
    assertThat(requests).hasSize(2);

    answer(200, JSON.writeValueAsString(Map.of("schema", SCHEMA.toString())));
    assertThat(registry.byId(5)).isEqualTo(SCHEMA);
  }

  @ParameterizedTest
  @ValueSource(ints = {40401, 40402, 40403})
  void aRegistryThatLookedAndFoundNothingDoesNotKnowTheId(int code) {
    answer(404, "{\"error_code\":" + code + ",\"message\":\"not found\"}");

    unknown(5);
    unknown(5);
    assertThat(requests).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "null",
        "<html><h1>Not Found</h1></html>",
        "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}"
      })
  void aNotFoundOfSomethingElseSaysNothingAboutTheIdAndThatTheAddressSeemsWrong(String body)
      throws IOException {
    answer(404, body);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> registry.byId(5))
          .isInstanceOf(RegistryException.class)
          .hasMessageStartingWith(
              "cannot fetch schema 5: registry.url seems wrong, http://127.0.0.1:")
          .hasMessageContaining("/apis/ccompat/v7/ answered 404")
          .hasMessageEndingWith(body);
    }
    assertThat(requests).hasSize(2);

    answer(200, JSON.writeValueAsString(Map.of("schema", SCHEMA.toString())));
    assertThat(registry.byId(5)).isEqualTo(SCHEMA);
  }

  @Test
  void anAnswerThatIsNotJsonIsWorthTryingAgain() {
    answer(200, "<html>");

    assertThatThrownBy(() -> registry.byId(5))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("schema 5 is not JSON");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"schema\":\"syntax = \\\"proto3\\\";\",\"schemaType\":\"PROTOBUF\"}",
        "{\"schema\":\"{\\\"type\\\":\\\"object\\\"}\",\"schemaType\":\"JSON\"}",
        "{\"schema\":\"\"}",
        "{}",
        ""
      })
  void aSchemaThatIsNotAvroIsUnreadable(String body) {
    answer(200, body);

    assertThatThrownBy(() -> registry.byId(5))
        .isInstanceOf(UnreadableRecordException.class)
        .hasMessage("schema 5 is not an Avro schema");
  }

  @Test
  void aRegistryThatIsAwayIsNamed() {
    server.stop(0);

    assertThatThrownBy(() -> registry.byId(5))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("no answer from the schema registry at http://127.0.0.1:");
    assertThatThrownBy(() -> registry.register("s", SCHEMA))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("no answer from the schema registry at http://127.0.0.1:");
  }

  @Test
  void anInterruptedThreadStaysInterrupted() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> registry.byId(5)).isInstanceOf(RegistryException.class);

    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aCodecWorksOverHttp() {
    answer(200, "{\"id\":3}");
    AvroCodec<UsageEvent> codec = AvroCodec.of(Topics.USAGE, "outlay.", registry);

    assertThat(codec.schemaId()).isEqualTo(3);
    assertThat(requests)
        .containsExactly("POST /apis/ccompat/v7/subjects/outlay.usage-value/versions");
  }

  private void unknown(int id) {
    assertThatThrownBy(() -> registry.byId(id))
        .isInstanceOf(UnreadableRecordException.class)
        .hasMessage("the registry knows no schema with id " + id);
  }

  private HttpSchemaRegistry registry(String path) {
    return new HttpSchemaRegistry(
        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path), clock);
  }

  private void answer(int status, String body) {
    this.status = status;
    this.answer = body;
  }

  private void handle(HttpExchange exchange) throws IOException {
    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    byte[] body = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static final class MovableClock extends Clock {
    private Instant now = Instant.parse("2026-11-21T02:00:00Z");

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }
}
