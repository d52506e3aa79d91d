package io.outlay.streams.rating;

import io.outlay.money.Money;
import io.outlay.price.PriceFile;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.QualityScore;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.streams.TestEvents;
import java.io.StringReader;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Expected amounts are worked out by hand from the rates in {@link #PRICES}. */
class RaterTest {
  private static final String PRICES =
      """
      format: outlay-prices/1
      models:
        - {provider: anthropic, model: claude, rates: {input: 3, cacheRead: 0.3, cacheWrite5m: 3.75, cacheWrite1h: 6, output: 15, webSearches: 10}}
        - {provider: openai, model: gpt, rates: {input: 2.5, cacheRead: 0.25, output: 15, inputAudio: 32}, above: [{inputTokens: 272000, rates: {input: 5, cacheRead: 0.5, output: 22.5}}]}
        - {provider: openai, model: mini, rates: {input: 0.15, output: 0.6}}
        - {provider: bedrock, model: half-known, rates: {input: 3, cacheWrite5m: 3.75, output: 15}}
        - {provider: cohere, model: rerank, rates: {requests: 2}}
        - {provider: lab, model: gift, rates: {input: 0, output: 0}}
        - {provider: lab, model: dust, rates: {input: 0.0000005}}
      gpus:
        - {gpuModel: A100, cloud: aws, purchaseOption: on_demand, rates: {hour: 3.20}}
        - {gpuModel: A100, cloud: aws, purchaseOption: spot, rates: {hour: 0.96}}
        - {gpuModel: H100, purchaseOption: spot, rates: {hour: 2}}
      compute:
        - {instanceType: m7i.xlarge, cloud: aws, purchaseOption: on_demand, rates: {hour: 0.2016}}
        - {purchaseOption: on_demand, rates: {cpuHour: 0.04, memoryGbHour: 0.005}}
      storage:
        - {tier: hot, rates: {gbMonth: 0.023}}
      moves:
        - {fromTier: cold, toTier: hot, rates: {gb: 0.02}}
      network:
        - {cloud: aws, path: egress, rates: {gb: 0.09}}
      """;

  private final Rater rater =
      new Rater(new PriceBook(PriceFile.read(new StringReader(PRICES), "test")));

  @Test
  void aCallCostsTheSumOfItsDisjointBuckets() {
    // 3 × 3 + 12,304 × 3.75 + 550 × 15 micro-USD
    Rating rating = rate(llm("anthropic", "claude", tokens(3, 0, 12_304, 0, 550)));

    assertThat(usd(rating.costPico())).isEqualByComparingTo("0.054399");
    assertThat(rating.status()).isEqualTo(PricingStatus.PRICED);
    assertThat(rating.priceId()).isEqualTo("anthropic/claude");
    assertThat(rating.priceVersion()).isEqualTo(1);
    assertThat(rating.listCostPico()).isEqualTo(rating.costPico());
    assertThat(rating.revision()).isEqualTo(1);
  }

  @Test
  void hourLongCacheWritesHaveTheirOwnRate() {
    Rating rating = rate(llm("anthropic", "claude", tokens(0, 1_000, 0, 2_000, 0)));

    // 1,000 × 0.3 + 2,000 × 6
    assertThat(usd(rating.costPico())).isEqualByComparingTo("0.0123");
  }

  @ParameterizedTest
  @CsvSource({
    // input + cacheRead, output: below, at and above the threshold; above, every token is dearer
    "271999, 0,      10, 0.6801475",
    "272000, 0,      10, 0.68015",
    "272001, 0,      10, 1.36023",
    "172001, 100000, 10, 0.91023",
    "172000, 100000, 10, 0.45515",
  })
  void aThresholdIsACliffThatAllInputBucketsCountTowards(
      long input, long cacheRead, long output, BigDecimal expected) {
    Rating rating = rate(llm("openai", "gpt", tokens(input, cacheRead, 0, 0, output)));

    assertThat(usd(rating.costPico())).isEqualByComparingTo(expected);
  }

  @Test
  void missingRatesFallBackAsProvidersBillThem() {
    TokenCounts tokens = tokens(0, 1_000, 1_000, 1_000, 0);
    tokens.setReasoning(1_000L);
    tokens.setOutputAudio(1_000L);
    tokens.setInputImage(1_000L);
    tokens.setOutputImage(1_000L);
    tokens.setInputAudio(1_000L);

    Rating rating = rate(llm("openai", "mini", tokens));

    // five input-like buckets at 0.15 and three output-like at 0.6, a thousand tokens each
    assertThat(usd(rating.costPico())).isEqualByComparingTo("0.00255");
  }

  @Test
  void audioTakesItsOwnRateWhereThereIsOne() {
    TokenCounts tokens = tokens(0, 0, 0, 0, 0);
    tokens.setInputAudio(1_000L);

    assertThat(usd(rate(llm("openai", "gpt", tokens)).costPico())).isEqualByComparingTo("0.032");
  }

  @Test
  void anHourLongWriteIsUnknownWhereOnlyTheShortOneIsPriced() {
    Rating rating = rate(llm("bedrock", "half-known", tokens(10, 0, 0, 10, 10)));

    assertUnpriced(rating, "CACHE_WRITE_1H_TOKENS");
  }

  @Test
  void anUnknownModelIsUnpricedNotFree() {
    assertUnpriced(rate(llm("openai", "unheard-of", tokens(1, 0, 0, 0, 1))), "openai/unheard-of");
  }

  @Test
  void aTierWithoutRatesIsUnpricedNotStandard() {
    LlmUsage flex = llm("openai", "mini", tokens(1, 0, 0, 0, 1));
    flex.setServiceTier("flex");
    LlmUsage batch = llm("openai", "mini", tokens(1, 0, 0, 0, 1));
    batch.setBatch(true);
    LlmUsage standard = llm("openai", "mini", tokens(1_000_000, 0, 0, 0, 0));
    standard.setServiceTier("standard");

    assertUnpriced(rate(flex), "flex");
    assertUnpriced(rate(batch), "batch");
    assertThat(usd(rate(standard).costPico())).isEqualByComparingTo("0.15");
  }

  @Test
  void requestsAndSearchesAreCharged() {
    LlmUsage rerank = llm("cohere", "rerank", tokens(0, 0, 0, 0, 0));
    rerank.setRequests(3L);
    LlmUsage search = llm("anthropic", "claude", tokens(0, 0, 0, 0, 0));
    search.setWebSearches(2L);
    LlmUsage unknownSearch = llm("openai", "mini", tokens(1, 0, 0, 0, 0));
    unknownSearch.setWebSearches(1L);

    assertThat(usd(rate(rerank).costPico())).isEqualByComparingTo("0.006");
    assertThat(usd(rate(search).costPico())).isEqualByComparingTo("0.02");
    assertUnpriced(rate(unknownSearch), "WEB_SEARCHES");
  }

  @Test
  void zeroRatesAreFreeAndZeroTokensArePriced() {
    assertThat(rate(llm("lab", "gift", tokens(5, 0, 0, 0, 5))).status())
        .isEqualTo(PricingStatus.FREE);
    Rating nothing = rate(llm("openai", "mini", tokens(0, 0, 0, 0, 0)));
    assertThat(nothing.status()).isEqualTo(PricingStatus.PRICED);
    assertThat(nothing.costPico()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 1", "3, 2", "5, 2", "6, 3", "7, 4"})
  void halfAPicoIsRoundedToEven(long tokens, long expectedPico) {
    // half a pico-USD a token
    assertThat(rate(llm("lab", "dust", tokens(tokens, 0, 0, 0, 0))).costPico())
        .isEqualTo(expectedPico);
  }

  @Test
  void aRoutedCallAvoidsTheDifferenceToItsBaseline() {
    LlmUsage routed = llm("openai", "mini", tokens(1_000_000, 0, 0, 0, 0));
    routed.setBaselineModel("gpt");
    LlmUsage dearer = llm("openai", "gpt", tokens(1_000, 0, 0, 0, 0));
    dearer.setBaselineModel("mini");
    LlmUsage unknown = llm("openai", "mini", tokens(1, 0, 0, 0, 0));
    unknown.setBaselineModel("unheard-of");

    // a million input tokens pass gpt's threshold: 5 − 0.15
    assertThat(usd(rate(routed).avoidedCostPico())).isEqualByComparingTo("4.85");
    assertThat(usd(rate(dearer).avoidedCostPico())).isEqualByComparingTo("-0.00235");
    assertThat(rate(unknown).avoidedCostPico()).isNull();
    assertThat(rate(unknown).status()).isEqualTo(PricingStatus.PRICED);
  }

  @Test
  void acceleratorsAreChargedByTheMicrosecondAndListedOnDemand() {
    // 90 s at 0.96 an hour; 3.20 on demand
    Rating rating = rate(gpu("A100", 90_000_000L, "spot", "aws"));

    assertThat(usd(rating.costPico())).isEqualByComparingTo("0.024");
    assertThat(usd(rating.listCostPico())).isEqualByComparingTo("0.08");
    // one microsecond: 3.2e12 / 3.6e9 pico-USD, rounded
    assertThat(rate(gpu("A100", 1L, "on_demand", "aws")).costPico()).isEqualTo(889);
  }

  @Test
  void anAcceleratorWithoutAListPriceKeepsItsOwn() {
    Rating rating = rate(gpu("H100", 3_600_000_000L, "spot", ""));

    assertThat(usd(rating.costPico())).isEqualByComparingTo("2");
    assertThat(rating.listCostPico()).isEqualTo(rating.costPico());
    assertUnpriced(rate(gpu("A100", 1L, "reserved", "aws")), "reserved A100 at aws");
    assertUnpriced(rate(gpu("A100", 1L, "spot", "gcp")), "spot A100 at gcp");
  }

  @Test
  void instancesAndSharesOfThemAddUp() {
    ComputeUsage instance = compute("m7i.xlarge", 3_600_000_000L, 0, 0, "aws");
    ComputeUsage share = compute("", 0, 7_200_000_000L, 3_600_000_000L, "");

    assertThat(usd(rate(instance).costPico())).isEqualByComparingTo("0.2016");
    // two processor hours at 0.04 and one gigabyte hour at 0.005
    assertThat(usd(rate(share).costPico())).isEqualByComparingTo("0.085");
    assertUnpriced(rate(compute("x9", 1, 0, 0, "aws")), "x9 at aws");
  }

  @Test
  void aHitAvoidsWhatTheCallWouldHaveCost() {
    CacheLookup hit =
        new CacheLookup("semantic", true, "openai", "mini", tokens(1_000_000, 0, 0, 0, 0));
    CacheLookup miss = new CacheLookup("semantic", false, "", "", null);
    CacheLookup unknown =
        new CacheLookup("exact", true, "openai", "unheard-of", tokens(1, 0, 0, 0, 0));

    assertThat(rate(hit).costPico()).isZero();
    assertThat(usd(rate(hit).avoidedCostPico())).isEqualByComparingTo("0.15");
    assertThat(rate(hit).status()).isEqualTo(PricingStatus.FREE);
    assertThat(rate(miss).status()).isEqualTo(PricingStatus.FREE);
    assertThat(rate(miss).avoidedCostPico()).isZero();
    assertUnpriced(rate(unknown), "openai/unheard-of");
    assertThat(rate(unknown).avoidedCostPico()).isNull();
  }

  @Test
  void bytesAreChargedByTheGigabyteAndMonth() {
    // a terabyte for 28 days of a 30-day month: 1,000 × 0.023 × 28 / 30
    Rating month =
        rate(new StorageUsage("s3", "docs", "hot", 1_000_000_000_000L, 28L * 86_400_000_000L));
    // the largest quantities need more than 64 bits
    Rating vast =
        rate(new StorageUsage("s3", "docs", "hot", 1_000_000_000_000_000L, 2_592_000_000_000L));

    assertThat(usd(month.costPico())).isEqualByComparingTo("21.466666666667");
    assertThat(usd(vast.costPico())).isEqualByComparingTo("23000");
    assertUnpriced(rate(new StorageUsage("s3", "docs", "cold", 1L, 1L)), "cold");
    assertThat(usd(rate(new StorageMove("s3", "docs", 5_000_000_000L, "cold", "hot")).costPico()))
        .isEqualByComparingTo("0.1");
    assertUnpriced(rate(new StorageMove("s3", "docs", 1L, "hot", "cold")), "hot>cold");
    assertThat(usd(rate(new NetworkTransfer(10_000_000_000L, "egress", "aws")).costPico()))
        .isEqualByComparingTo("0.9");
    assertUnpriced(rate(new NetworkTransfer(1L, "cdn", "aws")), "cdn at aws");
  }

  @Test
  void directAmountsAreTakenAsTheyAre() {
    Rating credit = rate(new DirectCost(-1_500_000_000_000L, "USD", "support", ""));

    assertThat(usd(credit.costPico())).isEqualByComparingTo("-1.5");
    assertThat(credit.status()).isEqualTo(PricingStatus.PRICED);
    assertUnpriced(rate(new DirectCost(1L, "EUR", "people", "")), "EUR");
  }

  @Test
  void aScoreIsFree() {
    assertThat(rate(new QualityScore("faithfulness", 900_000, "mini")).status())
        .isEqualTo(PricingStatus.FREE);
  }

  @Test
  void aCostBeyondTheMoneyTypeIsRefusedNotWrapped() {
    LlmUsage vast = llm("anthropic", "claude", tokens(0, 0, 0, 0, 1_000_000_000_000L));

    assertThatThrownBy(() -> rate(vast))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("15000000");
  }

  private Rating rate(Object detail) {
    UsageEvent event = TestEvents.event("1", detail);
    return rater.rate(event, 42);
  }

  private static void assertUnpriced(Rating rating, String why) {
    assertThat(rating.status()).isEqualTo(PricingStatus.UNPRICED);
    assertThat(rating.reason()).contains(why);
    assertThat(rating.costPico()).isZero();
    assertThat(rating.priceId()).isEmpty();
  }

  private static BigDecimal usd(long pico) {
    return Money.toUsd(pico);
  }

  private static LlmUsage llm(String provider, String model, TokenCounts tokens) {
    return TestEvents.llm(provider, model, tokens);
  }

  private static TokenCounts tokens(
      long input, long read, long write5m, long write1h, long output) {
    return new TokenCounts(input, read, write5m, write1h, output, 0L, 0L, 0L, 0L, 0L);
  }

  private static GpuUsage gpu(String model, long micros, String option, String cloud) {
    return new GpuUsage(model, micros, null, option, cloud, "", "");
  }

  private static ComputeUsage compute(
      String type, long instance, long cpu, long memory, String cloud) {
    return new ComputeUsage(type, instance, cpu, memory, "on_demand", cloud);
  }
}
