package io.outlay.streams.rating;

import io.outlay.money.Money;
import io.outlay.price.LiteLlmPrices;
import io.outlay.price.PriceReading;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.Meter;
import io.outlay.schema.Price;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.streams.TestEvents;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Usage rated through LiteLLM's list costs tokens times the rate in the text of the list, which is
 * read here another way than the import reads it.
 */
class LiteLlmRatingTest {
  private static final Path SAMPLE =
      Path.of("../schemas/src/test/resources/io/outlay/price/litellm-sample.json");
  private static final long TOKENS = 777;
  private static final Pattern TOKEN =
      Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|[{}\\[\\]:,]|[^\\s{}\\[\\]:,\"]+");

  private static final Map<String, Bucket> BUCKETS =
      Map.of(
          "input_cost_per_token", new Bucket(Meter.INPUT_TOKENS, TokenCounts::setInput),
          "output_cost_per_token", new Bucket(Meter.OUTPUT_TOKENS, TokenCounts::setOutput),
          "cache_read_input_token_cost",
              new Bucket(Meter.CACHE_READ_TOKENS, TokenCounts::setCacheRead),
          "cache_creation_input_token_cost",
              new Bucket(Meter.CACHE_WRITE_5M_TOKENS, TokenCounts::setCacheWrite5m),
          "cache_creation_input_token_cost_above_1hr",
              new Bucket(Meter.CACHE_WRITE_1H_TOKENS, TokenCounts::setCacheWrite1h),
          "output_cost_per_reasoning_token",
              new Bucket(Meter.REASONING_TOKENS, TokenCounts::setReasoning),
          "input_cost_per_audio_token",
              new Bucket(Meter.INPUT_AUDIO_TOKENS, TokenCounts::setInputAudio),
          "output_cost_per_audio_token",
              new Bucket(Meter.OUTPUT_AUDIO_TOKENS, TokenCounts::setOutputAudio),
          "input_cost_per_image_token",
              new Bucket(Meter.INPUT_IMAGE_TOKENS, TokenCounts::setInputImage),
          "output_cost_per_image_token",
              new Bucket(Meter.OUTPUT_IMAGE_TOKENS, TokenCounts::setOutputImage));

  private static final Pattern KEY =
      Pattern.compile("(.+?)(?:_above_(\\d+)k_tokens)?(?:_(flex|priority|batches))?");

  private record Bucket(Meter meter, BiConsumer<TokenCounts, Long> set) {}

  @Test
  void givenTheSample_whenRated_thenEveryModelCostsTokensTimesItsRate() throws IOException {
    Compared compared = compare(Files.readString(SAMPLE));

    assertThat(compared.meters).isEqualTo(EnumSet.copyOf(meters()));
    assertThat(compared.models).hasSizeGreaterThanOrEqualTo(45);
    assertThat(compared.rates).isGreaterThan(150);
    assertThat(compared.tiers).containsExactlyInAnyOrder("", "batches", "flex", "priority");
    assertThat(compared.thresholds).contains(0L, 128_000L, 200_000L, 272_000L);
  }

  @Test
  void givenThreeThousandModels_whenRated_thenEveryModelCostsTokensTimesItsRate()
      throws IOException {
    StringBuilder list = new StringBuilder("{\"sample_spec\": {\"input_cost_per_token\": 0}");
    for (int i = 0; i < 3_000; i++) {
      list.append(
          """
          ,
          "p%1$d/model-%2$d": {"litellm_provider": "p%1$d", "mode": "chat",
           "input_cost_per_token": %3$de-08, "output_cost_per_token": %3$d.5e-07,
           "input_cost_per_token_priority": %3$d.25e-06, "output_cost_per_token_flex": %3$de-09,
           "input_cost_per_token_batches": %3$de-09, "input_cost_per_token_above_200k_tokens": %3$d.125e-07,
           "output_cost_per_token_above_200k_tokens": 7.%3$de-06,
           "cache_read_input_token_cost": 1.%3$de-08, "cache_creation_input_token_cost": 2.%3$de-08,
           "cache_creation_input_token_cost_above_1hr": 3.%3$de-08,
           "output_cost_per_reasoning_token": 4.%3$de-07, "input_cost_per_audio_token": 5.%3$de-06,
           "output_cost_per_audio_token": 6.%3$de-06, "input_cost_per_image_token": 8.%3$de-06,
           "output_cost_per_image_token": 9.%3$de-06}
          """
              .formatted(i % 50, i, i + 1));
    }

    Compared compared = compare(list.append("}").toString());

    assertThat(compared.models).hasSize(3_000);
    assertThat(compared.rates).isEqualTo(3_000 * 15);
  }

