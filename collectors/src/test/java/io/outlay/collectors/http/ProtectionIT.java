package io.outlay.collectors.http;

import io.outlay.collectors.testing.ProgramUnderTest;
import io.outlay.schema.UsageEvent;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Keys, limits and the end of the program, as it is shipped. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ProtectionIT {
  private static final String JSON = "application/json";

  @TempDir private static Path folder;

  private static ProgramUnderTest program;

  @BeforeAll
  static void start() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("outlay.yaml"),
            """
            apiKeys:
              - {name: search-svc, key: "${SEARCH_KEY}", team: search}
              - {name: slow, key: 0123456789-of-slow, eventsPerSecond: 1}
            """);
    program =
        ProgramUnderTest.ready(
            "protection-it",
            Map.of("CONFIG_FILE", config.toString(), "SEARCH_KEY", "0123456789-of-search"));
  }

  @AfterAll
  static void stop() throws Exception {
    if (program != null) {
      program.close();
    }
  }

  @Test
  @Order(1)
  void givenNoOrWrongKey_thenUnauthorizedAndTheKeyIsNotRepeated() throws Exception {
    HttpResponse<String> none = program.post("/v1/events", JSON, event("a", "search"));
    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(none.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    assertThat(none.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(none.headers().firstValue("x-request-id")).isPresent();
    assertThat(none.body()).contains("an API key is required");

    HttpResponse<String> wrong =
        program.post(
            "/v1/events", JSON, event("a", "search"), "Authorization", "Bearer 0123456789-of-xxx");
    assertThat(wrong.statusCode()).isEqualTo(401);
    assertThat(wrong.body()).contains("is not known").doesNotContain("0123456789");
    assertThat(program.get("/q/health/ready").statusCode()).isEqualTo(200);
    assertThat(program.get("/q/metrics").statusCode()).isEqualTo(200);
  }

  @Test
  @Order(2)
  void givenKeyWithATeam_thenItIsImpliedAndCannotBeOverridden() throws Exception {
    HttpResponse<String> answer =
        program.post(
            "/v1/events",
            JSON,
            "["
                + event("implied", null)
                + ","
                + event("same", "search")
                + ","
                + event("other", "ads")
                + "]",
            "Authorization",
            "Bearer 0123456789-of-search");

    assertThat(answer.statusCode()).isEqualTo(207);
    assertThat(answer.body())
        .isEqualTo(
            "{\"accepted\":2,\"rejected\":[{\"index\":2,\"id\":\"other\",\"field\":\"data.team\","
                + "\"error\":\"must be \\\"search\\\", the team of the API key search-svc, was"
                + " \\\"ads\\\"\"}]}");
    assertThat(program.stored()).hasSize(2);
    assertThat(program.stored()).extracting(UsageEvent::getTeam).containsOnly("search");
  }

  @Test
  @Order(3)
  void givenKeyThatSendsTooMuch_thenTooManyRequestsWithRetryAfter_andOthersGoOn() throws Exception {
    String batch = "[" + event("r1", "t") + "," + event("r2", "t") + "," + event("r3", "t") + "]";
    assertThat(slow(batch).statusCode()).isEqualTo(200);

    HttpResponse<String> refused = slow(event("r4", "t"));

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(1L, 3L);
    assertThat(refused.body()).contains("the API key slow has sent more events than it may");
    assertThat(
            program
                .post("/v1/events", JSON, event("r5", null), "x-api-key", "0123456789-of-search")
                .statusCode())
        .isEqualTo(200);
    assertThat(program.stored()).extracting(UsageEvent::getId).doesNotContain("r4");
    await().atMost(Duration.ofSeconds(10)).until(() -> slow(event("r4", "t")).statusCode() == 200);
    assertThat(program.metrics())
        .containsKey("outlay_ingest_requests_total{format=\"json\",status=\"429\"}")
        .containsKey("outlay_ingest_requests_total{format=\"none\",status=\"401\"}");
  }

  @Test
  @Order(4)
  void givenSigtermDuringARequest_thenItIsStillAnswered() throws Exception {
    String body = event("last", null);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), program.port())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                  + "Authorization: Bearer 0123456789-of-search\r\nContent-Length: "
                  + body.length()
                  + "\r\n\r\n"
                  + body.substring(0, 30))
              .getBytes(StandardCharsets.UTF_8));
      out.flush();
      await().until(() -> program.metrics().get("outlay_ingest_in_flight") == 1.0);

      program.process().destroy();
      await().until(() -> program.log().contains("Waiting for HTTP requests to complete"));
      out.write(body.substring(30).getBytes(StandardCharsets.UTF_8));
      out.flush();

      assertThat(firstLine(socket.getInputStream())).isEqualTo("HTTP/1.1 200 OK");
    }
    assertThat(program.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(program.stored()).extracting(UsageEvent::getId).contains("last");
    assertThat(program.log()).doesNotContain("\tat ");
  }

  private static String firstLine(InputStream in) throws Exception {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\r'; c = in.read()) {
      line.append((char) c);
    }
    return line.toString();
  }

  private static HttpResponse<String> slow(String body) throws Exception {
    return program.post("/v1/events", JSON, body, "x-api-key", "0123456789-of-slow");
  }

  private static String event(String id, String team) {
    return """
        {"specversion":"1.0","id":"%s","source":"it","type":"io.outlay.llm.usage",
         "data":{%s"provider":"openai","model":"gpt-4o","tokens":{"output":7}}}"""
        .formatted(id, team == null ? "" : "\"team\":\"" + team + "\",");
  }
}
