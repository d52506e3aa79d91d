package io.outlay.collectors.http;

import io.outlay.collectors.testing.ProgramUnderTest;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What providers and LiteLLM send, through the program as it is shipped, to the topic. */
class ProviderUsageIT {
  private static ProgramUnderTest program;

  @BeforeAll
  static void start() throws Exception {
    program = ProgramUnderTest.ready("provider-usage-it", Map.of());
  }

  @AfterAll
  static void stop() throws Exception {
    if (program != null) {
      program.close();
    }
  }

  @Test
  void givenResponse_itsStream_andThePlainEvent_thenTheSameTokensAreStored() throws Exception {
    HttpResponse<String> response =
        program.post(
            "/v1/usage/anthropic.messages",
            "application/json",
            resource("provider/anthropic.json"),
            "x-outlay-id",
            "whole",
            "x-outlay-team",
            "search",
            "x-outlay-feature",
            "caf%C3%A9");
    HttpResponse<String> event =
        program.post(
            "/v1/events",
            "application/json",
            """
            {"specversion":"1.0","id":"event","source":"it","type":"io.outlay.llm.usage",
             "data":{"team":"search","usage":%s,"api":"anthropic.messages"}}"""
                .formatted(resource("provider/anthropic.json")));
    HttpResponse<String> stream =
        program.post(
            "/v1/usage/anthropic.messages",
            "text/event-stream",
            resource("provider/anthropic.sse"),
            "x-outlay-id",
            "stream");

    assertThat(List.of(response.body(), event.body(), stream.body()))
        .containsOnly("{\"accepted\":1,\"rejected\":[]}");
    UsageEvent whole = stored("whole");
    assertThat(tokens(whole))
        .isEqualTo(tokens(stored("event")))
        .isEqualTo(
            TokenCounts.newBuilder().setInput(3).setCacheWrite5m(12_304).setOutput(550).build());
    assertThat(whole.getFeature()).isEqualTo("café");
    assertThat(whole.getProviderUsage()).isEqualTo(stored("event").getProviderUsage());
    assertThat(tokens(stored("stream")).getOutput()).isEqualTo(15);
    assertThat(stored("stream").getTeam()).isEqualTo("unattributed");
  }

  @Test
  void givenWhatIsWrong_thenSaid() throws Exception {
    HttpResponse<String> unknown =
        program.post("/v1/usage/openai.images", "application/json", "{}");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(unknown.body())
        .contains("there is no API openai.images here; those are openai.chat, openai.responses");

    HttpResponse<String> header =
        program.post("/v1/usage/openai.chat", "application/json", "{}", "x-outlay-teem", "search");
    assertThat(header.statusCode()).isEqualTo(400);
    assertThat(header.body())
        .startsWith("{\"accepted\":0,\"rejected\":[{\"index\":0,\"field\":\"x-outlay-teem\",");

    HttpResponse<String> error =
        program.post(
            "/v1/usage/openai.chat",
            "application/json",
            "{\"error\":{\"message\":\"Rate limit reached\"}}",
            "x-outlay-id",
            "1");
    assertThat(error.statusCode()).isEqualTo(400);
    assertThat(error.body()).contains("which carries no usage: \\\"Rate limit reached\\\"");

    assertThat(program.post("/v1/usage/openai.chat", "text/csv", "a").statusCode()).isEqualTo(415);
    assertThat(program.post("/v1/callbacks/litellm", "text/csv", "a").statusCode()).isEqualTo(415);
    assertThat(program.get("/v1/usage/openai.chat").statusCode()).isEqualTo(405);
    assertThat(program.log()).doesNotContain("\tat ");
  }

  @Test
  void givenLiteLlmsCallback_thenCallsAndHitsAreStored() throws Exception {
    HttpResponse<String> answer =
        program.post("/v1/callbacks/litellm", "application/json", resource("litellm/array.json"));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"accepted\":3,\"rejected\":[]}");
    assertThat(tokens(stored("chatcmpl-a1")).getCacheRead()).isEqualTo(12_000);
    assertThat(stored("chatcmpl-a1").getTeam()).isEqualTo("search");
    assertThat(program.metrics())
        .containsEntry("outlay_ingest_events_total{format=\"litellm\",outcome=\"accepted\"}", 3.0);
  }

  private static TokenCounts tokens(UsageEvent event) {
    return ((LlmUsage) event.getDetail()).getTokens();
  }

  private static UsageEvent stored(String id) {
    return program.stored().stream()
        .filter(event -> event.getId().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static String resource(String path) throws IOException {
    try (InputStream in = ProviderUsageIT.class.getResourceAsStream("/" + path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