  /** What was compared, so that a test that compares nothing does not pass. */
  private static final class Compared {
    private final Set<String> models = new TreeSet<>();
    private final Set<Meter> meters = EnumSet.noneOf(Meter.class);
    private final Set<String> tiers = new TreeSet<>();
    private final Set<Long> thresholds = new TreeSet<>();
    private int rates;
  }

  private static List<Meter> meters() {
    return BUCKETS.values().stream().map(Bucket::meter).toList();
  }

  private static Compared compare(String text) throws IOException {
    PriceReading reading = LiteLlmPrices.read(new StringReader(text), "litellm");
    Set<String> listed = new HashSet<>();
    reading.leftOut().forEach(omission -> listed.add(omission.entry() + " " + omission.key()));
    Rater rater = new Rater(new PriceBook(reading.prices()));
    Map<String, Map<String, BigDecimal>> list = numbers(text);
    Compared compared = new Compared();
    List<String> wrong = new ArrayList<>();
    for (Price price : reading.prices()) {
      for (String entry : keys(price)) {
        Map<String, BigDecimal> fields = list.getOrDefault(entry, Map.of());
        fields.forEach(
            (key, rate) -> {
              Matcher parts = KEY.matcher(key);
              Bucket bucket = parts.matches() ? BUCKETS.get(parts.group(1)) : null;
              if (bucket != null && !listed.contains(entry + " " + key)) {
                long above = parts.group(2) == null ? 0 : Long.parseLong(parts.group(2)) * 1_000;
                String tier = parts.group(3) == null ? "" : parts.group(3);
                compared.models.add(entry);
                compared.meters.add(bucket.meter);
                compared.tiers.add(tier);
                compared.thresholds.add(above);
                compared.rates++;
                String fault = compare(rater, price, bucket, above, tier, rate);
                if (!fault.isEmpty()) {
                  wrong.add(entry + ": " + key + ": " + fault);
                }
              }
            });
      }
    }
    assertThat(wrong).isEmpty();
    return compared;
  }

  /** The numbers of each entry that stand right in it, as their text says them. */
  private static Map<String, Map<String, BigDecimal>> numbers(String json) {
    Map<String, Map<String, BigDecimal>> entries = new TreeMap<>();
    String[] keys = new String[3];
    String last = "";
    int depth = 0;
    boolean value = false;
    Matcher token = TOKEN.matcher(json);
    while (token.find()) {
      String text = token.group();
      switch (text) {
        case "{", "[" -> depth++;
        case "}", "]" -> depth--;
        case ":" -> {
          if (depth < keys.length) {
            keys[depth] = last;
          }
        }
        default -> {
          if (token.group(1) != null) {
            last = token.group(1);
          } else if (value && depth == 2 && text.matches("[-0-9].*")) {
            entries
                .computeIfAbsent(keys[1], key -> new TreeMap<>())
                .put(keys[2], new BigDecimal(text));
          }
        }
      }
      value = text.equals(":");
    }
    return entries;
  }

  private static List<String> keys(Price price) {
    return price.getAliases().isEmpty() ? List.of(price.getName()) : price.getAliases();
  }

  /** Empty if the line of the bucket is as it should be. */
  private static String compare(
      Rater rater, Price price, Bucket bucket, long above, String tier, BigDecimal rate) {
    long tokens = bucket.meter == Meter.INPUT_TOKENS ? Math.max(TOKENS, above + 1) : TOKENS;
    TokenCounts counts = new TokenCounts(0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
    if (above > 0) {
      counts.setInput(above + 1);
    }
    bucket.set.accept(counts, tokens);
    LlmUsage call = TestEvents.llm(price.getProvider(), price.getName(), counts);
    call.setServiceTier(tier.equals("batches") ? "" : tier);
    call.setBatch(tier.equals("batches"));
    UsageEvent event = TestEvents.event("1", call);
    event.setRegion(price.getRegion());

    Explanation explained = rater.explain(event);

    if (explained.status() == PricingStatus.UNPRICED) {
      return explained.reason();
    }
    long expected =
        Money.ofUsd(
            rate.multiply(BigDecimal.valueOf(tokens))
                .setScale(Money.SCALE, RoundingMode.HALF_EVEN));
    long actual =
        explained.bills().stream()
            .filter(bill -> bill.purpose().equals("cost"))
            .flatMap(bill -> bill.lines().stream())
            .filter(line -> line.quantity().longValueExact() == tokens)
            .filter(line -> line.meter() == bucket.meter)
            .mapToLong(Explanation.Line::amountPico)
            .findFirst()
            .orElse(-1);
    return actual == expected ? "" : "expected " + expected + " pico-USD, was " + actual;
  }
}
