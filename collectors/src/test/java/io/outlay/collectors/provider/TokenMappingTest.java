package io.outlay.collectors.provider;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outlay.schema.TokenCounts;
import io.outlay.usage.UsageRules;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TokenMappingTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** All names that any of the mappings reads, at the top and inside. */
  private static final List<String> TOP =
      List.of(
          "prompt_tokens",
          "completion_tokens",
          "total_tokens",
          "input_tokens",
          "output_tokens",
          "cache_read_input_tokens",
          "cache_creation_input_tokens",
          "promptTokenCount",
          "candidatesTokenCount",
          "thoughtsTokenCount",
          "toolUsePromptTokenCount",
          "cachedContentTokenCount",
          "totalTokenCount",
          "inputTokens",
          "outputTokens",
          "cacheReadInputTokens",
          "cacheWriteInputTokens",
          "totalTokens");

  private static final List<String> INNER =
      List.of(
          "cached_tokens",
          "cache_write_tokens",
          "audio_tokens",
          "image_tokens",
          "reasoning_tokens",
          "thinking_tokens",
          "ephemeral_5m_input_tokens",
          "ephemeral_1h_input_tokens",
          "tokenCount",
          "inputTokens");

  /** A worked bill: 3 input, 12,304 written to the cache, 550 output, at 3, 3.75 and 15 USD. */
  @Test
  void givenTheWorkedBill_thenItsTokensAndItsAmount() throws UnusableReportException {
    ObjectNode usage = JSON.objectNode();
    usage.put("input_tokens", 3L).put("output_tokens", 550L);
    usage.put("cache_creation_input_tokens", 12_304L).put("cache_read_input_tokens", 0L);

    TokenCounts tokens = TokenMapping.ANTHROPIC.tokens(Counts.of(usage, "usage"));

    BigDecimal bill =
        BigDecimal.valueOf(tokens.getInput())
            .multiply(new BigDecimal("3"))
            .add(BigDecimal.valueOf(tokens.getCacheWrite5m()).multiply(new BigDecimal("3.75")))
            .add(BigDecimal.valueOf(tokens.getOutput()).multiply(new BigDecimal("15")))
            .movePointLeft(6);
    assertThat(bill).isEqualByComparingTo("0.054399");
    assertThat(TokenMapping.sum(tokens)).isEqualTo(12_857);
  }

  @Property(tries = 500)
  void givenAnything_thenNoBucketIsBelowZeroOrBeyondItsBound(
      @ForAll("anything") ObjectNode usage, @ForAll TokenMapping mapping)
      throws UnusableReportException {
    Counts counts = Counts.of(usage, "usage");

    TokenCounts t = mapping.tokens(counts);

    assertThat(
            LongStream.of(
                    t.getInput(),
                    t.getCacheRead(),
                    t.getCacheWrite5m(),
                    t.getCacheWrite1h(),
                    t.getOutput(),
                    t.getReasoning(),
                    t.getInputAudio(),
                    t.getOutputAudio(),
                    t.getInputImage(),
                    t.getOutputImage())
                .boxed())
        .allSatisfy(bucket -> assertThat(bucket).isBetween(0L, UsageRules.MAX_TOKENS));
    assertThat(counts.warning()).hasSizeLessThanOrEqualTo(256);
  }

  @Property(tries = 300)
  void givenConsistentOpenAi_thenAddsUpWithoutWarning(
      @ForAll @Size(9) List<@LongRange(min = 0, max = 1_000_000) Long> parts)
      throws UnusableReportException {
    long prompt = sum(parts.subList(0, 5));
    long completion = sum(parts.subList(5, 9));
    ObjectNode usage = JSON.objectNode();
    usage.put("prompt_tokens", prompt).put("completion_tokens", completion);
    usage.put("total_tokens", prompt + completion);
    usage
        .putObject("prompt_tokens_details")
        .put("cached_tokens", parts.get(0))
        .put("cache_write_tokens", parts.get(1))
        .put("audio_tokens", parts.get(2))
        .put("image_tokens", parts.get(3));
    usage
        .putObject("completion_tokens_details")
        .put("reasoning_tokens", parts.get(5))
        .put("audio_tokens", parts.get(6))
        .put("image_tokens", parts.get(7));

    assertAddsUp(TokenMapping.OPENAI_CHAT, usage, prompt + completion);
    assertThat(TokenMapping.OPENAI_CHAT.tokens(Counts.of(usage, "usage")))
        .isEqualTo(
            TokenCounts.newBuilder()
                .setCacheRead(parts.get(0))
                .setCacheWrite5m(parts.get(1))
                .setInputAudio(parts.get(2))
                .setInputImage(parts.get(3))
                .setInput(parts.get(4))
                .setReasoning(parts.get(5))
                .setOutputAudio(parts.get(6))
                .setOutputImage(parts.get(7))
                .setOutput(parts.get(8))
                .build());
  }

  @Property(tries = 300)
  void givenConsistentGemini_thenAddsUpWithoutWarning(
      @ForAll @Size(10) List<@LongRange(min = 0, max = 1_000_000) Long> parts)
      throws UnusableReportException {
    // Text, audio and image, each of them fresh and cached; tool prompt, candidates, their audio,
    // thoughts.
    long prompt = sum(parts.subList(0, 6));
    ObjectNode usage = JSON.objectNode();
    usage.put("promptTokenCount", prompt);
    usage.put("cachedContentTokenCount", parts.get(1) + parts.get(3) + parts.get(5));
    usage.put("toolUsePromptTokenCount", parts.get(6));
    usage.put("candidatesTokenCount", parts.get(7) + parts.get(8));
    usage.put("thoughtsTokenCount", parts.get(9));
    usage.put("totalTokenCount", sum(parts));
    modality(usage, "promptTokensDetails", "TEXT", parts.get(0) + parts.get(1));
    modality(usage, "promptTokensDetails", "AUDIO", parts.get(2) + parts.get(3));
    modality(usage, "promptTokensDetails", "IMAGE", parts.get(4) + parts.get(5));
    modality(usage, "cacheTokensDetails", "TEXT", parts.get(1));
    modality(usage, "cacheTokensDetails", "AUDIO", parts.get(3));
    modality(usage, "cacheTokensDetails", "IMAGE", parts.get(5));
    modality(usage, "candidatesTokensDetails", "AUDIO", parts.get(8));

    assertAddsUp(TokenMapping.GEMINI, usage, sum(parts));
    TokenCounts tokens = TokenMapping.GEMINI.tokens(Counts.of(usage, "usage"));
    assertThat(tokens.getInput()).isEqualTo(parts.get(0) + parts.get(6));
    assertThat(tokens.getInputAudio()).isEqualTo(parts.get(2));
    assertThat(tokens.getInputImage()).isEqualTo(parts.get(4));
    assertThat(tokens.getReasoning()).isEqualTo(parts.get(9));
  }

  @Property(tries = 300)
  void givenConsistentBedrock_thenAddsUpWithoutWarning(
      @ForAll @Size(5) List<@LongRange(min = 0, max = 1_000_000) Long> parts)
      throws UnusableReportException {
    ObjectNode usage = JSON.objectNode();
    usage.put("inputTokens", parts.get(0)).put("outputTokens", parts.get(1));
    usage.put("cacheReadInputTokens", parts.get(2));
    usage.put("cacheWriteInputTokens", parts.get(3) + parts.get(4));
    usage.put("totalTokens", sum(parts));
    usage.putArray("cacheDetails").addObject().put("ttl", "1h").put("inputTokens", parts.get(4));

    assertAddsUp(TokenMapping.BEDROCK, usage, sum(parts));
    assertThat(TokenMapping.BEDROCK.tokens(Counts.of(usage, "usage")).getCacheWrite1h())
        .isEqualTo(parts.get(4));
  }

  private static void assertAddsUp(TokenMapping mapping, ObjectNode usage, long total)
      throws UnusableReportException {
    Counts counts = Counts.of(usage, "usage");

    assertThat(TokenMapping.sum(mapping.tokens(counts))).isEqualTo(total);
    assertThat(counts.warning()).isEmpty();
  }

  private static void modality(ObjectNode usage, String name, String modality, long count) {
    usage.withArray(name).addObject().put("modality", modality).put("tokenCount", count);
  }

  private static long sum(List<Long> parts) {
    return parts.stream().mapToLong(Long::longValue).sum();
  }

  @Provide
  Arbitrary<ObjectNode> anything() {
    Arbitrary<BigDecimal> count =
        Arbitraries.oneOf(
            Arbitraries.longs().between(-10, 1_000).map(BigDecimal::valueOf),
            Arbitraries.bigDecimals()
                .between(new BigDecimal("-1e30"), new BigDecimal("1e30"))
                .ofScale(2));
    Arbitrary<ObjectNode> inner =
        Arbitraries.maps(Arbitraries.of(INNER), count)
            .map(
                values -> {
                  ObjectNode object = JSON.objectNode();
                  values.forEach(object::put);
                  return object;
                });
    Arbitrary<ObjectNode> details =
        inner.flatMap(
            object ->
                Arbitraries.of("TEXT", "AUDIO", "IMAGE", "1h", "5m")
                    .map(kind -> object.deepCopy().put("modality", kind).put("ttl", kind)));
    return Arbitraries.maps(Arbitraries.of(TOP), count)
        .flatMap(
            counts ->
                details
                    .list()
                    .ofSize(8)
                    .map(
                        parts -> {
                          ObjectNode usage = JSON.objectNode();
                          counts.forEach(usage::put);
                          usage.set("prompt_tokens_details", parts.get(0));
                          usage.set("input_tokens_details", parts.get(1));
                          usage.set("completion_tokens_details", parts.get(2));
                          usage.set("output_tokens_details", parts.get(3));
                          usage.set("cache_creation", parts.get(4));
                          usage.putArray("promptTokensDetails").add(parts.get(5)).add(parts.get(6));
                          usage.putArray("cacheTokensDetails").add(parts.get(6)).add(parts.get(7));
                          usage.putArray("toolUsePromptTokensDetails").add(parts.get(7));
                          usage.putArray("candidatesTokensDetails").add(parts.get(5));
                          usage.putArray("cacheDetails").add(parts.get(6)).add(parts.get(7));
                          return usage;
                        }));
  }
}
