package io.outlay.collectors.provider;

import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.collectors.provider.UsageFormat.Shape;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.UsageRules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class UsageFormatTest {
  private static final Map<String, String> NAMED = Map.of("id", "call-1", "model", "m-1");

  /**
   * What providers answer, and their buckets: input, cacheRead, cacheWrite5m, cacheWrite1h, output,
   * reasoning, inputAudio, outputAudio, inputImage, outputImage; then the provider's own total.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "openai.chat|openai-chat.json|86 1920 0 0 108 192 0 0 0 0|2306|standard|0",
        "openai.chat|openai-chat-bare.json|1000 0 17 0 13 0 100 33 0 0|1163||0",
        "openai.chat|openai-chat-chunk.json|14 0 0 0 8 0 0 0 0 0|22|flex|0",
        "openai.chat|openai-chat.sse|14 0 0 0 8 0 0 0 0 0|22|priority|0",
        "openai.chat|grok-chat.json|33 8 0 0 87 238 0 0 0 0|366||0",
        "openai.responses|openai-responses.json|2064 1024 512 0 230 640 0 0 0 0|4470|standard|2",
        "openai.responses|openai-responses-event.json|36 0 0 0 87 0 0 0 0 0|123|priority|1",
        "openai.responses|openai-responses.sse|16 20 0 0 7 80 0 0 0 0|123|flex|0",
        "openai.embeddings|openai-embeddings.json|8 0 0 0 0 0 0 0 0 0|8||0",
        "anthropic.messages|anthropic.json|3 0 12304 0 550 0 0 0 0 0|12857|standard|0",
        "anthropic.messages|anthropic-bare.json|2095 900 800 1000 103 400 0 0 0 0|5298|standard|3",
        "anthropic.messages|anthropic.sse|25 7 40 60 15 0 0 0 0 0|147|priority|1",
        "gemini.generate-content|gemini.json|862 1500 0 0 40 380 200 50 158 0|3190|priority|0",
        "gemini.generate-content|gemini-stream.json|10 0 0 0 21 30 0 0 0 0|61||0",
        "bedrock.converse|bedrock.json|30 1100 500 1500 628 0 0 0 0 0|3758|flex|0",
        "bedrock.converse|bedrock-stream.json|125 0 0 0 60 0 0 0 0 0|185||0",
      })
  void givenWhatAProviderAnswers_thenBucketsAreDisjointAndAddUp(
      String api, String file, String buckets, long total, String tier, long webSearches)
      throws Exception {
    UsageEvent event = read(api, shape(file), resource(file), NAMED).event();

    LlmUsage llm = (LlmUsage) event.getDetail();
    assertThat(shown(llm.getTokens())).isEqualTo(buckets);
    assertThat(TokenMapping.sum(llm.getTokens())).isEqualTo(total);
    assertThat(llm.getServiceTier()).isEqualTo(tier == null ? "" : tier);
    assertThat(llm.getWebSearches()).isEqualTo(webSearches);
    assertThat(event.getWarning()).isEmpty();
    assertThat(event.getProviderUsage().getApi()).isEqualTo(api);
    assertThat(event.getProviderUsage().getUsage()).startsWith("{\"").doesNotContain("\n");
  }

  @Test
  void givenWholeResponse_thenItSaysWhoServedIt_andHeadersWhoItWasFor() throws Exception {
    Map<String, String> headers = new HashMap<>();
    headers.put("team", "search");
    headers.put("feature", "answers%20%C3%A4%2b+");
    headers.put(
        "project",
        new String("Zürich".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
    headers.put("customer", "acme");
    headers.put("user", "u1");
    headers.put("environment", "prod");
    headers.put("request-id", "r-1");
    headers.put("trace-id", "t-1");
    headers.put("baseline-model", "claude-opus-5");
    headers.put("latency-ms", "812");
    headers.put("status", "ok");
    headers.put("time", "2026-11-20T09:30:00.5+01:00");
    headers.put("tag-cell", "7");

    UsageEvent event =
        read("anthropic.messages", Shape.JSON, resource("anthropic.json"), headers).event();

    LlmUsage llm = (LlmUsage) event.getDetail();
    assertThat(event.getId()).isEqualTo("msg_013Zva2CMHLNnXjNJJKqJ2EF");
    assertThat(event.getSource()).isEqualTo("anthropic.messages");
    assertThat(event.getTeam()).isEqualTo("search");
    assertThat(event.getFeature()).isEqualTo("answers ä++");
    assertThat(event.getProject()).isEqualTo("Zürich");
    assertThat(event.getCustomer()).isEqualTo("acme");
    assertThat(event.getUser()).isEqualTo("u1");
    assertThat(event.getEnvironment()).isEqualTo("prod");
    assertThat(event.getRegion()).isEqualTo("us");
    assertThat(event.getRequestId()).isEqualTo("r-1");
    assertThat(event.getTraceId()).isEqualTo("t-1");
    assertThat(event.getTags()).containsExactly(Map.entry("cell", "7"));
    assertThat(event.getEventTimeMicros())
        .isEqualTo(Instant.parse("2026-11-20T08:30:00.5Z").toEpochMilli() * 1_000);
    assertThat(llm.getProvider()).isEqualTo("anthropic");
    assertThat(llm.getModel()).isEqualTo("claude-sonnet-4-5-20250929");
    assertThat(llm.getBaselineModel()).isEqualTo("claude-opus-5");
    assertThat(llm.getOperation()).isEqualTo("chat");
    assertThat(llm.getLatencyMs()).isEqualTo(812);
    assertThat(llm.getStatus()).isEqualTo("ok");
    assertThat(llm.getRequests()).isEqualTo(1);
    assertThat(event.getProviderUsage().getUsage())
        .isEqualTo(
            "{\"input_tokens\":3,\"cache_creation_input_tokens\":12304,"
                + "\"cache_read_input_tokens\":0,\"cache_creation\":{"
                + "\"ephemeral_5m_input_tokens\":12304,\"ephemeral_1h_input_tokens\":0},"
                + "\"output_tokens\":550,\"service_tier\":\"standard\",\"inference_geo\":\"us\"}");
  }

  @Test
  void givenNothingButTheObject_thenUnattributedAndNow() throws Exception {
    UsageEvent event =
        read("openai.responses", Shape.JSON, resource("openai-responses.json"), Map.of()).event();

    assertThat(event.getTeam()).isEqualTo("unattributed");
    assertThat(event.getEventTimeMicros()).isEqualTo(Collected.reception().receivedAtMicros());
    assertThat(event.getSource()).isEqualTo("openai.responses");
  }

  @Test
  void givenBatchTier_thenBatch_andBedrockLatency_thenKept() throws Exception {
    LlmUsage batch =
        (LlmUsage)
            read("anthropic.messages", Shape.JSON, resource("anthropic-bare.json"), NAMED)
                .event()
                .getDetail();
    LlmUsage bedrock =
        (LlmUsage)
            read("bedrock.converse", Shape.JSON, resource("bedrock-stream.json"), NAMED)
                .event()
                .getDetail();

    assertThat(batch.getBatch()).isTrue();
    assertThat(bedrock.getLatencyMs()).isEqualTo(1175);
    assertThat(bedrock.getProvider()).isEqualTo("aws");
  }

  @Test
  void givenTierInResponse_thenServedHolds_andNone_thenTheOneAskedFor() throws Exception {
    Map<String, String> asked = Map.of("id", "1", "model", "m", "service-tier", "priority");

    assertThat(tier("{\"service_tier\":\"default\",\"usage\":{\"prompt_tokens\":1}}", asked))
        .isEqualTo("standard");
    assertThat(tier("{\"service_tier\":\"auto\",\"usage\":{\"prompt_tokens\":1}}", asked))
        .isEqualTo("priority");
    assertThat(tier("{\"prompt_tokens\":1}", asked)).isEqualTo("priority");
  }

  private static String tier(String body, Map<String, String> headers) throws Exception {
    return ((LlmUsage) read("openai.chat", Shape.JSON, body, headers).event().getDetail())
        .getServiceTier();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "openai.chat|{\"prompt_tokens\":10,\"completion_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":40}}|0 10 0 0 5 0 0 0 0 0|cached_tokens 40 exceeds prompt_tokens 10, taken as 10",
        "openai.chat|{\"prompt_tokens\":10,\"completion_tokens\":5,\"completion_tokens_details\":{\"reasoning_tokens\":8}}|10 0 0 0 0 5 0 0 0 0|reasoning_tokens 8 exceeds completion_tokens 5, taken as 5",
        "openai.chat|{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":99}|10 0 0 0 5 0 0 0 0 0|total_tokens 99 is not the sum 15 of its parts, which were taken",
        "openai.chat|{\"prompt_tokens\":10,\"completion_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":6,\"audio_tokens\":6}}|0 6 0 0 5 0 4 0 0 0|audio_tokens 6 exceeds the 4 left of prompt_tokens 10, taken as 4",
        "openai.chat|{\"prompt_tokens\":-10,\"completion_tokens\":5}|0 0 0 0 5 0 0 0 0 0|prompt_tokens was -10, taken as 0",
        "openai.chat|{\"prompt_tokens\":1.5,\"completion_tokens\":5}|1 0 0 0 5 0 0 0 0 0|prompt_tokens was 1.5, taken as 1",
        "openai.chat|{\"prompt_tokens\":1e-999999999,\"completion_tokens\":5}|0 0 0 0 5 0 0 0 0 0|prompt_tokens was 1E-999999999, taken as 0",
        "openai.chat|{\"prompt_tokens\":1e999999999,\"completion_tokens\":5}|1000000000000 0 0 0 5 0 0 0 0 0|prompt_tokens was 1E+999999999, taken as 1000000000000",
        "openai.chat|{\"prompt_tokens\":9223372036854775808}|1000000000000 0 0 0 0 0 0 0 0 0|prompt_tokens was 9223372036854775808, taken as 1000000000000",
        "openai.chat|{\"prompt_tokens\":12.0,\"completion_tokens\":null}|12 0 0 0 0 0 0 0 0 0|",
        "anthropic.messages|{\"input_tokens\":1,\"cache_creation_input_tokens\":10,\"cache_creation\":{\"ephemeral_5m_input_tokens\":8,\"ephemeral_1h_input_tokens\":4}}|1 0 6 4 0 0 0 0 0 0|5-minute cache writes 8 exceeds the 6 left of cache_creation_input_tokens 10, taken as 6",
        "anthropic.messages|{\"output_tokens\":15}|0 0 0 0 15 0 0 0 0 0|input_tokens is absent, taken as 0",
        "anthropic.messages|{\"input_tokens\":1,\"cache_creation\":{\"ephemeral_5m_input_tokens\":8,\"ephemeral_1h_input_tokens\":4}}|1 0 8 4 0 0 0 0 0 0|",
        "gemini.generate-content|{\"promptTokenCount\":10,\"cachedContentTokenCount\":12}|0 10 0 0 0 0 0 0 0 0|cachedContentTokenCount 12 exceeds promptTokenCount 10, taken as 10",
        "gemini.generate-content|{\"promptTokenCount\":10,\"cachedContentTokenCount\":8,\"promptTokensDetails\":[{\"modality\":\"AUDIO\",\"tokenCount\":6}]}|0 8 0 0 0 0 2 0 0 0|",
        "gemini.generate-content|{\"promptTokenCount\":1000000000000,\"toolUsePromptTokenCount\":5}|1000000000000 0 0 0 0 0 0 0 0 0|promptTokenCount was 1000000000005, taken as 1000000000000",
        "openai.chat|{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":72,\"prompt_tokens_details\":{\"cached_tokens\":40,\"cache_write_tokens\":17}}|10 40 17 0 5 0 0 0 0 0|cache of 57 was taken as beside prompt_tokens 10: total_tokens 72 counts both",
        "openai.chat|{\"prompt_tokens\":100,\"completion_tokens\":5,\"total_tokens\":145,\"cache_read_input_tokens\":40}|100 40 0 0 5 0 0 0 0 0|cache of 40 was taken as beside prompt_tokens 100: total_tokens 145 counts both",
        "openai.chat|{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":63,\"prompt_tokens_details\":{\"cached_tokens\":40},\"completion_tokens_details\":{\"reasoning_tokens\":8}}|10 40 0 0 5 8 0 0 0 0|cache of 40 was taken as beside prompt_tokens 10: total_tokens 63 counts both",
        "openai.chat|{\"prompt_tokens\":50,\"completion_tokens\":5,\"total_tokens\":63,\"prompt_tokens_details\":{\"cached_tokens\":8},\"completion_tokens_details\":{\"reasoning_tokens\":8}}|42 8 0 0 5 8 0 0 0 0|",
        "openai.responses|{\"input_tokens\":10,\"output_tokens\":8,\"total_tokens\":58,\"input_tokens_details\":{\"cached_tokens\":40},\"output_tokens_details\":{\"reasoning_tokens\":8}}|10 40 0 0 0 8 0 0 0 0|cache of 40 was taken as beside input_tokens 10: total_tokens 58 counts both",
        "openai.chat|{\"total_tokens\":500000}|500000 0 0 0 0 0 0 0 0 0|prompt_tokens and completion_tokens are absent, 500000 of total_tokens taken as input",
        "openai.chat|{\"prompt_tokens\":10,\"total_tokens\":25}|10 0 0 0 15 0 0 0 0 0|completion_tokens is absent, taken as the 15 left of total_tokens",
        "openai.chat|{\"prompt_tokens\":10,\"total_tokens\":25,\"prompt_tokens_details\":{\"cached_tokens\":15}}|0 10 0 0 15 0 0 0 0 0|completion_tokens is absent, taken as the 15 left of total_tokens; cached_tokens 15 exceeds prompt_tokens 10, taken as 10",
        "openai.responses|{\"output_tokens\":10,\"total_tokens\":25}|15 0 0 0 10 0 0 0 0 0|input_tokens is absent, taken as the 15 left of total_tokens",
        "openai.embeddings|{\"prompt_tokens\":10,\"total_tokens\":25}|10 0 0 0 0 0 0 0 0 0|total_tokens 25 is not the sum 10 of its parts, which were taken",
        "gemini.generate-content|{\"totalTokenCount\":500000}|500000 0 0 0 0 0 0 0 0 0|promptTokenCount and candidatesTokenCount are absent, 500000 of totalTokenCount taken as input",
        "gemini.generate-content|{\"promptTokenCount\":10,\"thoughtsTokenCount\":30,\"totalTokenCount\":40}|10 0 0 0 0 30 0 0 0 0|",
        "gemini.generate-content|{\"promptTokenCount\":10,\"thoughtsTokenCount\":30,\"totalTokenCount\":47}|10 0 0 0 7 30 0 0 0 0|candidatesTokenCount is absent, taken as the 7 left of totalTokenCount",
        "bedrock.converse|{\"totalTokens\":500000}|500000 0 0 0 0 0 0 0 0 0|inputTokens and outputTokens are absent, 500000 of totalTokens taken as input",
        "bedrock.converse|{\"outputTokens\":5,\"cacheReadInputTokens\":100,\"totalTokens\":115}|10 100 0 0 5 0 0 0 0 0|inputTokens is absent, taken as the 10 left of totalTokens",
        "anthropic.messages|{\"input_tokens\":23000,\"output_tokens\":1000,\"output_tokens_details\":{\"thinking_tokens\":400},\"iterations\":[{\"type\":\"compaction\",\"input_tokens\":180000,\"output_tokens\":3500,\"cache_read_input_tokens\":7},{\"type\":\"message\",\"input_tokens\":23000,\"output_tokens\":1000}]}|203000 7 0 0 4100 400 0 0 0 0|iterations add up to 207507 tokens, more than the 24000 stated beside them; the iterations were taken",
        "anthropic.messages|{\"input_tokens\":23000,\"output_tokens\":1000,\"iterations\":[{\"type\":\"message\",\"input_tokens\":23000,\"output_tokens\":1000}]}|23000 0 0 0 1000 0 0 0 0 0|",
        "anthropic.messages|{\"input_tokens\":3,\"output_tokens\":1,\"cache_creation_input_tokens\":10,\"cache_creation\":{\"ephemeral_1h_input_tokens\":10},\"iterations\":[{\"input_tokens\":3,\"output_tokens\":2,\"cache_creation_input_tokens\":12}]}|3 0 2 10 2 0 0 0 0 0|iterations add up to 17 tokens, more than the 14 stated beside them; the iterations were taken",
        "bedrock.converse|{\"inputTokens\":10,\"outputTokens\":5,\"totalTokens\":14}|10 0 0 0 5 0 0 0 0 0|totalTokens 14 is not the sum 15 of its parts, which were taken",
      })
  void givenContradiction_thenTakenWithAWarning(
      String api, String body, String buckets, String warning) throws Exception {
    UsageEvent event = read(api, Shape.JSON, body, NAMED).event();

    assertThat(shown(((LlmUsage) event.getDetail()).getTokens())).isEqualTo(buckets);
    assertThat(event.getWarning()).isEqualTo(warning == null ? "" : warning);
  }

  @Test
  void givenEverythingWrong_thenTheWarningIsCut() throws Exception {
    UsageEvent event =
        read(
                "openai.chat",
                Shape.JSON,
                "{\"prompt_tokens\":-10,\"completion_tokens\":-5,\"total_tokens\":-4,"
                    + "\"prompt_tokens_details\":{\"cached_tokens\":-7,\"audio_tokens\":-1.5,"
                    + "\"cache_write_tokens\":9,\"image_tokens\":1e30},"
                    + "\"completion_tokens_details\":{\"reasoning_tokens\":99999999999999999999}}",
                NAMED)
            .event();

    assertThat(event.getWarning()).hasSize(256).endsWith("…").startsWith("prompt_tokens was -10");
    assertThat(TokenMapping.sum(((LlmUsage) event.getDetail()).getTokens())).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"usage\":{\"prompt_tokens\":\"12\"}}|usage.prompt_tokens|must be a whole number >= 0, was \"12\"",
        "{\"prompt_tokens\":\"12\"}|usage.prompt_tokens|must be a whole number >= 0, was \"12\"",
        "{\"prompt_tokens\":true}|usage.prompt_tokens|must be a whole number >= 0, was true",
        "{\"prompt_tokens\":[1]}|usage.prompt_tokens|must be a whole number >= 0, was an array",
        "{\"prompt_tokens\":NaN}|usage.prompt_tokens|must be a whole number >= 0, was \"NaN\"",
        "{\"prompt_tokens\":1e99999999999}|prompt_tokens|is beyond any count: \"1e99999999999\"",
        "{\"usage\":{\"prompt_tokens\":1,\"prompt_tokens\":2}}|usage.prompt_tokens|is given twice",
        "{\"usage\":{\"prompt_tokens\":1,\"prompt_tokens_details\":[]}}|usage.prompt_tokens_details|must be an object, was an array",
        "{\"usage\":{\"prompt_tokens\":1,\"prompt_tokens_details\":{\"cached_tokens\":{}}}}|usage.prompt_tokens_details.cached_tokens|must be a whole number >= 0, was an object",
        "{\"usage\":[]}|usage|must be an object, was an array",
        "{\"usage\":\"none\"}|usage|must be an object, was \"none\"",
        "{\"usage\":{}}|usage|carries no usage of openai.chat: must have one of prompt_tokens, completion_tokens, total_tokens",
        "{\"usage\":{\"input_tokens\":1}}|usage|carries no usage of openai.chat: must have one of prompt_tokens, completion_tokens, total_tokens",
        "{\"usage\":null}|usage|carries no usage of openai.chat: must have one of prompt_tokens, completion_tokens, total_tokens",
        "{}|usage|carries no usage of openai.chat: must have one of prompt_tokens, completion_tokens, total_tokens",
        "[]|usage|carries no usage of openai.chat: must have one of prompt_tokens, completion_tokens, total_tokens",
        "5|$|must be an object of the provider, was 5",
        "[{\"prompt_tokens\":1},\"x\"]|[1]|must be an object of the provider, was \"x\"",
        "{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"tokens\"}}|error|is an error of the provider, which carries no usage: \"Rate limit reached\"",
        "{\"error\":\"no such model\"}|error|is an error of the provider, which carries no usage: \"no such model\"",
        "[{\"id\":\"a\",\"usage\":{\"prompt_tokens\":1}},{\"id\":\"b\",\"usage\":{\"prompt_tokens\":1}}]|id|must be of one response, was \"a\" and then \"b\"",
      })
  void givenNoUsage_thenRejectedWithFieldAndValue(String body, String field, String error)
      throws Exception {
    Rejection rejection = read("openai.chat", Shape.JSON, body, NAMED).rejection();

    assertThat(rejection.field()).isEqualTo(field);
    assertThat(rejection.error()).isEqualTo(error);
    assertThat(rejection.id()).isEqualTo("call-1");
  }

  @Test
  void givenErrorsOfTheOthers_thenRejected() throws Exception {
    assertThat(
            read(
                    "anthropic.messages",
                    Shape.JSON,
                    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
                    NAMED)
                .rejection()
                .error())
        .contains("carries no usage: \"Overloaded\"");
    assertThat(
            read(
                    "bedrock.converse",
                    Shape.JSON,
                    "{\"__type\":\"ThrottlingException\",\"message\":\"slow down\"}",
                    NAMED)
                .rejection()
                .error())
        .contains("\"ThrottlingException slow down\"");
  }

  @Test
  void givenStreamThatEndsInAnError_thenWhatWasUsedCounts() throws Exception {
    String stream =
        "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"c\",\"usage\":"
            + "{\"input_tokens\":25,\"output_tokens\":1}}}\n\n"
            + "data: {\"type\":\"error\",\"error\":{\"message\":\"Overloaded\"}}";

    UsageEvent event = read("anthropic.messages", Shape.STREAM, stream, Map.of()).event();

    assertThat(event.getWarning())
        .isEqualTo("the stream ended before its final usage; the response ended in an error");
    assertThat(shown(((LlmUsage) event.getDetail()).getTokens())).isEqualTo("25 0 0 0 1 0 0 0 0 0");
  }

  private static final String START =
      "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"c\",\"usage\":"
          + "{\"input_tokens\":25,\"output_tokens\":1}}}";

  private static final String DELTA =
      "{\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":9}}";

  @Test
  void givenStreamWithoutItsEnd_thenTakenWithAWarning() throws Exception {
    for (Collected read :
        List.of(
            read("anthropic.messages", Shape.STREAM, "data: " + START + "\n\n", Map.of()),
            read("anthropic.messages", Shape.LINES, START + "\n", Map.of()),
            read("anthropic.messages", Shape.JSON, "[" + START + "]", Map.of()))) {
      assertThat(read.event().getWarning()).isEqualTo("the stream ended before its final usage");
      assertThat(shown(((LlmUsage) read.event().getDetail()).getTokens()))
          .isEqualTo("25 0 0 0 1 0 0 0 0 0");
    }
    UsageEvent whole =
        read("anthropic.messages", Shape.JSON, "[" + START + "," + DELTA + "]", Map.of()).event();
    assertThat(whole.getWarning()).isEmpty();
    assertThat(shown(((LlmUsage) whole.getDetail()).getTokens())).isEqualTo("25 0 0 0 9 0 0 0 0 0");
  }

  @Test
  void givenTheStartOfAStreamAlone_thenRejected_andItsLastEventAlone_thenTaken() throws Exception {
    Rejection rejection = read("anthropic.messages", Shape.JSON, START, Map.of()).rejection();

    assertThat(rejection.field()).isEqualTo("message.usage");
    assertThat(rejection.error())
        .isEqualTo("usage of message_start is not final; send message_delta or the whole stream");
    assertThat(read("anthropic.messages", Shape.JSON, DELTA, NAMED).event().getId())
        .isEqualTo("call-1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "openai.embeddings|[{\"usage\":{\"prompt_tokens\":1}},{\"usage\":{\"prompt_tokens\":2}}]|usage",
        "openai.chat|[{\"prompt_tokens\":1},{\"prompt_tokens\":2}]|usage",
        "openai.chat|[{\"id\":\"a\",\"usage\":{\"prompt_tokens\":1}},{\"prompt_tokens\":2}]|usage",
        "anthropic.messages|[{\"input_tokens\":1},{\"input_tokens\":2}]|usage",
        "anthropic.messages|[{\"usage\":{\"input_tokens\":1}},{\"usage\":{\"input_tokens\":2}}]|usage",
        "gemini.generate-content|[{\"promptTokenCount\":1},{\"promptTokenCount\":1}]|usage",
        "gemini.generate-content|[{\"usageMetadata\":{\"promptTokenCount\":1}},{\"usageMetadata\":{\"promptTokenCount\":2}}]|usageMetadata",
        "bedrock.converse|[{\"usage\":{\"inputTokens\":1}},{\"usage\":{\"inputTokens\":2}}]|usage",
        "bedrock.converse|[{\"metadata\":{\"usage\":{\"inputTokens\":1}}},{\"metadata\":{\"usage\":{\"inputTokens\":1}}}]|metadata.usage",
      })
  void givenSeveralCalls_thenRejected(String api, String body, String field) throws Exception {
    Rejection rejection = read(api, Shape.JSON, body, NAMED).rejection();

    assertThat(rejection.field()).isEqualTo(field);
    assertThat(rejection.error())
        .isEqualTo("is the usage of a second call; send one call in a request");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "openai.chat|[{\"id\":\"a\",\"usage\":{\"prompt_tokens\":1}},{\"id\":\"a\",\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":4}}]|1 0 0 0 4 0 0 0 0 0",
        "openai.responses|[{\"response\":{\"id\":\"a\",\"usage\":{\"input_tokens\":1}}},{\"response\":{\"id\":\"a\",\"usage\":{\"input_tokens\":1,\"output_tokens\":4}}}]|1 0 0 0 4 0 0 0 0 0",
        "gemini.generate-content|[{\"usageMetadata\":{\"promptTokenCount\":1,\"totalTokenCount\":1}},{\"usageMetadata\":{\"promptTokenCount\":1,\"candidatesTokenCount\":4,\"totalTokenCount\":5}}]|1 0 0 0 4 0 0 0 0 0",
        "anthropic.messages|[{\"type\":\"message_delta\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}},{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":4}}]|1 0 0 0 4 0 0 0 0 0",
      })
  void givenUsageThatCountsOn_thenTheLast(String api, String body, String buckets)
      throws Exception {
    UsageEvent event = read(api, Shape.JSON, body, NAMED).event();

    assertThat(shown(((LlmUsage) event.getDetail()).getTokens())).isEqualTo(buckets);
  }

  @Test
  void givenRegionInHeader_thenWhereTheProviderRanIsATag() throws Exception {
    String body = resource("anthropic.json");

    UsageEvent event =
        read("anthropic.messages", Shape.JSON, body, Map.of("region", "eu-west-1")).event();

    assertThat(event.getRegion()).isEqualTo("eu-west-1");
    assertThat(event.getTags()).containsExactly(Map.entry("anthropic.inference_geo", "us"));
    assertThat(read("anthropic.messages", Shape.JSON, body, Map.of()).event().getTags()).isEmpty();
  }

  @Test
  void givenRegionInHeader_andAsManyTagsAsFit_thenAWarning() throws Exception {
    Map<String, String> headers = new HashMap<>(Map.of("region", "eu-west-1"));
    for (int i = 0; i < UsageRules.MAX_TAGS; i++) {
      headers.put("tag-" + i, "x");
    }

    UsageEvent event =
        read("anthropic.messages", Shape.JSON, resource("anthropic.json"), headers).event();

    assertThat(event.getTags()).hasSize(UsageRules.MAX_TAGS);
    assertThat(event.getWarning()).isEqualTo("the tag anthropic.inference_geo \"us\" is left out");
  }

  @Test
  void givenApiKey_thenItsNameIsPartOfTheSource() throws Exception {
    byte[] body = "{\"prompt_tokens\":1}".getBytes(StandardCharsets.UTF_8);
    Collected keyed = new Collected();
    keyed.read(
        format("openai.chat", Shape.JSON, NAMED),
        body,
        Collected.reception(new Publisher("chatbot", null)));
    Collected named = new Collected();
    named.read(
        format("openai.chat", Shape.JSON, Map.of("id", "1", "model", "m", "source", "/mine")),
        body,
        Collected.reception(new Publisher("chatbot", null)));

    assertThat(keyed.event().getSource()).isEqualTo("openai.chat/chatbot");
    assertThat(named.event().getSource()).isEqualTo("/mine");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"web_search_call\"}|1",
        "{\"type\":\"web_search_call\",\"action\":null}|1",
        "{\"type\":\"web_search_call\",\"action\":{\"query\":\"x\",\"type\":\"search\"}}|1",
        "{\"action\":{\"type\":\"search\",\"sources\":[{\"type\":\"url\"}]},\"type\":\"web_search_call\"}|1",
        "{\"action\":{\"type\":\"open_page\"},\"type\":\"web_search_call\"}|0",
        "{\"type\":\"web_search_call\",\"action\":{\"type\":\"find_in_page\"}}|0",
      })
  void givenWebSearchCall_thenOnlySearchesCount(String item, long searches) throws Exception {
    UsageEvent event =
        read(
                "openai.responses",
                Shape.JSON,
                "{\"output\":[" + item + "],\"usage\":{\"input_tokens\":1}}",
                NAMED)
            .event();

    assertThat(((LlmUsage) event.getDetail()).getWebSearches()).isEqualTo(searches);
  }

  @Test
  void givenTextThatIsNotUtf8_thenUnreadable() {
    for (Shape shape : Shape.values()) {
      byte[] body =
          "data: {\"id\":\"\u00e9\",\"prompt_tokens\":1}"
              .substring(shape == Shape.STREAM ? 0 : "data: ".length())
              .getBytes(StandardCharsets.ISO_8859_1);

      assertThatThrownBy(
              () ->
                  new Collected()
                      .read(format("openai.chat", shape, NAMED), body, Collected.reception()))
          .isInstanceOf(UnreadableBodyException.class)
          .hasMessageContaining("not UTF-8");
    }
  }

  @Test
  void givenByteOrderMark_thenPassedOver() throws Exception {
    assertThat(
            read("openai.chat", Shape.JSON, "\ufeff{\"prompt_tokens\":1}", NAMED).event().getId())
        .isEqualTo("call-1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "teem|search|x-outlay-teem|is not known; known are x-outlay-id, x-outlay-source, x-outlay-time, x-outlay-team,",
        "tag-|x|x-outlay-tag-|is not known",
        "time|yesterday|x-outlay-time|must be an RFC 3339 time such as 2026-11-21T02:00:00Z, was \"yesterday\"",
        "time|2026-11-21T02:06:00Z|x-outlay-time|must not be more than 300 s ahead of the collector's clock, was",
        "time|+999999999-12-31T23:59:59Z|x-outlay-time|must be an RFC 3339 time",
        "time|0000-01-01T00:00:00Z|x-outlay-time|must be between 2000-01-01T00:00:00Z",
        "batch|yes|x-outlay-batch|must be true or false, was \"yes\"",
        "latency-ms|1.5|x-outlay-latency-ms|must be a whole number >= 0, was \"1.5\"",
        "latency-ms|-1|x-outlay-latency-ms|must be >= 0, was -1",
        "user|100%|x-outlay-user|must be percent-encoded, was \"100%\"",
        "user|a%00|x-outlay-user|must have no control characters, had U+0000 at 1",
        "request-id|%0a|x-outlay-request-id|must have no control characters",
        "tag-a|%0a|x-outlay-tag-a|must have no control characters",
        "id|''|x-outlay-id|is required: the object has no id of its own",
        "model|''|x-outlay-model|is required: the object does not name the model",
      })
  void givenWrongHeader_thenNamed(String header, String value, String field, String error)
      throws Exception {
    Map<String, String> headers = new HashMap<>(NAMED);
    headers.put(header, value);

    Rejection rejection =
        read("openai.chat", Shape.JSON, "{\"prompt_tokens\":1}", headers).rejection();

    assertThat(rejection.field()).isEqualTo(field);
    assertThat(rejection.error()).startsWith(error);
  }

  @Test
  void givenKeyWithTeam_thenItsTeam_andAnotherTeam_thenRejected() throws Exception {
    Publisher publisher = new Publisher("k", "search");
    Collected own = new Collected();
    own.read(
        format("openai.chat", Shape.JSON, NAMED),
        "{\"prompt_tokens\":1}".getBytes(StandardCharsets.UTF_8),
        Collected.reception(publisher));
    Map<String, String> other = new HashMap<>(NAMED);
    other.put("team", "ml");
    Collected stolen = new Collected();
    stolen.read(
        format("openai.chat", Shape.JSON, other),
        "{\"prompt_tokens\":1}".getBytes(StandardCharsets.UTF_8),
        Collected.reception(publisher));

    assertThat(own.event().getTeam()).isEqualTo("search");
    assertThat(stolen.rejection().field()).isEqualTo("x-outlay-team");
  }

  @Test
  void givenHeaderTwice_thenNamed() throws Exception {
    UsageFormat format =
        new UsageFormat(
            ProviderApi.OPENAI_CHAT, Shape.JSON, Map.of("X-Outlay-Team", List.of("a", "b")));

    assertThat(Collected.of(format, "{\"prompt_tokens\":1}").rejection())
        .isEqualTo(new Rejection(0, null, "x-outlay-team", "is given twice"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "{", "{\"usage\":", "oops", "{}{}", "{\"a\":1}]"})
  void givenNoJson_thenUnreadable(String body) {
    assertThatThrownBy(() -> read("openai.chat", Shape.JSON, body, NAMED))
        .isInstanceOf(UnreadableBodyException.class);
  }

  @Test
  void givenStreamWithBrokenData_thenUnreadableAtItsLine() {
    assertThatThrownBy(
            () -> read("openai.chat", Shape.STREAM, "event: x\ndata: {\"a\":\n\n", NAMED))
        .isInstanceOfSatisfying(
            UnreadableBodyException.class, e -> assertThat(e.line()).isEqualTo(3));
  }

  @Test
  void givenLines_thenTheEventsOfOneStream() throws Exception {
    UsageEvent event =
        read(
                "openai.chat",
                Shape.LINES,
                "{\"id\":\"c\",\"model\":\"m\",\"usage\":null}\r\n\n"
                    + "{\"id\":\"c\",\"model\":\"m\",\"usage\":{\"prompt_tokens\":3}}\n",
                Map.of())
            .event();

    assertThat(((LlmUsage) event.getDetail()).getTokens().getInput()).isEqualTo(3);
  }

  @Test
  void givenHugeUsageObject_thenTakenButNotKept_andBeyondReason_thenRejected() throws Exception {
    String large = "{\"usage\":{\"prompt_tokens\":1,\"note\":\"" + "é".repeat(16_000) + "\"}}";
    String huge = "{\"usage\":{\"prompt_tokens\":1,\"note\":\"" + "x".repeat(70_000) + "\"}}";

    UsageEvent event = read("openai.chat", Shape.JSON, large, NAMED).event();

    assertThat(event.getProviderUsage()).isNull();
    assertThat(event.getWarning())
        .isEqualTo("the usage object is not kept: it has more than 16384 characters");
    assertThat(read("openai.chat", Shape.JSON, huge, NAMED).rejection().error())
        .isEqualTo("must have at most 65536 characters");
  }

  @Test
  void givenContentOfAnySize_thenPassedOver() throws Exception {
    String content = "{\"role\":\"assistant\",\"content\":\"" + "x".repeat(2_000_000) + "\"}";
    String deep = "[".repeat(50) + "]".repeat(50);
    String body =
        "{\"choices\":["
            + content
            + ","
            + content
            + "],\"system_fingerprint\":\""
            + "x".repeat(2_000_000)
            + "\",\"deep\":"
            + deep
            + ",\"data\":["
            + "0.123456789,".repeat(100_000)
            + "1],\"usage\":{\"prompt_tokens\":7}}";

    UsageEvent event = read("openai.chat", Shape.JSON, body, NAMED).event();

    assertThat(((LlmUsage) event.getDetail()).getTokens().getInput()).isEqualTo(7);
    assertThat(event.getProviderUsage().getUsage()).isEqualTo("{\"prompt_tokens\":7}");
  }

  @Test
  void givenOddCharactersInTheUsageObject_thenKeptInAscii() throws Exception {
    UsageEvent event =
        read(
                "openai.chat",
                Shape.JSON,
                "{\"prompt_tokens\":7,\"x_details\":{\"a\":\"\\ud800\\u0000\u007f ü\",\"n\":1.50}}",
                NAMED)
            .event();

    assertThat(event.getProviderUsage().getUsage())
        .isEqualTo(
            "{\"prompt_tokens\":7,\"x_details\":{\"a\":\"\\uD800\\u0000\\u007f \\u00FC\",\"n\":1.50}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"usage\":{\"prompt_tokens\":%s}}",
        "{\"usage\":{\"prompt_tokens\":1,\"prompt_tokens_details\":{\"cached_tokens\":%s}}}"
      })
  void givenNumberOfAMillionDigits_thenRejectedAtOnce(String body) throws Exception {
    Rejection rejection =
        read("openai.chat", Shape.JSON, body.formatted("9".repeat(1_000_000)), NAMED).rejection();

    assertThat(rejection.field()).startsWith("usage");
    assertThat(rejection.error()).contains("must have at most");
  }

  private static String shown(TokenCounts t) {
    return "%d %d %d %d %d %d %d %d %d %d"
        .formatted(
            t.getInput(),
            t.getCacheRead(),
            t.getCacheWrite5m(),
            t.getCacheWrite1h(),
            t.getOutput(),
            t.getReasoning(),
            t.getInputAudio(),
            t.getOutputAudio(),
            t.getInputImage(),
            t.getOutputImage());
  }

  private static Shape shape(String file) {
    return file.endsWith(".sse") ? Shape.STREAM : Shape.JSON;
  }

  private static Collected read(String api, Shape shape, String body, Map<String, String> headers)
      throws Exception {
    return Collected.of(format(api, shape, headers), body);
  }

  private static UsageFormat format(String api, Shape shape, Map<String, String> headers) {
    Map<String, List<String>> all = new HashMap<>();
    all.put("Content-Type", List.of("application/json"));
    headers.forEach((name, value) -> all.put("x-outlay-" + name, List.of(value)));
    return new UsageFormat(ProviderApi.of(api), shape, all);
  }

  private static String resource(String file) throws IOException {
    try (InputStream in = UsageFormatTest.class.getResourceAsStream("/provider/" + file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
