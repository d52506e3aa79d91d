package io.outlay.price;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outlay.price.PriceReading.Omission;
import io.outlay.schema.Multiplier;
import io.outlay.schema.Price;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

class LiteLlmPricesTest {
  private static final String PLAIN =
      "\"input_cost_per_token\": 1e-06, \"output_cost_per_token\": 2e-06";
  private static final PriceReading SAMPLE = sample();
  private static final Map<String, Price> BY_ID =
      SAMPLE.prices().stream().collect(Collectors.toMap(Price::getId, Function.identity()));

  /** Rates as they would stand in a price file, written out by hand from the sample. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "openai/gpt-4o | input 2.5, cacheRead 1.25, output 10",
        "openai/gpt-4o batch | input 1.25, cacheRead 1.25, output 5",
        "openai/gpt-4o priority | input 4.25, cacheRead 2.125, output 17",
        "openai/gpt-5 flex | input 0.625, cacheRead 0.0625, output 5",
        "openai/gpt-5.5 | input 5, cacheRead 0.5, output 30",
        "openai/gpt-5.5 >272000 | input 10, cacheRead 1, cacheWrite5m 12.5, output 45",
        "openai/gpt-5.5 priority | input 10, cacheRead 1, output 60",
        "openai/gpt-5.5 priority >272000 | input 20, cacheRead 2, cacheWrite5m 12.5, output 90",
        "openai/gpt-5.5 flex >272000 | input 5, cacheRead 1, cacheWrite5m 12.5, output 22.5",
        "openai/gpt-5.5 batch >272000 | input 5, cacheRead 1, cacheWrite5m 12.5, output 22.5",
        "openai/gpt-5.5 ultrafast | input 20, cacheRead 2, output 120",
        "openai/gpt-5.5 ultrafast >272000 | input 10, cacheRead 1, cacheWrite5m 12.5, output 45",
        "openai/gpt-4o-audio-preview | input 2.5, output 10, inputAudio 40, outputAudio 80",
        "openai/gpt-realtime"
            + " | input 4, cacheRead 0.4, output 16, inputAudio 32, outputAudio 64, inputImage 5",
        "openai/gpt-4o-transcribe | input 2.5, output 10, inputAudio 6",
        "openai/whisper-1 | mediaHour 0.36",
        "groq/whisper-large-v3 | mediaHour 0.110988",
        "openai/tts-1-hd | characters 30",
        "openai/gpt-4o-mini-tts | input 2.5, output 10, outputAudio 12",
        "openai/sora-2 | mediaHour 360",
        "google/veo-3 | mediaHour 1440",
        "openai/dall-e-3 | images 0.04",
        "openai/gpt-image-1 | input 5, inputImage 10, outputImage 40",
        "aiml/flux-pro | images 0.065",
        "google/gemini-3-pro-image-preview | input 2, output 12, outputImage 120",
        "google/gemini-3-pro-image-preview batch | input 1, output 6, outputImage 120",
        "openai/text-embedding-3-small | input 0.02, output 0",
        "openai/text-embedding-3-small batch | input 0.01, output 0",
        "openai/text-moderation-latest | input 0, output 0",
        "anthropic/claude-opus-4-1 | input 15, cacheRead 1.5, cacheWrite5m 18.75, cacheWrite1h 30,"
            + " output 75, webSearches 10",
        "anthropic/claude-sonnet-4-20250514"
            + " | input 3, cacheRead 0.3, cacheWrite5m 3.75, cacheWrite1h 6, output 15",
        "anthropic/claude-sonnet-4-20250514 >200000"
            + " | input 6, cacheRead 0.6, cacheWrite5m 7.5, cacheWrite1h 12, output 22.5",
        "aws/anthropic.claude-opus-4-6-v1 | input 5, cacheRead 0.5, output 25",
        "aws/us.anthropic.claude-opus-4-6-v1 | input 5.5, cacheRead 0.55, output 27.5",
        "aws/amazon.titan-text-express-v1/region=us-gov-west-1 | input 1.3, output 1.7",
        "aws/amazon.nova-2-pro-preview"
            + " | input 2.1875, cacheRead 0.546875, output 17.5, inputAudio 2.1875,"
            + " inputImage 2.1875",
        "aws/amazon.titan-embed-image-v1 | input 0.8, output 0",
        "google/gemini-1.5-pro >128000 | input 2.5, output 10",
        "google/gemini-2.5-pro >200000 | input 2.5, cacheRead 0.25, output 15",
        "google/gemini-2.5-flash-lite"
            + " | input 0.1, cacheRead 0.01, output 0.4, reasoning 0.4, inputAudio 0.3,"
            + " webSearches 35",
        "google/gemini/gemini-2.5-flash-lite | input 0.1, output 0.4, inputAudio 0.5",
        // Reasoning costs what output does, so it follows output into the tier.
        "google/gemini-3.1-flash-lite priority | input 0.45, cacheRead 0.025, output 2.7",
        "mistral/mistral-ocr-latest | pages 1",
        "mistral/mistral-ocr-latest batch | pages 0.5",
        "x-ai/grok-4 >128000 | input 6, cacheRead 0.75, output 30",
        "minimax/long >256000 | input 0.4, output 1.2",
        "minimax/long >512000 | input 0.6, output 1.2",
        "voyageai/voyage-3-large | input 0.18, output 0",
        "cohere/rerank-v3.5 | input 0, output 0, requests 2",
        "cohere/command-a-03-2025 | input 2.5, output 10",
        "deepseek/deepseek-chat | input 0.28, cacheRead 0.028, output 0.42",
        "deepseek/deepseek-chat 990-30 | input 0.14, cacheRead 0.028, output 0.21",
        "dashscope/qwen3-max | input 1.2, output 6",
        "dashscope/qwen3-max >32000 | input 2.4, output 12",
        "dashscope/qwen3-max >128000 | input 3, output 15",
        "dashscope/qwen-plus | input 0.4, output 1.2, reasoning 4",
        "dashscope/qwen-plus >256000 | input 1.2, output 3.6, reasoning 12",
        "tavily/search | requests 8",
        "perplexity/pplx-7b-online | input 0, output 0.28, requests 5",
        "openrouter/openai/gpt-4o | input 2.5, output 10",
        "fireworks_ai/accounts/fireworks/models/playground-v2 | input 0.00013, output 0.00013",
        "databricks/databricks-claude | input 2.99999, output 15.00002",
        "friendliai/meta-llama | input 1, output 1",
        "ollama/llama3 | input 0, output 0",
      })
  void everyFamilyOfKeysBecomesRates(String card, String rates) {
    String[] parts = card.split(" ");
    assertThat(BY_ID).containsKey(parts[0]);
    Map<String, String> cards = new HashMap<>();
    for (RateCard each : BY_ID.get(parts[0]).getCards()) {
      cards.put(
          parts[0]
              + (each.getServiceTier().isEmpty() ? "" : " " + each.getServiceTier())
              + (each.getAboveInputTokens() == 0 ? "" : " >" + each.getAboveInputTokens())
              + (Cards.isAllDay(each) ? "" : " " + each.getFromMinute() + "-" + each.getToMinute()),
          text(each));
    }
    assertThat(cards).containsEntry(card, rates);
  }

  @Test
  void factorsOfRegionsAndTiersAreKept() {
    assertThat(BY_ID.get("openai/gpt-4o").getRegionMultipliers())
        .containsExactly(new Multiplier("eu", 1_100_000L), new Multiplier("us", 1_100_000L));
    Price claude = BY_ID.get("anthropic/claude-opus-4-6");
    assertThat(claude.getRegionMultipliers()).containsExactly(new Multiplier("us", 1_100_000L));
    assertThat(claude.getTierMultipliers()).containsExactly(new Multiplier("fast", 6_000_000L));
    assertThat(BY_ID.get("google/claude-opus-4-6").getRegionMultipliers())
        .contains(new Multiplier("us*", 1_100_000L), new Multiplier("eu*", 1_100_000L))
        .hasSize(8);
  }

  @ParameterizedTest
  @CsvSource({
    "azure/gpt-4o, azure, gpt-4o, azure/gpt-4o",
    "azure/eu/gpt-4o-2024-08-06, azure, eu/gpt-4o-2024-08-06, azure/eu/gpt-4o-2024-08-06",
    "azure/deepseek-r1, azure, deepseek-r1, azure_ai/deepseek-r1",
    "google/gemini-2.5-pro, google, gemini-2.5-pro, gemini/gemini-2.5-pro",
    "google/claude-opus-4-6, google, claude-opus-4-6, vertex_ai/claude-opus-4-6",
    "x-ai/grok-4, x-ai, grok-4, xai/grok-4",
    "voyageai/voyage-3-large, voyageai, voyage-3-large, voyage/voyage-3-large",
    "mistral/mistral-large-latest, mistral, mistral-large-latest, mistral/mistral-large-latest",
    "aws/meta-textgeneration-llama-2-7b, aws, meta-textgeneration-llama-2-7b,"
        + " sagemaker/meta-textgeneration-llama-2-7b",
  })
  void theWholeKeyStaysAnAlias(String id, String provider, String name, String alias) {
    Price price = BY_ID.get(id);
    assertThat(price.getProvider()).isEqualTo(provider);
    assertThat(price.getName()).isEqualTo(name);
    assertThat(price.getAliases()).containsExactly(alias);
  }

  @Test
  void whatIsNotTakenIsListedWithItsReason() {
    assertThat(SAMPLE.refused())
        .extracting(Omission::toString)
        .containsExactlyInAnyOrder(
            "gpt-4o-realtime-preview: cache_read_input_audio_token_cost 0.00002: usage does not"
                + " tell it apart, and cacheRead would be too cheap for it",
            "runwayml/gen4: output_cost_per_second_1080p 0.09: usage does not tell it apart, and"
                + " mediaHour would be too cheap for it",
            "1024-x-1024/dall-e-2: input_cost_per_pixel 1.9E-8: is for something that is not"
                + " counted",
            "container: states no standard rate that is counted",
            "bedrock/us-east-1/1-month-commitment/cohere.command-text-v14: input_cost_per_second"
                + " 0.011: is for the time of a machine, which calls do not count",
            "bedrock/us-east-1/1-month-commitment/cohere.command-text-v14: output_cost_per_second"
                + " 0.011: is for the time of a machine, which calls do not count",
            "stability.premium: output_cost_per_image_premium_image 0.036: usage does not tell it"
                + " apart, and images would be too cheap for it",
            "exa_ai/search: tiered_pricing {\"max_results_range\":[0,25],"
                + "\"input_cost_per_query\":0.005}: has no range of input tokens",
            "perplexity/sonar-deep-research: citation_cost_per_token 0.000002: is for something"
                + " that is not counted",
            "some/model-without-price: states no price",
            "orphan: names no litellm_provider");
    assertThat(SAMPLE.leftOut())
        .extracting(omission -> omission.entry() + " " + omission.key())
        .contains(
            "gpt-4o-search-preview search_context_cost_per_query",
            "gpt-realtime cache_read_input_audio_token_cost",
            "gpt-realtime input_cost_per_image",
            "gpt-4o-mini-tts output_cost_per_second",
            "gpt-image-1 cache_read_input_image_token_cost",
            "gemini-3-pro-image-preview output_cost_per_image",
            "gemini-1.5-pro input_cost_per_character",
            "gemini-1.5-pro input_cost_per_video_per_second_above_128k_tokens",
            "gemini-3.1-flash-lite google_maps_grounding_cost_per_query",
            "mistral/mistral-ocr-latest annotation_cost_per_page",
            "o1-mini-with-tools file_search_cost_per_1k_calls",
            "runwayml/gen4 output_cost_per_second_480p",
            "friendliai/meta-llama input_cost_per_token",
            "databricks/databricks-claude input_dbu_cost_per_token",
            "gemini/gemini-2.5-flash-lite ");
  }

  /** Every key about a price is either a rate, a factor, or listed. */
  @Test
  void nothingIsDroppedSilently() throws IOException {
    JsonNode list = new ObjectMapper().readTree(sampleText());
    long models = list.size() - 2L;
    long refused = SAMPLE.refused().stream().map(Omission::entry).distinct().count();

    // gemini/gemini-2.5-pro says what gemini-2.5-pro says.
    assertThat(SAMPLE.prices().size() + refused + 1).isEqualTo(models);
    assertThat(SAMPLE.prices()).hasSizeGreaterThan(50);
  }

