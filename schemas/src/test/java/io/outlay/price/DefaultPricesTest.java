package io.outlay.price;

import io.outlay.schema.Meter;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import io.outlay.usage.UsageRules;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class DefaultPricesTest {
  private static final Pattern MODEL =
      Pattern.compile(
          "\\s+- \\{provider: (\\S+), model: (\\S+|\"\\S+\"),(?: from: (\\S+),)?"
              + " rates: \\{([^}]*)}.*");
  private static final List<Price> PRICES = PriceFile.shipped();
  private static final Map<String, Price> BY_ID =
      PRICES.stream().collect(Collectors.toMap(Price::getId, Function.identity()));

  @Test
  void theBookHoldsEveryKindAndMoreThanAHundredModels() {
    assertThat(PRICES)
        .extracting(Price::getKind)
        .contains(
            PriceKind.MODEL,
            PriceKind.GPU,
            PriceKind.COMPUTE,
            PriceKind.STORAGE,
            PriceKind.STORAGE_MOVE,
            PriceKind.NETWORK);
    assertThat(
            PRICES.stream()
                .filter(price -> price.getKind() == PriceKind.MODEL)
                .map(price -> price.getProvider() + "/" + price.getName())
                .distinct())
        .hasSizeGreaterThan(100);
  }

  @Test
  void everyPriceSaysWhereItComesFrom() {
    assertThat(PRICES)
        .allSatisfy(
            price -> {
              assertThat(price.getOrigin()).isEqualTo("default");
              assertThat(price.getAsOf()).matches("20\\d\\d-\\d\\d-\\d\\d");
              assertThat(price.getCurrency()).isEqualTo("USD");
              assertThat(price.getVersion()).isEqualTo(1);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "openai/gpt-4o, INPUT_TOKENS, 2500000000000",
    "openai/gpt-4o, CACHE_READ_TOKENS, 1250000000000",
    "openai/gpt-4o, OUTPUT_TOKENS, 10000000000000",
    "openai/gpt-5-nano, CACHE_READ_TOKENS, 5000000000",
    "google/gemini-1.5-flash, CACHE_READ_TOKENS, 18750000000",
    "anthropic/claude-opus-4-1, CACHE_WRITE_5M_TOKENS, 18750000000000",
    "anthropic/claude-haiku-4-5, WEB_SEARCHES, 10000000000000",
    "gpu:aws/A100-80GB/on_demand, GPU_HOURS, 3200000000000",
    "gpu:any/A100-80GB/on_demand, GPU_HOURS, 3500000000000",
    "compute:aws/m7i.xlarge/on_demand, INSTANCE_HOURS, 201600000000",
    "compute:any/any/on_demand, CPU_HOURS, 40000000000",
    "compute:any/any/on_demand, MEMORY_GB_HOURS, 4500000000",
    "storage:any/archive, STORAGE_GB_MONTHS, 990000000",
    "storage_move:any/hot>cold, MOVED_GB, 0",
    "network:gcp/egress, TRANSFERRED_GB, 120000000000",
  })
  void ratesAreExactPicoUsd(String id, Meter meter, long pico) {
    assertThat(BY_ID).containsKey(id);
    assertThat(rates(BY_ID.get(id).getCards().get(0))).containsEntry(meter, pico);
  }

  /** Against the text of the file, read another way. */
  @Test
  void noRateOfAModelIsOffByAnything() throws IOException {
    Set<String> compared = new HashSet<>();
    for (String line : shippedText().lines().toList()) {
      Matcher entry = MODEL.matcher(line);
      if (entry.matches()) {
        String id = entry.group(1) + "/" + entry.group(2).replace("\"", "");
        id += entry.group(3) == null ? "" : "@" + entry.group(3);
        assertThat(BY_ID).containsKey(id);
        assertThat(rates(BY_ID.get(id).getCards().get(0)).values())
            .as(id)
            .containsExactlyInAnyOrderElementsOf(amounts(entry.group(4)));
        compared.add(id);
      }
    }

    assertThat(compared)
        .containsExactlyInAnyOrderElementsOf(
            PRICES.stream()
                .filter(price -> price.getKind() == PriceKind.MODEL)
                .map(Price::getId)
                .toList());
  }

  @Test
  void aLaterPriceEndsTheFormerOne() {
    long change = Instant.parse("2025-06-10T00:00:00Z").getEpochSecond() * 1_000_000;
    Price former = BY_ID.get("openai/o3");
    Price later = BY_ID.get("openai/o3@2025-06-10");

    assertThat(former.getValidFromMicros()).isNull();
    assertThat(former.getValidToMicros()).isEqualTo(change);
    assertThat(rates(former.getCards().get(0)))
        .containsEntry(Meter.INPUT_TOKENS, 10_000000_000000L);
    assertThat(later.getValidFromMicros()).isEqualTo(change);
    assertThat(later.getValidToMicros()).isNull();
    assertThat(rates(later.getCards().get(0))).containsEntry(Meter.INPUT_TOKENS, 2_000000_000000L);
  }

  @Test
  void longPromptsHaveACardOfTheirOwn() {
    List<RateCard> cards = BY_ID.get("google/gemini-2.5-pro").getCards();

    assertThat(cards).extracting(RateCard::getAboveInputTokens).containsExactly(0L, 200_000L);
    assertThat(rates(cards.get(0))).containsEntry(Meter.INPUT_TOKENS, 1_250000_000000L);
    assertThat(rates(cards.get(1))).containsEntry(Meter.INPUT_TOKENS, 2_500000_000000L);
  }

  @Test
  void pricesOfASubjectFollowEachOtherWithoutOverlap() {
    Map<PriceSubject, List<Price>> subjects =
        PRICES.stream().collect(Collectors.groupingBy(PriceSubject::of));

    assertThat(subjects.values())
        .allSatisfy(
            prices -> {
              List<Price> sorted =
                  prices.stream()
                      .sorted(
                          Comparator.comparingLong(
                              price ->
                                  Objects.requireNonNullElse(
                                      price.getValidFromMicros(), Long.MIN_VALUE)))
                      .toList();
              for (int i = 0; i + 1 < sorted.size(); i++) {
                assertThat(sorted.get(i).getValidToMicros())
                    .isLessThanOrEqualTo(sorted.get(i + 1).getValidFromMicros());
              }
            });
  }

  @Test
  void everySubjectIsOneThatUsageCanName() {
    assertThat(PRICES)
        .allSatisfy(
            price -> {
              switch (price.getKind()) {
                case STORAGE -> assertThat(price.getName()).isIn(UsageRules.STORAGE_TIERS);
                case STORAGE_MOVE ->
                    assertThat(price.getName().split(">", 2)).isSubsetOf(UsageRules.STORAGE_TIERS);
                case NETWORK -> assertThat(price.getName()).isIn(UsageRules.NETWORK_PATHS);
                case GPU, COMPUTE ->
                    assertThat(price.getPurchaseOption()).isIn(UsageRules.PURCHASE_OPTIONS);
                case MODEL -> assertThat(price.getName()).hasSizeBetween(1, 128);
                case EXCHANGE_RATE, DISCOUNT ->
                    throw new AssertionError("not in the shipped book: " + price.getId());
              }
            });
  }

  private static Map<Meter, Long> rates(RateCard card) {
    return card.getRates().stream().collect(Collectors.toMap(Rate::getMeter, Rate::getAmountPico));
  }

  private static List<Long> amounts(String rates) {
    return Pattern.compile("\\w+: ([0-9.]+)")
        .matcher(rates)
        .results()
        .map(rate -> new BigDecimal(rate.group(1)).movePointRight(12).longValueExact())
        .toList();
  }

  private static String shippedText() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(PriceFile.class.getResourceAsStream("default-prices.yaml"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
