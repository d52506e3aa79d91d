package io.outlay.collectors.litellm;

import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.attribution.Owner;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.UsageRules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

class CallbackFormatTest {
  private static final CallbackFormat FORMAT = new CallbackFormat();
  private static final String USED = "\"prompt_tokens\":10,\"completion_tokens\":5";

  @Test
  void givenArray_thenCallsHitsAndFailures() throws Exception {
    Collected collected = Collected.of(FORMAT, array());

    assertThat(collected.rejections()).isEmpty();
    assertThat(collected.ignored()).isEqualTo(1);
    assertThat(collected.events())
        .extracting(UsageEvent::getId)
        .containsExactly("chatcmpl-a1", "chatcmpl-a2", "b3-failed");
  }

  @Test
  void givenCall_thenEverythingItSays() throws Exception {
    UsageEvent event = Collected.of(FORMAT, array()).events().get(0);

    assertThat(event.getSource()).isEqualTo("litellm");
    assertThat(event.getEventTimeMicros()).isEqualTo(1_763_690_402_623_999L);
    assertThat(event.getTeam()).isEqualTo("search");
    assertThat(event.getFeature()).isEqualTo("answers");
    assertThat(event.getCustomer()).isEqualTo("acme");
    assertThat(event.getUser()).isEqualTo("u-7");
    assertThat(event.getTraceId()).isEqualTo("7a8b-trace");
    assertThat(event.getRequestId()).isEqualTo("7a8b-trace");
    assertThat(event.getWarning()).isEmpty();
    assertThat(event.getTags())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "litellm.key", "search-gateway",
                "litellm.response_cost", "0.00002345",
                "tenant", "blue",
                "attempt", "2",
                "litellm.tag.1", "prod",
                "litellm.tag.2", "User-Agent: curl/8"));
    assertThat(event.getProviderUsage().getApi()).isEqualTo("litellm");
    LlmUsage llm = (LlmUsage) event.getDetail();
    assertThat(llm.getProvider()).isEqualTo("anthropic");
    assertThat(llm.getModel()).isEqualTo("claude-sonnet-4-5");
    assertThat(llm.getOperation()).isEqualTo("chat");
    assertThat(llm.getLatencyMs()).isEqualTo(2_500);
    assertThat(llm.getStatus()).isEqualTo("ok");
    assertThat(llm.getRequests()).isEqualTo(1);
    assertThat(llm.getWebSearches()).isEqualTo(2);
    assertThat(llm.getTokens())
        .isEqualTo(
            TokenCounts.newBuilder()
                .setInput(1_500)
                .setCacheRead(12_000)
                .setCacheWrite5m(500)
                .setCacheWrite1h(1_500)
                .setOutput(700)
                .build());
  }

  @Test
  void givenCacheHit_thenALookupThatAvoidedTheCall() throws Exception {
    UsageEvent event = Collected.of(FORMAT, array()).events().get(1);

    CacheLookup lookup = (CacheLookup) event.getDetail();
    assertThat(lookup.getLayer()).isEqualTo("exact");
    assertThat(lookup.getHit()).isTrue();
    assertThat(lookup.getProvider()).isEqualTo("openai");
    assertThat(lookup.getModel()).isEqualTo("gpt-4o");
    assertThat(lookup.getTokens())
        .isEqualTo(TokenCounts.newBuilder().setInput(100).setOutput(20).build());
    assertThat(event.getTeam()).isEqualTo("unattributed");
  }

  @Test
  void givenFailure_thenAnErrorThatNobodyBills() throws Exception {
    UsageEvent event = Collected.of(FORMAT, array()).events().get(2);

    LlmUsage llm = (LlmUsage) event.getDetail();
    assertThat(llm.getStatus()).isEqualTo("error");
    assertThat(llm.getRequests()).isZero();
    assertThat(llm.getTokens()).isEqualTo(new TokenCounts());
    assertThat(llm.getProvider()).isEqualTo("openai");
    assertThat(llm.getModel()).isEqualTo("text-embedding-3-small");
    assertThat(llm.getOperation()).isEqualTo("embedding");
  }

  @Test
  void givenKeyAliasWithOwner_thenItsTeam() throws Exception {
    Attribution.Entry entry =
        new Attribution.Entry(
            Attribution.By.KEY, "batch-*", new Owner("ml", "labels", "tagging", "prod"));
    Collected collected =
        Collected.of(
            FORMAT,
            payload("\"metadata\":{\"user_api_key_alias\":\"batch-7\"}," + USED),
            Collected.reception(Publisher.ANONYMOUS, entry));

    assertThat(collected.event().getTeam()).isEqualTo("ml");
    assertThat(collected.event().getProject()).isEqualTo("labels");
    assertThat(collected.event().getFeature()).isEqualTo("tagging");
  }

  @Test
  void givenTeamOtherThanTheKeys_thenRejected() throws Exception {
    Collected collected =
        Collected.of(
            FORMAT,
            payload("\"metadata\":{\"user_api_key_team_alias\":\"ml\"}," + USED),
            Collected.reception(new Publisher("gateway", "search")));

    assertThat(collected.rejection().field()).isEqualTo("metadata.user_api_key_team_alias");
  }

  @ParameterizedTest
  @CsvSource({
    "openai,gpt-4o,openai,gpt-4o,''",
    "openai,openai/gpt-4o,openai,gpt-4o,''",
    "'',anthropic/claude-opus-5,anthropic,claude-opus-5,''",
    "gemini,gemini/gemini-2.5-pro,google,gemini-2.5-pro,''",
    "vertex_ai-language-models,gemini-2.5-pro,google,gemini-2.5-pro,''",
    "bedrock,bedrock/us.anthropic.claude-opus-5,aws,us.anthropic.claude-opus-5,''",
    "bedrock,bedrock/converse/us-gov-west-1/amazon.nova-pro-v1:0,aws,amazon.nova-pro-v1:0,us-gov-west-1",
    "xai,xai/grok-4,x-ai,grok-4,''",
    "azure,azure/my-deployment,openai,my-deployment,''",
    "azure_text,azure_text/my-deployment,openai,my-deployment,''",
    "azure_ai,azure_ai/gpt-4o,openai,gpt-4o,''",
    "'',azure_ai/gpt-4o,openai,gpt-4o,''",
    "'',mistralai/Mistral-7B,unknown,mistralai/Mistral-7B,''",
    "together_ai,together_ai/meta-llama/Llama-3-8b,together_ai,meta-llama/Llama-3-8b,''",
    "'',meta-llama/Llama-3-8b,unknown,meta-llama/Llama-3-8b,''",
    "'','',unknown,unknown,''",
  })
  void givenLiteLlmsNames_thenThoseOfThePriceFile(
      String provider, String model, String ourProvider, String ourModel, String region)
      throws Exception {
    UsageEvent event =
        Collected.of(
                FORMAT,
                payload(
                    "\"custom_llm_provider\":\"%s\",\"model\":\"%s\",".formatted(provider, model)
                        + USED))
            .event();

    LlmUsage llm = (LlmUsage) event.getDetail();
    assertThat(llm.getProvider()).isEqualTo(ourProvider);
    assertThat(llm.getModel()).isEqualTo(ourModel);
    assertThat(event.getRegion()).isEqualTo(region);
  }

  @ParameterizedTest
  @CsvSource({
    "completion,chat,false",
    "aresponses,chat,false",
    "arerank,rerank,false",
    "aimage_generation,image,false",
    "atranscription,transcription,false",
    "allm_passthrough_route,allm_passthrough_route,false",
    "aretrieve_batch,aretrieve_batch,true",
  })
  void givenCallType_thenOperation(String callType, String operation, boolean batch)
      throws Exception {
    LlmUsage llm =
        (LlmUsage)
            Collected.of(FORMAT, payload("\"call_type\":\"" + callType + "\"," + USED))
                .event()
                .getDetail();

    assertThat(llm.getOperation()).isEqualTo(operation);
    assertThat(llm.getBatch()).isEqualTo(batch);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1763690402.1234567|1763690402123456",
        "1763690402|1763690402000000",
        "\"1763690402.5\"|1763690402500000",
        "\"2025-11-21T02:00:02.5\"|1763690402500000",
        "\"2025-11-21 02:00:02.5\"|1763690402500000",
        "\"2025-11-21T03:00:02.5+01:00\"|1763690402500000",
        "\"2025-11-21T02:00:02.5Z\"|1763690402500000",
      })
  void givenTime_thenToTheMicrosecond(String time, long micros) throws Exception {
    UsageEvent event = Collected.of(FORMAT, payload("\"endTime\":" + time + "," + USED)).event();

    assertThat(event.getEventTimeMicros()).isEqualTo(micros);
    assertThat(((LlmUsage) event.getDetail()).getLatencyMs()).isNull();
  }

  @Test
  void givenResponsesApiUsage_andServedTier_thenTaken() throws Exception {
    LlmUsage llm =
        (LlmUsage)
            Collected.of(
                    FORMAT,
                    payload(
                        "\"response\":{\"service_tier\":\"flex\",\"usage\":{\"input_tokens\":10,"
                            + "\"input_tokens_details\":{\"cached_tokens\":4},"
                            + "\"output_tokens\":6,\"total_tokens\":16}}"))
                .event()
                .getDetail();

    assertThat(llm.getTokens())
        .isEqualTo(TokenCounts.newBuilder().setInput(6).setCacheRead(4).setOutput(6).build());
    assertThat(llm.getServiceTier()).isEqualTo("flex");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Anthropic's shape: the cache is beside the input.
        "{\"input_tokens\":3,\"cache_creation_input_tokens\":12304,\"cache_read_input_tokens\":50,\"output_tokens\":7}|3 50 12304 0 7|",
        "{\"input_tokens\":3,\"cache_creation\":{\"ephemeral_1h_input_tokens\":8},\"output_tokens\":7}|3 0 0 8 7|",
        "{\"input_tokens\":30,\"cache_read_input_tokens\":10,\"output_tokens\":7,\"total_tokens\":47}|30 10 0 0 7|",
        // Its total says that it is inside.
        "{\"input_tokens\":30,\"cache_read_input_tokens\":10,\"output_tokens\":7,\"total_tokens\":37}|20 10 0 0 7|",
        "{\"prompt_tokens\":30,\"cache_read_input_tokens\":10,\"completion_tokens\":7}|20 10 0 0 7|",
        "{\"total_tokens\":500000}|500000 0 0 0 0|input_tokens and output_tokens are absent, 500000 of total_tokens taken as input",
      })
  void givenUsageOfTheResponseAlone_thenItsShapeDecides(
      String usage, String buckets, String warning) throws Exception {
    UsageEvent event =
        Collected.of(FORMAT, payload("\"response\":{\"usage\":" + usage + "}")).event();

    TokenCounts tokens = ((LlmUsage) event.getDetail()).getTokens();
    assertThat(
            "%d %d %d %d %d"
                .formatted(
                    tokens.getInput(),
                    tokens.getCacheRead(),
                    tokens.getCacheWrite5m(),
                    tokens.getCacheWrite1h(),
                    tokens.getOutput()))
        .isEqualTo(buckets);
    assertThat(event.getWarning()).isEqualTo(warning == null ? "" : warning);
  }

  @Test
  void givenTextThatIsNotUtf8_thenUnreadable() {
    byte[] body = payload("\"model\":\"\u00e9\"," + USED).getBytes(StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> new Collected().read(FORMAT, body, Collected.reception()))
        .isInstanceOf(UnreadableBodyException.class)
        .hasMessageContaining("not UTF-8");
  }

  @Test
  void givenLabelsBeyondTheirBounds_thenCutWithAWarning() throws Exception {
    String tags = "\"" + "x".repeat(300) + "\"" + ",\"t\"".repeat(40);
    UsageEvent event =
        Collected.of(
                FORMAT,
                payload(
                    "\"end_user\":\""
                        + "c".repeat(200)
                        + "\",\"metadata\":{\"user_api_key_user_id\":\"a\\u0000\\ud800b\"},"
                        + "\"request_tags\":["
                        + tags
                        + "],"
                        + USED))
            .event();

    assertThat(event.getCustomer()).isEqualTo("c".repeat(128));
    assertThat(event.getUser()).isEqualTo("a \ufffdb");
    assertThat(event.getTags()).hasSize(UsageRules.MAX_TAGS);
    assertThat(event.getWarning()).startsWith("end_user is cut to 128 characters; the tag ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\":\"m\"}|id|is required",
        "{\"id\":\"1\"}|$|carries no usage of litellm: must have one of prompt_tokens, completion_tokens, total_tokens, input_tokens, output_tokens",
        "{\"id\":\"1\",\"prompt_tokens\":\"7\"}|$.prompt_tokens|must be a whole number >= 0, was \"7\"",
        "{\"id\":\"1\",\"metadata\":{\"usage_object\":{\"prompt_tokens\":{}}}}|metadata.usage_object.prompt_tokens|must be a whole number >= 0, was an object",
        "{\"id\":\"1\",\"metadata\":{\"usage_object\":\"Usage(…)\"},\"prompt_tokens\":1}|metadata.usage_object|must be an object, was a string",
        "{\"id\":\"1\",\"prompt_tokens\":1,\"endTime\":\"late\"}|endTime|must be seconds since 1970 or an ISO 8601 time, was \"late\"",
        "{\"id\":\"1\",\"prompt_tokens\":1,\"endTime\":1e999999999}|endTime|must be seconds since 1970 or an ISO 8601 time, was \"1E+999999999\"",
        "{\"id\":\"1\",\"prompt_tokens\":1,\"endTime\":1e-999999999}|endTime|must be seconds since 1970 or an ISO 8601 time, was \"1E-999999999\"",
        "{\"id\":\"1\",\"prompt_tokens\":1,\"endTime\":4000000000}|endTime|must not be more than 300 s ahead of the collector's clock, was 4000000000.000000",
        "{\"id\":\"1\",\"prompt_tokens\":1,\"endTime\":5}|time|must be between 2000-01-01T00:00:00Z and 2100-01-01T00:00:00Z, was 5000000 microseconds since 1970",
        "5|$|must be a logging payload, was no object",
        "[[1]]|$|must be a logging payload, was an array",
      })
  void givenWhatCannotBeCounted_thenRejected(String body, String field, String error)
      throws Exception {
    Rejection rejection = Collected.of(FORMAT, body).rejection();

    assertThat(rejection.field()).isEqualTo(field);
    assertThat(rejection.error()).isEqualTo(error);
  }

  @Test
  void givenOneWrongAmongMany_thenTheOthersAreTaken() throws Exception {
    Collected collected =
        Collected.of(
            FORMAT,
            "[" + payload(USED) + ",{\"id\":\"bad\",\"prompt_tokens\":[]}," + payload(USED) + "]");

    assertThat(collected.events()).hasSize(2);
    assertThat(collected.rejections())
        .extracting(Rejection::index, Rejection::id)
        .containsExactly(tuple(1, "bad"));
  }

  @Test
  void givenLines_thenOnePayloadEach() throws Exception {
    assertThat(Collected.of(FORMAT, payload(USED) + "\n" + payload(USED) + "\r\n").events())
        .hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"id\":", "[{}", "oops"})
  void givenNoJson_thenUnreadable(String body) {
    assertThatThrownBy(() -> Collected.of(FORMAT, body))
        .isInstanceOf(UnreadableBodyException.class);
  }

  private static String payload(String fields) {
    return "{\"id\":\"1\"," + fields + "}";
  }

  private static String array() throws IOException {
    try (InputStream in = CallbackFormatTest.class.getResourceAsStream("/litellm/array.json")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