  /** Against the text of the sample, read another way. */
  @Test
  void plainTokenRatesAreExactlyAMillionTimesTheText() throws IOException {
    JsonNode list =
        new ObjectMapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .readTree(sampleText());
    int compared = 0;
    for (Price price : SAMPLE.prices()) {
      for (String key : keys(price)) {
        JsonNode perToken = list.path(key).path("input_cost_per_token");
        if (perToken.isNumber() && !key.startsWith("friendliai")) {
          BigDecimal expected = perToken.decimalValue().movePointRight(6);
          assertThat(text(price.getCards().get(0)))
              .contains("input " + plain(expected.setScale(12, java.math.RoundingMode.HALF_EVEN)));
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(35);
  }

  private static List<String> keys(Price price) {
    return price.getAliases().isEmpty() ? List.of(price.getName()) : price.getAliases();
  }

  @Test
  void whatIsReadHasNoTiesAndReadsBackFromAFile() {
    PricePlan plan = PriceImport.plan(List.of(), SAMPLE, null, Instant.EPOCH);

    assertThat(plan.rejected()).isEmpty();
    assertThat(PriceFile.read(new StringReader(PriceFile.write(SAMPLE.prices())), "litellm"))
        .isEqualTo(SAMPLE.prices());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[] | line 1: the list must be a JSON object of models",
        "{ | is not JSON",
        "'{\"m\": 3}' | line 1: m must be an object, was 3",
        "'{\"m\": {\"litellm_provider\": \"p\",\n \"input_cost_per_token\": -1e-6}}'"
            + " | line 2: m: input_cost_per_token must be >= 0, was -0.000001",
        "'{\"m\": {\"litellm_provider\": \"p\", \"input_cost_per_token\": \"cheap\"}}'"
            + " | line 1: m: input_cost_per_token must be a number, was cheap",
        "'{\"m\": {\"litellm_provider\": \"p\", \"input_cost_per_token\": NaN}}' | is not JSON",
        "'{\"m\": {\"litellm_provider\": \"p\", \"input_cost_per_token\": 1}}'"
            + " | line 1: m: input_cost_per_token must be below 1, was 1",
        "'{\"m\": {\"litellm_provider\": \"p\", \"input_cost_per_token\": 1e999999}}'"
            + " | line 1: m: input_cost_per_token must be below 1, was 1E+999999",
        "'{\"m\": {\"litellm_provider\": \"p\", \"input_cost_per_token\": 1e-6,"
            + " \"regional_processing_uplift_multiplier_eu\": 0}}'"
            + " | line 1: m: regional_processing_uplift_multiplier_eu must be > 0 and <= 1000, was 0",
      })
  void aWrongListIsToldWithItsLine(String json, String fault) {
    assertThatThrownBy(() -> LiteLlmPrices.read(new StringReader(json), "litellm"))
        .isInstanceOf(PriceFileException.class)
        .hasMessageContaining(fault);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"input_cost_per_token\": 1e-999999 | is too small to be kept, and must not become free",
        "\"input_cost_per_token\": 1e-6, \"thought_cost_per_neuron\": 1e-6"
            + " | is for something that is not counted",
        "\"input_cost_per_token\": 1e-6, \"provider_specific_entry\": {\"us\": 1.0000001}"
            + " | has more than 6 decimals",
        "\"input_cost_per_token_flex\": 1e-6 | states no standard rate that is counted",
        "\"input_cost_per_token\": null | states no price",
      })
  void whatWouldBeTooCheapIsRefused(String fields, String reason) {
    PriceReading reading =
        LiteLlmPrices.read(
            new StringReader("{\"m\": {\"litellm_provider\": \"p\", " + fields + "}}"), "litellm");

    assertThat(reading.prices()).isEmpty();
    assertThat(reading.refused()).extracting(Omission::reason).containsExactly(reason);
  }

  /**
   * Every family of keys that the list is known to have, beside the plain rates of a chat model.
   */
  private static Stream<String> families() {
    List<String> keys = new ArrayList<>();
    for (String rate :
        List.of(
            "input_cost_per_token",
            "output_cost_per_token",
            "cache_read_input_token_cost",
            "cache_creation_input_token_cost",
            "cache_creation_input_token_cost_above_1hr")) {
      for (String above : List.of("", "128k", "200k", "256k", "272k", "512k")) {
        for (String tier : List.of("", "_flex", "_priority", "_batches")) {
          String key = rate + (above.isEmpty() ? "" : "_above_" + above + "_tokens") + tier;
          if (!PLAIN.contains("\"" + key + "\"")) {
            keys.add(key + " = 3e-06");
          }
        }
      }
    }
    keys.add("output_cost_per_reasoning_token = 3e-06");
    for (String side : List.of("input", "output")) {
      for (String unit :
          List.of(
              "audio_token", "image", "image_token", "character", "second", "query", "request")) {
        keys.add(side + "_cost_per_" + unit + " = 3e-06");
      }
    }
    keys.add(
        "search_context_cost_per_query = {\"search_context_size_low\": 0.01,"
            + " \"search_context_size_medium\": 0.01, \"search_context_size_high\": 0.01}");
    keys.add(
        "search_context_cost_per_query = {\"search_context_size_low\": 0.01,"
            + " \"search_context_size_high\": 0.02}");
    keys.add(
        "tiered_pricing = [{\"range\": [0, 32000], \"input_cost_per_token\": 1e-06},"
            + " {\"range\": [32000, 128000], \"input_cost_per_token\": 3e-06}]");
    keys.add("regional_processing_uplift_multiplier_eu = 1.1");
    keys.add("regional_processing_uplift_multiplier_us = 1.1");
    keys.add("provider_specific_entry = {\"us\": 1.1}");
    keys.add("provider_specific_entry = {\"fast\": 6.0}");
    return keys.stream();
  }

  @ParameterizedTest
  @MethodSource("families")
  void aKeyOfEveryKnownFamilyChangesThePriceOrIsListed(String family) {
    String[] parts = family.split(" = ", 2);
    PriceReading without = read("");
    PriceReading with = read(", \"" + parts[0] + "\": " + parts[1]);

    boolean listed =
        Stream.concat(with.leftOut().stream(), with.refused().stream())
            .anyMatch(omission -> omission.key().startsWith(parts[0]));
    boolean taken = !with.prices().isEmpty() && !with.prices().equals(without.prices());
    assertThat(taken || listed).as("taken or listed").isTrue();
    // Only units that the model's tokens tell already, and searches that depend on their size.
    if (!parts[0].matches("(input|output)_cost_per_(image|character|second)")
        && !parts[1].contains("0.02")) {
      assertThat(taken).as("taken").isTrue();
      assertThat(with.refused()).isEmpty();
    }
  }

  @Test
  void whatIsNoModelIsNoPriceAndNotListed() {
    PriceReading reading =
        LiteLlmPrices.read(
            new StringReader(
                "{\"sample_spec\": {\"input_cost_per_token\": 1},"
                    + " \"fallback_generalizations\": {\"a\": {}}}"),
            "litellm");

    assertThat(reading.prices()).isEmpty();
    assertThat(reading.refused()).isEmpty();
    assertThat(reading.leftOut()).isEmpty();
  }

  private static PriceReading read(String more) {
    return LiteLlmPrices.read(
        new StringReader(
            "{\"m\": {\"litellm_provider\": \"p\", \"mode\": \"chat\", " + PLAIN + more + "}}"),
        "litellm");
  }

  @Test
  void threeThousandModelsAreImportedInWellUnderFiveSeconds() {
    StringBuilder list = new StringBuilder("{");
    for (int i = 0; i < 3_000; i++) {
      list.append(i == 0 ? "" : ",")
          .append(
              """
              "p%d/model-%d": {"litellm_provider": "p%d", "mode": "chat",
               "input_cost_per_token": %de-08, "output_cost_per_token": 1e-06,
               "input_cost_per_token_priority": 2e-06, "output_cost_per_token_priority": 4e-06,
               "input_cost_per_token_above_200k_tokens": 3e-06,
               "cache_read_input_token_cost": 1e-08, "supports_vision": true,
               "input_cost_per_token_batches": 1e-09, "max_tokens": 8192}
              """
                  .formatted(i % 50, i, i % 50, i + 1));
    }
    String json = list.append("}").toString();

    PricePlan plan =
        assertTimeout(
            Duration.ofSeconds(4),
            () -> {
              PriceReading reading = LiteLlmPrices.read(new StringReader(json), "litellm");
              return PriceImport.plan(PriceFile.shipped(), reading, null, Instant.EPOCH);
            });

    assertThat(plan.isApplicable()).isTrue();
    assertThat(plan.added()).hasSize(3_000);
  }

  private static String text(RateCard card) {
    return card.getRates().stream().map(LiteLlmPricesTest::text).collect(Collectors.joining(", "));
  }

  private static String text(Rate rate) {
    return Objects.requireNonNull(Section.MODELS.rateKey(rate.getMeter()))
        + " "
        + plain(BigDecimal.valueOf(rate.getAmountPico(), 12));
  }

  private static String plain(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  private static String sampleText() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            LiteLlmPricesTest.class.getResourceAsStream("litellm-sample.json"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static PriceReading sample() {
    return LiteLlmPrices.read(
        new InputStreamReader(
            Objects.requireNonNull(
                LiteLlmPricesTest.class.getResourceAsStream("litellm-sample.json")),
            StandardCharsets.UTF_8),
        "litellm");
  }
}
