package io.outlay.collectors.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.MediaCounts;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.QualityScore;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.EventType;
import io.outlay.usage.Violation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class EventReaderTest {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
  private static final Instant NOW = Instant.parse("2026-11-21T02:00:00.000001Z");
  private static final long NOW_MICROS = NOW.getEpochSecond() * 1_000_000 + 1;

  private final EventReader reader = new EventReader(Collected.reception());

  @Nested
  class Mapping {
    @Test
    void givenFullLlmUsage_thenEveryFieldIsKept() {
      UsageEvent event =
          accepted(
              """
              {"specversion":"1.0","id":"01J","source":"checkout","type":"io.outlay.llm.usage",
               "time":"2026-11-21T01:00:00.25Z","subject":"s","datacontenttype":"application/json",
               "dataschema":"urn:x","data":{"team":"search","project":"shop","feature":"rerank",
               "customer":"acme","user":"u1","environment":"prod","region":"us-east-1",
               "requestId":"r-1","traceId":"t-1","tags":{"k":"v","n":null},"provider":"openai",
               "model":"gpt-4o","operation":"chat","serviceTier":"standard","batch":true,
               "baselineModel":"gpt-4.1","latencyMs":812,"status":"ok","tokens":{"input":1,
               "cacheRead":2,"cacheWrite5m":3,"cacheWrite1h":4,"output":5,"reasoning":6,
               "inputAudio":7,"outputAudio":8,"inputImage":9,"outputImage":10},
               "requests":11,"webSearches":12}}""");

      LlmUsage llm = new LlmUsage();
      llm.setProvider("openai");
      llm.setModel("gpt-4o");
      llm.setBaselineModel("gpt-4.1");
      llm.setOperation("chat");
      llm.setServiceTier("standard");
      llm.setBatch(true);
      llm.setLatencyMs(812L);
      llm.setStatus("ok");
      llm.setTokens(new TokenCounts(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L));
      llm.setRequests(11L);
      llm.setWebSearches(12L);
      UsageEvent expected = new UsageEvent();
      expected.setId("01J");
      expected.setSource("checkout");
      expected.setEventTimeMicros(NOW_MICROS - 1 - 3_600_000_000L + 250_000);
      expected.setWarning("");
      expected.setIngestedAtMicros(NOW_MICROS);
      expected.setTeam("search");
      expected.setProject("shop");
      expected.setFeature("rerank");
      expected.setCustomer("acme");
      expected.setUser("u1");
      expected.setEnvironment("prod");
      expected.setRegion("us-east-1");
      expected.setRequestId("r-1");
      expected.setTraceId("t-1");
      expected.setTags(Map.of("k", "v"));
      expected.setDetail(llm);
      assertThat(event).isEqualTo(expected);
    }

    @Test
    void givenLeastLlmUsage_thenDefaults() {
      UsageEvent event = accepted(llm("\"tokens\":{\"input\":3}"));

      LlmUsage llm = (LlmUsage) event.getDetail();
      assertThat(llm.getTokens())
          .isEqualTo(new TokenCounts(3L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L));
      assertThat(llm.getRequests()).isEqualTo(1);
      assertThat(llm.getWebSearches()).isZero();
      assertThat(llm.getLatencyMs()).isNull();
      assertThat(llm.getBatch()).isFalse();
      assertThat(llm.getServiceTier()).isEmpty();
      assertThat(event.getTags()).isEmpty();
      assertThat(event.getRegion()).isEmpty();
      assertThat(event.getEventTimeMicros()).isEqualTo(NOW_MICROS);
    }

    @Test
    void givenRerankPricedByRequest_thenTokensAreNotNeeded() {
      LlmUsage llm = (LlmUsage) accepted(llm("\"requests\":2")).getDetail();

      assertThat(llm.getRequests()).isEqualTo(2);
      assertThat(llm.getTokens().getInput()).isZero();
    }

    @Test
    void givenGpuUsage_thenMicrosAndMillionths() {
      GpuUsage gpu =
          (GpuUsage)
              accepted(
                      event(
                          EventType.GPU_USAGE,
                          "\"gpuModel\":\"H100\",\"gpuSeconds\":1.0000005,\"utilization\":0.4200005,"
                              + "\"purchaseOption\":\"spot\",\"cloud\":\"aws\",\"node\":\"n\","
                              + "\"workload\":\"w\""))
                  .getDetail();

      assertThat(gpu).isEqualTo(new GpuUsage("H100", 1_000_000L, 420_000, "spot", "aws", "n", "w"));
    }

    @Test
    void givenLeastGpuUsage_thenOnDemandAndNoUtilization() {
      GpuUsage gpu =
          (GpuUsage)
              accepted(event(EventType.GPU_USAGE, "\"gpuModel\":\"A100\",\"gpuSeconds\":0"))
                  .getDetail();

      assertThat(gpu).isEqualTo(new GpuUsage("A100", 0L, null, "on_demand", "", "", ""));
    }

    @Test
    void givenInstance_thenItsTime() {
      assertThat(
              accepted(
                      event(
                          EventType.COMPUTE_USAGE,
                          "\"instanceType\":\"m7i.xlarge\",\"seconds\":60,\"cloud\":\"aws\""))
                  .getDetail())
          .isEqualTo(new ComputeUsage("m7i.xlarge", 60_000_000L, 0L, 0L, "on_demand", "aws"));
    }

    @Test
    void givenPartsOfAnInstance_thenTheirTime() {
      assertThat(
              accepted(
                      event(
                          EventType.COMPUTE_USAGE,
                          "\"cpuSeconds\":1.5,\"memoryGbSeconds\":3e1,\"purchaseOption\":\"reserved\""))
                  .getDetail())
          .isEqualTo(new ComputeUsage("", 0L, 1_500_000L, 30_000_000L, "reserved", ""));
    }

    @Test
    void givenCacheHit_thenWhatItAvoided() {
      assertThat(
              accepted(
                      event(
                          EventType.CACHE_LOOKUP,
                          "\"layer\":\"semantic\",\"hit\":true,\"provider\":\"openai\","
                              + "\"model\":\"gpt-4o\",\"tokens\":{\"output\":7}"))
                  .getDetail())
          .isEqualTo(
              new CacheLookup(
                  "semantic",
                  true,
                  "openai",
                  "gpt-4o",
                  new TokenCounts(0L, 0L, 0L, 0L, 7L, 0L, 0L, 0L, 0L, 0L)));
    }

    @Test
    void givenCacheMiss_thenNoTokens() {
      assertThat(
              accepted(event(EventType.CACHE_LOOKUP, "\"layer\":\"exact\",\"hit\":false"))
                  .getDetail())
          .isEqualTo(new CacheLookup("exact", false, "", "", null));
    }

    @Test
    void givenStorageMove_thenKept() {
      assertThat(
              accepted(
                      event(
                          EventType.STORAGE_MOVE,
                          "\"store\":\"s3\",\"dataset\":\"d\",\"bytes\":1000000000000000000,"
                              + "\"fromTier\":\"hot\",\"toTier\":\"archive\""))
                  .getDetail())
          .isEqualTo(new StorageMove("s3", "d", 1_000_000_000_000_000_000L, "hot", "archive"));
    }

    @Test
    void givenStorageUsage_thenKept() {
      assertThat(
              accepted(
                      event(
                          EventType.STORAGE_USAGE,
                          "\"store\":\"s3\",\"dataset\":\"d\",\"tier\":\"cold\",\"bytes\":1e3,"
                              + "\"seconds\":86400"))
                  .getDetail())
          .isEqualTo(new StorageUsage("s3", "d", "cold", 1_000L, 86_400_000_000L));
    }

    @Test
    void givenNetworkTransfer_thenKept() {
      assertThat(
              accepted(
                      event(
                          EventType.NETWORK_TRANSFER,
                          "\"bytes\":5.0,\"path\":\"inter_zone\",\"cloud\":\"gcp\",\"region\":\"eu\""))
                  .getDetail())
          .isEqualTo(new NetworkTransfer(5L, "inter_zone", "gcp"));
    }

    @Test
    void givenQualityScore_thenKept() {
      assertThat(
              accepted(
                      event(
                          EventType.QUALITY_SCORE,
                          "\"metric\":\"faithfulness\",\"score\":0.875,\"model\":\"m\","
                              + "\"requestId\":\"r\""))
                  .getDetail())
          .isEqualTo(new QualityScore("faithfulness", 875_000, "m"));
    }

    @ParameterizedTest
    @CsvSource({
      "'\"12.50\"', 12500000000000",
      "'\"-0.000000000001\"', -1",
      "7, 7000000000000",
      "'\"1E-7\"', 100000",
      "'\"999999.999999999999\"', 999999999999999999"
    })
    void givenDirectCost_thenExact(String amount, long pico) {
      assertThat(
              accepted(
                      event(
                          EventType.COST_DIRECT,
                          "\"amount\":"
                              + amount
                              + ",\"category\":\"people\",\"description\":\"d\""))
                  .getDetail())
          .isEqualTo(new DirectCost(pico, "USD", "people", "d"));
    }

    @Test
    void givenOtherCurrency_thenKept() {
      DirectCost cost =
          (DirectCost)
              accepted(event(EventType.COST_DIRECT, "\"amount\":\"1\",\"currency\":\"EUR\""))
                  .getDetail();

      assertThat(cost.getCurrency()).isEqualTo("EUR");
    }
  }

  @Nested
  class Order {
    @Test
    void givenTypeAfterData_thenSameEvent() {
      String data =
          "\"data\":{\"tokens\":{\"input\":3},\"team\":\"t\",\"model\":\"m\",\"provider\":\"p\"}";
      String type = "\"type\":\"io.outlay.llm.usage\"";
      String rest = "\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\"";

      UsageEvent after = accepted("{" + data + "," + rest + "," + type + "}");
      UsageEvent before = accepted("{" + type + "," + rest + "," + data + "}");

      assertThat(after).isEqualTo(before);
    }

    @Test
    void givenRejectedEvent_whenIdComesLast_thenIdIsKnown() {
      rejected("{\"specversion\":\"1.0\",\"data\":{\"x\":1},\"id\":\"late\"}");

      assertThat(reader.id()).isEqualTo("late");
    }

    @Test
    void givenEventAfterRejectedOne_thenNothingOfItIsLeft() {
      rejected(llm("\"tokens\":{\"input\":3},\"latencyMs\":5,\"x\":1,\"tags\":{\"a\":\"b\"}"));

      UsageEvent next = accepted(llm("\"requests\":1"));

      LlmUsage llm = (LlmUsage) next.getDetail();
      assertThat(llm.getTokens().getInput()).isZero();
      assertThat(llm.getLatencyMs()).isNull();
      assertThat(next.getTags()).isEmpty();
    }

    @Test
    void givenTwoProblems_thenTheFirstInTheDocumentIsNamed() {
      assertThat(rejected(llm("\"tokens\":{\"input\":\"1\",\"output\":-1},\"nope\":1")).field())
          .isEqualTo("data.tokens.input");
    }
  }

  @Nested
  class Envelope {
    @ParameterizedTest
    @ValueSource(strings = {"specversion", "id", "source", "type", "data"})
    void givenRequiredAttributeAbsentOrNull_thenNamed(String name) {
      String event = llm("\"requests\":1");
      String absent = event.replace("\"" + name + "\":", "\"x" + name + "\":");
      String nulled = absent.replaceFirst("\\{", "{\"" + name + "\":null,");

      assertThat(rejected(absent)).extracting(Violation::field).isEqualTo(name);
      assertThat(rejected(absent).error()).startsWith("is required");
      assertThat(rejected(nulled)).extracting(Violation::field).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "\"1.0\"|\"0.3\"|specversion|must be \"1.0\", was \"0.3\"",
          "\"1.0\"|1.0|specversion|must be \"1.0\", was 1.0",
          "\"1.0\"|{\"a\":[1]}|specversion|must be \"1.0\", was an object",
          "\"e1\"|12|id|must be a string, was 12",
          "\"e1\"|\"\"|id|is required and must not be empty",
          "\"e1\"|[\"x\"]|id|must be a string, was an array",
          "\"test\"|true|source|must be a string, was true",
          "\"io.outlay.llm.usage\"|7|type|must be a string, was 7"
        })
    void givenWrongAttribute_thenFieldAndValueAreNamed(
        String right, String wrong, String field, String error) {
      assertThat(rejected(llm("\"requests\":1").replace(":" + right, ":" + wrong)))
          .isEqualTo(new Violation(field, error));
    }

    @Test
    void givenUnknownType_thenTypesAreListed() {
      Violation violation =
          rejected(llm("\"requests\":1").replace("io.outlay.llm.usage", "com.example.x"));

      assertThat(violation.field()).isEqualTo("type");
      assertThat(violation.error())
          .startsWith("must be one of io.outlay.llm.usage, ")
          .endsWith(", was \"com.example.x\"");
    }

    @Test
    void givenExtensions_thenIgnoredWhateverTheyHold() {
      accepted(
          llm("\"requests\":1")
              .replaceFirst("\\{", "{\"traceparent\":\"00-x\",\"a1\":{\"b\":[1]},"));
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "\"teamName\":\"x\"|teamName|is not a CloudEvents attribute",
          "\"data_base64\":\"e30=\"|data_base64|is not supported; send data as a JSON object",
          "\"ext\":1,\"ext\":2|ext|is given twice",
          "\"id\":\"e1\"|id|is given twice",
          "\"data\":{\"a\":1}|data|is given twice",
          "\"datacontenttype\":\"text/xml\"|datacontenttype|must be application/json, was \"text/xml\"",
          "\"datacontenttype\":5|datacontenttype|must be a string, was 5",
          "\"subject\":5|subject|must be a string, was 5"
        })
    void givenWrongOrRepeatedAttribute_thenNamed(String extra, String field, String error) {
      String event = llm("\"requests\":1");
      Violation violation = rejected(event.substring(0, event.length() - 1) + "," + extra + "}");

      assertThat(violation.field()).isEqualTo(field);
      assertThat(violation.error()).startsWith(error);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "application/json; charset=utf-8",
          "text/json",
          "application/vnd.x+json",
          "Application/JSON"
        })
    void givenJsonContentType_thenAccepted(String type) {
      accepted(llm("\"requests\":1").replaceFirst("\\{", "{\"datacontenttype\":\"" + type + "\","));
    }

    @ParameterizedTest
    @CsvSource({"1,1", "\"x\",\"x\"", "null,null", "[],an array", "true,true"})
    void givenNoObject_thenTheEventAsAWholeIsWrong(String json, String shown) {
      assertThat(rejected(json))
          .isEqualTo(new Violation("$", "must be a CloudEvents object, was " + shown));
      assertThat(reader.id()).isNull();
    }

    @Test
    void givenDataThatIsNoObject_thenNamed() {
      assertThat(
              rejected(
                  "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"io.outlay.llm.usage\","
                      + "\"data\":[1,{\"a\":2}]}"))
          .isEqualTo(new Violation("data", "must be an object, was an array"));
    }
  }

  @Nested
  class Time {
    @Test
    void givenTimeWithOffset_thenUtc() {
      assertThat(accepted(at("\"2026-11-21T03:00:00+01:00\"")).getEventTimeMicros())
          .isEqualTo(NOW_MICROS - 1);
    }

    @Test
    void givenTimeAtTheLimit_thenAccepted_andBeyondIt_thenNot() {
      accepted(at("\"2026-11-21T02:05:00.000001Z\""));

      assertThat(rejected(at("\"2026-11-21T02:05:00.000002Z\"")))
          .isEqualTo(
              new Violation(
                  "time",
                  "must not be more than 300 s ahead of the collector's clock, was"
                      + " \"2026-11-21T02:05:00.000002Z\""));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"\"yesterday\"", "1767225600", "\"2026-02-30T00:00:00Z\"", "{\"a\":1}", "\"\""})
    void givenNoTime_thenNamed(String time) {
      Violation violation = rejected(at(time));

      assertThat(violation.field()).isEqualTo("time");
      assertThat(violation.error())
          .startsWith("must be an RFC 3339 time such as 2026-11-21T02:00:00Z, was ");
    }

    @Test
    void givenTimeBeforeThisCentury_thenNamed() {
      assertThat(rejected(at("\"0000-01-01T00:00:00Z\"")).field()).isEqualTo("time");
    }

    private String at(String time) {
      return llm("\"requests\":1").replaceFirst("\\{", "{\"time\":" + time + ",");
    }
  }

  @Nested
  class Fields {
    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "\"tokens\":{\"output\":-5}|data.tokens.output|must be >= 0, was -5",
          "\"tokens\":{\"output\":\"12\"}|data.tokens.output|must be a whole number >= 0, was \"12\"",
          "\"tokens\":{\"output\":1.5}|data.tokens.output|must be a whole number >= 0, was 1.5",
          "\"tokens\":{\"output\":NaN}|data.tokens.output|must be a whole number >= 0, was NaN",
          "\"tokens\":{\"output\":-Infinity}|data.tokens.output|must be a whole number >= 0, was -Infinity",
          "\"tokens\":{\"output\":true}|data.tokens.output|must be a whole number >= 0, was true",
          "\"tokens\":{\"output\":[1]}|data.tokens.output|must be a whole number >= 0, was an array",
          "\"tokens\":{\"output\":1000000000001}|data.tokens.output|must be <= 1000000000000, was 1000000000001",
          "\"tokens\":{\"output\":99999999999999999999}|data.tokens.output|must be <= 1000000000000, was 99999999999999999999",
          "\"tokens\":{\"output\":-99999999999999999999}|data.tokens.output|must be >= 0, was -99999999999999999999",
          "\"tokens\":{\"output\":1e400}|data.tokens.output|must be <= 1000000000000, was 1e400",
          "\"tokens\":{\"output\":1,\"output\":1}|data.tokens.output|is given twice",
          "\"tokens\":{\"outptu\":1}|data.tokens.outptu|is not a token bucket; those are input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning, inputAudio, outputAudio, inputImage, outputImage",
          "\"tokens\":[1]|data.tokens|must be an object of token counts, was an array",
          "\"tokens\":5|data.tokens|must be an object of token counts, was 5",
          "\"tokens\":{},\"tokens\":{}|data.tokens|is given twice",
          "\"requests\":1,\"latencyMs\":\"812\"|data.latencyMs|must be a whole number >= 0, was \"812\"",
          "\"requests\":1,\"latencyMs\":86400001|data.latencyMs|must be <= 86400000, was 86400001",
          "\"requests\":-1|data.requests|must be >= 0, was -1",
          "\"requests\":1,\"webSearches\":1e10|data.webSearches|must be <= 1000000000, was 10000000000",
          "\"requests\":1,\"batch\":\"yes\"|data.batch|must be true or false, was \"yes\"",
          "\"requests\":1,\"batch\":{}|data.batch|must be true or false, was an object",
          "\"requests\":1,\"operation\":5|data.operation|must be a string, was 5",
          "\"requests\":1,\"tokns\":{\"input\":1}|data.tokns|is not a field of io.outlay.llm.usage",
          "\"requests\":1,\"gpuSeconds\":1|data.gpuSeconds|is not a field of io.outlay.llm.usage",
          "\"requests\":1,\"tags\":[]|data.tags|must be an object of strings, was an array",
          "\"requests\":1,\"tags\":{\"k\":1}|data.tags.k|must be a string, was 1",
          "\"requests\":1,\"tags\":{\"k\":\"a\",\"k\":\"b\"}|data.tags.k|is given twice",
          "\"requests\":1,\"tags\":{\"\":\"a\"}|data.tags|is required and must not be empty",
          "\"requests\":1,\"user\":\"a\\u0000\"|data.user|must have no control characters, had U+0000 at 1",
          "\"requests\":1,\"user\":\"\\ud800\"|data.user|must be valid Unicode, had a lone surrogate at 0",
          "\"api\":\"openai.chat\"|data.usage|is required where data.api is given",
          "\"usage\":{\"prompt_tokens\":1}|data.api|is required where data.usage is given: one of openai.chat, openai.responses, openai.embeddings, anthropic.messages, gemini.generate-content, bedrock.converse",
          "\"usage\":{\"prompt_tokens\":1},\"api\":\"openai\"|data.api|must be one of openai.chat, openai.responses, openai.embeddings, anthropic.messages, gemini.generate-content, bedrock.converse, was \"openai\"",
          "\"usage\":{\"prompt_tokens\":1},\"api\":\"openai.chat\",\"tokens\":{\"input\":1}|data.tokens|must be absent where data.usage is given: it has the counts",
          "\"usage\":[],\"api\":\"openai.chat\"|data.usage|must be a provider's response or its usage object, was an array",
          "\"usage\":5,\"api\":\"openai.chat\"|data.usage|must be a provider's response or its usage object, was 5",
          "\"usage\":{},\"api\":\"openai.chat\"|data.usage|carries no usage of openai.chat: must have one of prompt_tokens, completion_tokens, total_tokens",
          "\"usage\":{\"prompt_tokens\":\"1\"},\"api\":\"openai.chat\"|data.usage.prompt_tokens|must be a whole number >= 0, was \"1\"",
          "\"usage\":{\"usage\":{\"prompt_tokens\":\"1\"}},\"api\":\"openai.chat\"|data.usage.usage.prompt_tokens|must be a whole number >= 0, was \"1\"",
          "\"usage\":{\"usage\":{\"prompt_tokens\":1,\"prompt_tokens\":1}},\"api\":\"openai.chat\"|data.usage.usage.prompt_tokens|is given twice",
          "\"usage\":{\"error\":{\"message\":\"no\"}},\"api\":\"openai.chat\"|data.usage.error|is an error of the provider, which carries no usage: \"no\"",
          "\"operation\":\"chat\"|data.tokens|is required unless data.requests, data.webSearches or data.media says what was used",
          "\"media\":7|data.media|must be an object of quantities, was 7",
          "\"media\":{\"images\":-1}|data.media.images|must be >= 0, was -1",
          "\"media\":{\"images\":1.5}|data.media.images|must be a whole number >= 0, was 1.5",
          "\"media\":{\"seconds\":\"1\"}|data.media.seconds|must be a number of seconds >= 0, was \"1\"",
          "\"media\":{\"pages\":1,\"pages\":1}|data.media.pages|is given twice",
          "\"media\":{\"frames\":1}|data.media.frames|is not one of images, characters, seconds, pages",
          "\"tokens\":null|data.tokens|is required unless data.requests, data.webSearches or data.media says what was used"
        })
    void givenWrongLlmUsage_thenFieldAndValueAreNamed(String data, String field, String error) {
      assertThat(rejected(llm(data))).isEqualTo(new Violation(field, error));
      assertThat(reader.id()).isEqualTo("e1");
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "GPU_USAGE|\"gpuModel\":\"x\"|data.gpuSeconds|is required",
          "GPU_USAGE|\"gpuSeconds\":1|data.gpuModel|is required",
          "GPU_USAGE|\"gpuModel\":\"x\",\"gpuSeconds\":\"1\"|data.gpuSeconds|must be a number of seconds >= 0, was \"1\"",
          "GPU_USAGE|\"gpuModel\":\"x\",\"gpuSeconds\":-0.5|data.gpuSeconds|must be >= 0, was -0.5",
          "GPU_USAGE|\"gpuModel\":\"x\",\"gpuSeconds\":1000000001|data.gpuSeconds|must be <= 1000000000, was 1000000001",
          "GPU_USAGE|\"gpuModel\":\"x\",\"gpuSeconds\":1e40|data.gpuSeconds|must be <= 1000000000, was 1e40",
          "GPU_USAGE|\"gpuModel\":\"x\",\"gpuSeconds\":1,\"utilization\":1.01|data.utilization|must be between 0 and 1, was 1.01",
          "GPU_USAGE|\"gpuModel\":\"x\",\"gpuSeconds\":1,\"utilization\":87|data.utilization|must be between 0 and 1, was 87",
          "GPU_USAGE|\"gpuModel\":\"x\",\"gpuSeconds\":1,\"utilization\":-1|data.utilization|must be between 0 and 1, was -1",
          "GPU_USAGE|\"gpuModel\":\"x\",\"gpuSeconds\":1,\"utilization\":NaN|data.utilization|must be a number between 0 and 1, was NaN",
          "GPU_USAGE|\"gpuModel\":\"x\",\"gpuSeconds\":1,\"purchaseOption\":\"cheap\"|data.purchaseOption|must be one of on_demand, reserved, spot, was \"cheap\"",
          "GPU_USAGE|\"gpuModel\":\"x\",\"gpuSeconds\":1,\"model\":\"m\"|data.model|is not a field of io.outlay.gpu.usage",
          "GPU_USAGE|\"gpuModel\":\"x\",\"gpuSeconds\":1,\"gpuseconds\":2|data.gpuseconds|is not a field of io.outlay.gpu.usage",
          "COMPUTE_USAGE|\"cloud\":\"aws\"|data.instanceType|is required with data.seconds, or else data.cpuSeconds with data.memoryGbSeconds",
          "COMPUTE_USAGE|\"instanceType\":\"m\"|data.seconds|is required where data.instanceType is given",
          "COMPUTE_USAGE|\"seconds\":1|data.instanceType|is required where data.seconds is given",
          "COMPUTE_USAGE|\"cpuSeconds\":1|data.memoryGbSeconds|is required where data.cpuSeconds is given",
          "COMPUTE_USAGE|\"memoryGbSeconds\":1|data.cpuSeconds|is required where data.memoryGbSeconds is given",
          "COMPUTE_USAGE|\"instanceType\":\"m\",\"seconds\":1,\"cpuSeconds\":1|data.cpuSeconds|must be absent where data.instanceType is given: the instance includes it",
          "CACHE_LOOKUP|\"hit\":false|data.layer|is required",
          "CACHE_LOOKUP|\"layer\":\"exact\"|data.hit|is required",
          "CACHE_LOOKUP|\"layer\":\"l2\",\"hit\":false|data.layer|must be one of edge, exact, prefix, semantic, was \"l2\"",
          "CACHE_LOOKUP|\"layer\":\"exact\",\"hit\":true,\"provider\":\"p\",\"model\":\"m\"|data.tokens|is required on a hit: the tokens that it avoided",
          "CACHE_LOOKUP|\"layer\":\"exact\",\"hit\":false,\"tokens\":{}|data.tokens|must be absent on a miss: a miss avoids nothing",
          "STORAGE_MOVE|\"bytes\":1,\"fromTier\":\"hot\"|data.toTier|is required",
          "STORAGE_MOVE|\"bytes\":1,\"fromTier\":\"hot\",\"toTier\":\"tape\"|data.toTier|must be one of archive, cold, hot, warm, was \"tape\"",
          "STORAGE_MOVE|\"bytes\":1000000000000000001,\"fromTier\":\"hot\",\"toTier\":\"cold\"|data.bytes|must be <= 1000000000000000000, was 1000000000000000001",
          "STORAGE_MOVE|\"bytes\":99999999999999999999,\"fromTier\":\"hot\",\"toTier\":\"cold\"|data.bytes|must be <= 1000000000000000000, was 99999999999999999999",
          "STORAGE_USAGE|\"tier\":\"hot\",\"bytes\":1|data.seconds|is required",
          "NETWORK_TRANSFER|\"bytes\":1|data.path|is required",
          "NETWORK_TRANSFER|\"bytes\":1,\"path\":\"pigeon\"|data.path|must be one of cdn, egress, inter_region, inter_zone, was \"pigeon\"",
          "QUALITY_SCORE|\"metric\":\"m\"|data.score|is required",
          "QUALITY_SCORE|\"metric\":\"m\",\"score\":\"good\"|data.score|must be a number between 0 and 1, was \"good\"",
          "COST_DIRECT|\"category\":\"people\"|data.amount|is required",
          "COST_DIRECT|\"amount\":12.5|data.amount|must be a decimal string such as \"12.50\", was 12.5",
          "COST_DIRECT|\"amount\":\"$5\"|data.amount|must be a decimal string such as \"12.50\", was \"$5\"",
          "COST_DIRECT|\"amount\":\"\"|data.amount|must be a decimal string such as \"12.50\", was \"\"",
          "COST_DIRECT|\"amount\":\"0.1234567890123\"|data.amount|must have at most 12 decimals, was \"0.1234567890123\"",
          "COST_DIRECT|\"amount\":\"1000000\"|data.amount|must be below 1000000 either way, was 1000000.000000000000",
          "COST_DIRECT|\"amount\":\"-1e30\"|data.amount|must be below 1000000 either way, was \"-1e30\"",
          "COST_DIRECT|\"amount\":\"1\",\"currency\":\"usd\"|data.currency|must be an ISO 4217 code such as USD, was \"usd\""
        })
    void givenWrongUsageOfOtherTypes_thenFieldAndValueAreNamed(
        EventType type, String data, String field, String error) {
      assertThat(rejected(event(type, data))).isEqualTo(new Violation(field, error));
    }

    @ParameterizedTest
    @EnumSource(EventType.class)
    void givenNoTeam_thenRequired(EventType type) {
      assertThat(rejected(event(type, "").replace("\"team\":\"search\"", "\"user\":\"u\"")).field())
          .isEqualTo("data.team");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "1e3", "10E-1", "0.0", "123456789012", "1000000000000.000"})
    void givenWholeNumberWrittenAsDecimal_thenAccepted(String number) {
      LlmUsage llm = (LlmUsage) accepted(llm("\"tokens\":{\"input\":" + number + "}")).getDetail();

      assertThat(llm.getTokens().getInput()).isEqualTo((long) Double.parseDouble(number));
    }

    @Test
    void givenNulls_thenAsIfAbsent() {
      UsageEvent event =
          accepted(
              llm(
                  "\"requests\":null,\"tokens\":{\"input\":2,\"output\":null},\"latencyMs\":null,"
                      + "\"tags\":null,\"user\":null,\"gpuModel\":null"));

      assertThat(((LlmUsage) event.getDetail()).getRequests()).isEqualTo(1);
      assertThat(event.getUser()).isEmpty();
    }

    @Test
    void givenHugeString_thenCutInTheMessage() {
      Violation violation =
          rejected(llm("\"requests\":1,\"user\":\"" + "x".repeat(100_000) + "\""));

      assertThat(violation.field()).isEqualTo("data.user");
      assertThat(violation.error()).hasSizeLessThan(200).contains("had 100000");
    }

    @Test
    void givenHugeUnknownKey_thenCutInTheMessage() {
      assertThat(rejected(llm("\"requests\":1,\"" + "y".repeat(10_000) + "\":1")).field())
          .hasSizeLessThan(100);
    }

    @Test
    void givenHugeUsageObject_thenNamed() {
      assertThat(
              rejected(
                  llm(
                      "\"usage\":{\"usage\":{\"prompt_tokens\":1,\"x\":\""
                          + "x".repeat(20_000)
                          + "\"}},\"api\":\"openai.chat\"")))
          .isEqualTo(new Violation("data.usage", "must have at most 16384 characters, had 20026"));
    }

    @Test
    void givenTooManyTags_thenNamed() {
      StringBuilder tags = new StringBuilder("\"requests\":1,\"tags\":{\"t\":\"v\"");
      for (int i = 0; i < 32; i++) {
        tags.append(",\"t").append(i).append("\":\"v\"");
      }

      assertThat(rejected(llm(tags + "}")))
          .isEqualTo(new Violation("data.tags", "must have at most 32 entries, had 33"));
    }
  }

  @Nested
  class ProviderObjects {
    private static final String WHOLE =
        "{\"id\":\"chatcmpl-1\",\"model\":\"gpt-4o-2024-08-06\",\"service_tier\":\"flex\","
            + "\"choices\":[{\"message\":{\"content\":\"x\"}}],"
            + "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":4}}}";

    @Test
    void givenWholeResponse_thenItSaysProviderModelAndTier() {
      UsageEvent event =
          accepted(event(EventType.LLM_USAGE, "\"usage\":" + WHOLE + ",\"api\":\"openai.chat\""));

      LlmUsage llm = (LlmUsage) event.getDetail();
      assertThat(llm.getProvider()).isEqualTo("openai");
      assertThat(llm.getModel()).isEqualTo("gpt-4o-2024-08-06");
      assertThat(llm.getOperation()).isEqualTo("chat");
      assertThat(llm.getServiceTier()).isEqualTo("flex");
      assertThat(llm.getRequests()).isEqualTo(1);
      assertThat(llm.getTokens())
          .isEqualTo(TokenCounts.newBuilder().setInput(6).setCacheRead(4).setOutput(5).build());
      assertThat(event.getId()).isEqualTo("e1");
      assertThat(event.getProviderUsage().getApi()).isEqualTo("openai.chat");
      assertThat(event.getProviderUsage().getUsage()).startsWith("{\"prompt_tokens\":10,");
    }

    @Test
    void givenBareObject_thenTheEventSaysTheRest_andContradictionsAreWarnedOf() {
      UsageEvent event =
          accepted(
              llm(
                  "\"api\":\"anthropic.messages\",\"usage\":{\"input_tokens\":-1,"
                      + "\"output_tokens\":5,\"server_tool_use\":{\"web_search_requests\":2}},"
                      + "\"operation\":\"answer\",\"webSearches\":1"));

      LlmUsage llm = (LlmUsage) event.getDetail();
      assertThat(llm.getProvider()).isEqualTo("openai");
      assertThat(llm.getModel()).isEqualTo("gpt-4o");
      assertThat(llm.getOperation()).isEqualTo("answer");
      assertThat(llm.getWebSearches()).isEqualTo(1);
      assertThat(event.getWarning()).isEqualTo("input_tokens was -1, taken as 0");
    }

    @Test
    void givenBareObjectWithoutModel_thenRequired() {
      assertThat(
              rejected(
                  event(
                      EventType.LLM_USAGE,
                      "\"usage\":{\"prompt_tokens\":1},\"api\":\"openai.chat\"")))
          .isEqualTo(new Violation("data.model", "is required"));
    }

    @Test
    void givenCacheLookup_thenWhatAHitAvoided_andNothingOnAMiss() {
      String usage = ",\"usage\":" + WHOLE + ",\"api\":\"openai.chat\"";

      CacheLookup hit =
          (CacheLookup)
              accepted(event(EventType.CACHE_LOOKUP, "\"layer\":\"exact\",\"hit\":true" + usage))
                  .getDetail();

      assertThat(hit.getProvider()).isEqualTo("openai");
      assertThat(hit.getModel()).isEqualTo("gpt-4o-2024-08-06");
      assertThat(hit.getTokens().getInput()).isEqualTo(6);
      assertThat(
              rejected(event(EventType.CACHE_LOOKUP, "\"layer\":\"exact\",\"hit\":false" + usage)))
          .isEqualTo(
              new Violation("data.usage", "must be absent on a miss: a miss avoids nothing"));
    }

    @Test
    void givenPlainEventAfterIt_thenNothingIsLeftOver() {
      accepted(event(EventType.LLM_USAGE, "\"usage\":" + WHOLE + ",\"api\":\"openai.chat\""));

      UsageEvent plain = accepted(llm("\"tokens\":{\"input\":1}"));

      assertThat(((LlmUsage) plain.getDetail()).getTokens())
          .isEqualTo(TokenCounts.newBuilder().setInput(1).build());
      assertThat(plain.getProviderUsage()).isNull();
      assertThat(plain.getWarning()).isEmpty();
    }
  }

  private static String llm(String data) {
    return event(EventType.LLM_USAGE, "\"provider\":\"openai\",\"model\":\"gpt-4o\"," + data);
  }

  private static String event(EventType type, String data) {
    return "{\"specversion\":\"1.0\",\"id\":\"e1\",\"source\":\"test\",\"type\":\""
        + type.cloudEventType()
        + "\",\"data\":{\"team\":\"search\""
        + (data.isEmpty() ? "" : "," + data)
        + "}}";
  }

  private UsageEvent accepted(String json) {
    UsageEvent event = read(json);
    assertThat(event).as(() -> json + ": " + reader.violation()).isNotNull();
    return event;
  }

  private Violation rejected(String json) {
    assertThat(read(json)).as(json).isNull();
    return reader.violation();
  }

  /** Reads from an array with a neighbour, to see that the reader ends where the event ends. */
  private @Nullable UsageEvent read(String json) {
    try (JsonParser parser =
        JSON.createParser(("[" + json + ",\"end\"]").getBytes(StandardCharsets.UTF_8))) {
      parser.nextToken();
      parser.nextToken();
      UsageEvent event = reader.read(parser);
      assertThat(parser.nextToken()).isEqualTo(JsonToken.VALUE_STRING);
      assertThat(parser.getText()).isEqualTo("end");
      return event;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void givenMedia_thenTheirQuantitiesAreKept() throws IOException {
    LlmUsage llm =
        (LlmUsage)
            read(llm("\"media\":{\"images\":2,\"characters\":3000,\"seconds\":1.5,\"pages\":null}"))
                .getDetail();

    assertThat(llm.getMedia()).isEqualTo(new MediaCounts(2L, 3_000L, 1_500_000L, 0L));
    assertThat(((LlmUsage) read(llm("\"requests\":1")).getDetail()).getMedia()).isNull();
  }

  @Nested
  class BoundTeam {
    private final EventReader bound =
        new EventReader(Collected.reception(new Publisher("search-svc", "search")));

    @Test
    void givenNoTeam_thenTheKeysTeam() throws IOException {
      assertThat(read("")).extracting(UsageEvent::getTeam).isEqualTo("search");
      assertThat(read("\"team\":\"\",")).extracting(UsageEvent::getTeam).isEqualTo("search");
      assertThat(read("\"team\":null,")).extracting(UsageEvent::getTeam).isEqualTo("search");
    }

    @Test
    void givenTheSameTeam_thenAccepted_andAnother_thenViolation() throws IOException {
      assertThat(read("\"team\":\"search\",")).isNotNull();

      assertThat(read("\"team\":\"Search\",")).isNull();
      assertThat(bound.violation())
          .isEqualTo(
              new Violation(
                  "data.team",
                  "must be \"search\", the team of the API key search-svc, was \"Search\""));
    }

    private UsageEvent read(String team) throws IOException {
      String json =
          "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"io.outlay.gpu.usage\","
              + "\"data\":{"
              + team
              + "\"gpuModel\":\"H100\",\"gpuSeconds\":1}}";
      try (JsonParser parser = new JsonFactory().createParser(json)) {
        parser.nextToken();
        return bound.read(parser);
      }
    }
  }
}
