package io.outlay.client;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class EventBuilderTest {
  private static final Instant TIME = Instant.parse("2026-11-21T02:00:00.1234567Z");

  static Stream<Arguments> events() {
    return Stream.of(
        arguments(
            LlmUsage.of("openai", "gpt-4o")
                .baselineModel("gpt-4.1")
                .operation("chat")
                .serviceTier("flex")
                .batch(true)
                .latency(Duration.ofMillis(812))
                .status("ok")
                .inputTokens(1)
                .cacheReadTokens(2)
                .cacheWrite5mTokens(3)
                .cacheWrite1hTokens(4)
                .outputTokens(5)
                .reasoningTokens(6)
                .inputAudioTokens(7)
                .outputAudioTokens(8)
                .inputImageTokens(9)
                .outputImageTokens(10)
                .requests(2)
                .webSearches(3),
            "io.outlay.llm.usage",
            """
            "provider":"openai","model":"gpt-4o","baselineModel":"gpt-4.1","operation":"chat",
            "serviceTier":"flex","batch":true,"latencyMs":812,"status":"ok",
            "tokens":{"input":1,"cacheRead":2,"cacheWrite5m":3,"cacheWrite1h":4,"output":5,
            "reasoning":6,"inputAudio":7,"outputAudio":8,"inputImage":9,"outputImage":10},
            "requests":2,"webSearches":3"""),
        arguments(
            LlmUsage.of("openai", "gpt-4o")
                .usage(ProviderApi.OPENAI_CHAT, "{\"prompt_tokens\": 1.50e0, \"x\":{}}"),
            "io.outlay.llm.usage",
            """
            "provider":"openai","model":"gpt-4o","api":"openai.chat",
            "usage":{"prompt_tokens": 1.50e0, "x":{}}"""),
        arguments(
            GpuUsage.of("H100", new BigDecimal("3600.12345650"))
                .utilization(0.82)
                .purchaseOption("spot")
                .cloud("aws")
                .node("n-1")
                .workload("train"),
            "io.outlay.gpu.usage",
            """
            "gpuModel":"H100","gpuSeconds":3600.123456,"utilization":0.82,"purchaseOption":"spot",
            "cloud":"aws","node":"n-1","workload":"train\""""),
        arguments(
            ComputeUsage.ofInstance("m7g.large", Duration.ofHours(1)).purchaseOption("reserved"),
            "io.outlay.compute.usage",
            """
            "instanceType":"m7g.large","seconds":3600,"purchaseOption":"reserved\""""),
        arguments(
            ComputeUsage.ofParts(new BigDecimal("1e3"), new BigDecimal("0.5")).cloud("gcp"),
            "io.outlay.compute.usage",
            """
            "cpuSeconds":1000,"memoryGbSeconds":0.5,"cloud":"gcp\""""),
        arguments(
            CacheLookup.hit("semantic", "openai", "gpt-4o").inputTokens(900).outputTokens(250),
            "io.outlay.cache.lookup",
            """
            "layer":"semantic","hit":true,"provider":"openai","model":"gpt-4o",
            "tokens":{"input":900,"output":250}"""),
        arguments(
            CacheLookup.miss("exact"),
            "io.outlay.cache.lookup",
            "\"layer\":\"exact\",\"hit\":false"),
        arguments(
            StorageMove.of(1_000, "hot", "cold").store("s3").dataset("d"),
            "io.outlay.storage.move",
            """
            "store":"s3","dataset":"d","bytes":1000,"fromTier":"hot","toTier":"cold\""""),
        arguments(
            StorageUsage.of("warm", 5, Duration.ofMillis(1_500)).store("pg").dataset("d"),
            "io.outlay.storage.usage",
            """
            "store":"pg","dataset":"d","tier":"warm","bytes":5,"seconds":1.5"""),
        arguments(
            NetworkTransfer.of("egress", 7).cloud("aws"),
            "io.outlay.network.transfer",
            """
            "bytes":7,"path":"egress","cloud":"aws\""""),
        arguments(
            QualityScore.of("faithfulness", 0.95).model("gpt-4o"),
            "io.outlay.quality.score",
            """
            "metric":"faithfulness","score":0.95,"model":"gpt-4o\""""),
        arguments(
            DirectCost.of("-129.90").currency("EUR").category("licence").description("seats"),
            "io.outlay.cost.direct",
            """
            "amount":"-129.9","currency":"EUR","category":"licence","description":"seats\""""));
  }

  @ParameterizedTest
  @MethodSource("events")
  void everyTypeIsWrittenAsTheContractHasIt(EventBuilder<?> builder, String type, String detail)
      throws Exception {
    // When
    Event event =
        builder.id("e-1").source("test").time(TIME).team("search").requestId("r-1").build();

    // Then
    String expected =
        """
        {"specversion":"1.0","id":"e-1","source":"test","type":"%s",
         "time":"2026-11-21T02:00:00.123456Z",
         "data":{"team":"search","requestId":"r-1",%s}}"""
            .formatted(type, detail);
    assertThat(TestCollector.JSON.readTree(event.json()))
        .isEqualTo(TestCollector.JSON.readTree(expected));
    assertThat(event.type()).isEqualTo(type);
    assertThat(event.json()).contains("\"data\":{\"team\"");
  }

  static Stream<Arguments> faults() {
    String lone = "a\ud800b";
    return Stream.of(
        fault(llm().outputTokens(-5), "data.tokens.output: must be >= 0, was -5"),
        fault(
            llm().reasoningTokens(Long.MIN_VALUE),
            "data.tokens.reasoning: must be >= 0, was -9223372036854775807"),
        fault(
            llm().inputTokens(1_000_000_000_001L),
            "data.tokens.input: must be <= 1000000000000, was 1000000000001"),
        fault(
            LlmUsage.of("p", "m"),
            "data.tokens: is required unless data.usage, data.requests or data.webSearches says"
                + " what was used"),
        fault(LlmUsage.of(null, "m"), "data.provider: is required and must not be empty"),
        fault(LlmUsage.of("p", ""), "data.model: is required and must not be empty"),
        fault(llm().latencyMs(86_400_001), "data.latencyMs: must be <= 86400000, was 86400001"),
        fault(
            llm().latency(Duration.ofSeconds(Long.MAX_VALUE)),
            "data.latencyMs: must be <= 86400000, was 9223372036854775807"),
        fault(llm().requests(-1), "data.requests: must be >= 0, was -1"),
        fault(llm().latency(Duration.ofSeconds(-9)), "data.latencyMs: must be >= 0, was -9000"),
        fault(llm().webSearches(-1), "data.webSearches: must be >= 0, was -1"),
        fault(
            llm().usage(ProviderApi.OPENAI_CHAT, "{}"),
            "data.tokens: must be absent where data.usage is given: it would count twice"),
        fault(usage(null, "{}"), "data.api: is required where data.usage is given"),
        fault(
            usage(ProviderApi.OPENAI_CHAT, null),
            "data.usage: is required where data.api is given"),
        fault(
            usage(ProviderApi.OPENAI_CHAT, "[1]"),
            "data.usage: must be a JSON object, was \"[1]\""),
        fault(
            usage(ProviderApi.OPENAI_CHAT, "{} {}"),
            "data.usage: must be one JSON object, was followed by more"),
        fault(
            usage(ProviderApi.OPENAI_CHAT, "{\"a\":" + "[".repeat(5_000)),
            "data.usage: must be a JSON object: "),
        fault(usage(ProviderApi.OPENAI_CHAT, "{\"a\":NaN}"), "data.usage: must be a JSON object: "),
        fault(
            usage(ProviderApi.OPENAI_CHAT, "{\"a\":\"" + lone + "\"}"),
            "data.usage: must be valid Unicode, had a lone surrogate at 7"),
        fault(
            usage(ProviderApi.OPENAI_CHAT, "x".repeat(2_000_000)),
            "data.usage: must have at most 1048576 characters, had 2000000"),
        fault(llm().id(""), "id: is required and must not be empty"),
        fault(llm().id("x".repeat(257)), "id: must have at most 256 characters, had 257: \"xx"),
        fault(llm().source(null), "source: is required and must not be empty"),
        fault(llm().team(null), "data.team: is required and must not be empty"),
        fault(
            llm().feature("f".repeat(129)),
            "data.feature: must have at most 128 characters, had 129: \"ff"),
        fault(
            llm().customer("a\nb"),
            "data.customer: must have no control characters, had U+000A at 1"),
        fault(llm().user(lone), "data.user: must be valid Unicode, had a lone surrogate at 1"),
        fault(llm().tag("", "x"), "data.tags: is required and must not be empty"),
        fault(llm().tag(null, "x"), "data.tags: must have names that are not null"),
        fault(
            llm().tag("k", "v".repeat(257)),
            "data.tags.k: must have at most 256 characters, had 257: \"vv"),
        fault(llm().tags(manyTags(40)), "data.tags: must have at most 32 entries, had 33"),
        fault(
            llm().time(Instant.MAX),
            "time: must be between 2000-01-01T00:00:00Z and 2100-01-01T00:00:00Z, was +1000000000"),
        fault(
            llm().time(Instant.parse("1999-12-31T23:59:59Z")),
            "time: must be between 2000-01-01T00:00:00Z and 2100-01-01T00:00:00Z, was 1999-12-31"),
        fault(GpuUsage.of("H100", (BigDecimal) null), "data.gpuSeconds: is required"),
        fault(GpuUsage.of("H100", Duration.ofSeconds(-1)), "data.gpuSeconds: must be >= 0, was -1"),
        fault(
            GpuUsage.of("H100", new BigDecimal("1e999999999")),
            "data.gpuSeconds: must be <= 1000000000, was 1E+999999999"),
        fault(
            GpuUsage.of("H100", new BigDecimal("1000000000.000001")),
            "data.gpuSeconds: must be <= 1000000000, was 1000000000.000001"),
        fault(
            GpuUsage.of("H100", new BigDecimal("9".repeat(400))),
            "data.gpuSeconds: must have at most 300 digits"),
        fault(
            gpu().utilization(Double.NaN),
            "data.utilization: must be a number between 0 and 1, was NaN"),
        fault(gpu().utilization(1.01), "data.utilization: must be between 0 and 1, was 1.01"),
        fault(
            gpu().purchaseOption("bid"),
            "data.purchaseOption: must be one of on_demand, reserved, spot, was \"bid\""),
        fault(
            ComputeUsage.ofInstance("", Duration.ofSeconds(1)),
            "data.instanceType: is required and must not be empty"),
        fault(ComputeUsage.ofParts(BigDecimal.ONE, null), "data.memoryGbSeconds: is required"),
        fault(
            CacheLookup.miss("l2"),
            "data.layer: must be one of edge, exact, prefix, semantic, was \"l2\""),
        fault(
            CacheLookup.miss("edge").inputTokens(1),
            "data.tokens: must be absent on a miss: a miss avoids nothing"),
        fault(
            CacheLookup.hit("edge", "p", "m"),
            "data.tokens: is required on a hit: the tokens that it avoided"),
        fault(StorageMove.of(-1, "hot", "cold"), "data.bytes: must be >= 0, was -1"),
        fault(
            StorageMove.of(1, "hot", null),
            "data.toTier: must be one of archive, cold, hot, warm, was absent"),
        fault(StorageUsage.of("hot", 1, null), "data.seconds: is required"),
        fault(
            NetworkTransfer.of("lan", 1),
            "data.path: must be one of cdn, egress, inter_region, inter_zone, was \"lan\""),
        fault(
            QualityScore.of("m", Double.POSITIVE_INFINITY),
            "data.score: must be a number between 0 and 1, was Infinity"),
        fault(QualityScore.of("m", -0.1), "data.score: must be between 0 and 1, was -0.1"),
        fault(DirectCost.of((String) null), "data.amount: is required"),
        fault(
            DirectCost.of("12,50"),
            "data.amount: must be a decimal such as \"12.50\", was \"12,50\""),
        fault(
            DirectCost.of("1000000"), "data.amount: must be below 1000000 either way, was 1000000"),
        fault(
            DirectCost.of(new BigDecimal("-1e999999999")),
            "data.amount: must be below 1000000 either way, was -1E+999999999"),
        fault(
            DirectCost.of("0.0000000000001"),
            "data.amount: must have at most 12 decimals, was 1E-13"),
        fault(
            DirectCost.of("1").currency("usd"),
            "data.currency: must be an ISO 4217 code such as USD, was \"usd\""));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void buildNamesFieldAndValue(EventBuilder<?> builder, String message) {
    assertThatThrownBy(builder::build)
        .isInstanceOf(InvalidEventException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void boundsThemselvesAreAllowed() {
    llm()
        .inputTokens(1_000_000_000_000L)
        .latencyMs(86_400_000)
        .feature("f".repeat(128))
        .user("\ud83d\ude00")
        .tags(manyTags(32))
        .build();
    assertThat(GpuUsage.of("g", new BigDecimal("1000000000.0000004")).team("t").source("s").build())
        .asString()
        .contains("\"gpuSeconds\":1000000000}");
    assertThat(GpuUsage.of("g", new BigDecimal("1e-999999999")).team("t").source("s").build())
        .asString()
        .contains("\"gpuSeconds\":0}");
    assertThat(DirectCost.of("-999999.999999999999").team("t").source("s").build())
        .asString()
        .contains("\"amount\":\"-999999.999999999999\"");
  }

  @Test
  void defaultsFillWhatTheEventLeavesOpen() throws Exception {
    // Given
    Defaults defaults =
        new Defaults()
            .team("search")
            .project("shop")
            .environment("prod")
            .tag("a", "1")
            .tag("b", "1");

    // When
    Event event =
        LlmUsage.of("p", "m")
            .inputTokens(1)
            .project("own")
            .environment("")
            .tag("b", "2")
            .build(defaults, "checkout", Ids.SHARED, TIME);

    // Then
    assertThat(TestCollector.JSON.readTree(event.json()).get("data"))
        .isEqualTo(
            TestCollector.JSON.readTree(
                """
                {"team":"search","project":"own","tags":{"a":"1","b":"2"},
                 "provider":"p","model":"m","tokens":{"input":1}}"""));
    assertThat(TestCollector.JSON.readTree(event.json()).get("source").asText())
        .isEqualTo("checkout");
  }

  private static Arguments fault(EventBuilder<?> builder, String message) {
    // Sources and teams that a case leaves open are given, so that only its own fault is left.
    if (!message.startsWith("source")) {
      builder.source("test");
    }
    if (!message.startsWith("data.team")) {
      builder.team("search");
    }
    return arguments(builder, message);
  }

  private static LlmUsage llm() {
    return LlmUsage.of("p", "m").team("t").source("s").outputTokens(1);
  }

  private static LlmUsage usage(ProviderApi api, String json) {
    return LlmUsage.of("p", "m").usage(api, json);
  }

  private static GpuUsage gpu() {
    return GpuUsage.of("H100", Duration.ofSeconds(1));
  }

  private static Map<String, String> manyTags(int count) {
    Map<String, String> tags = new HashMap<>();
    for (int i = 0; i < count; i++) {
      tags.put("t" + i, "v");
    }
    return tags;
  }
}
