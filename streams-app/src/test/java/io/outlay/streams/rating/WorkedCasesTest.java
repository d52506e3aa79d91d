package io.outlay.streams.rating;

import io.outlay.money.Money;
import io.outlay.price.PriceFile;
import io.outlay.schema.CacheLookup;
import io.outlay.schema.ComputeUsage;
import io.outlay.schema.DirectCost;
import io.outlay.schema.GpuUsage;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.MediaCounts;
import io.outlay.schema.NetworkTransfer;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.QualityScore;
import io.outlay.schema.StorageMove;
import io.outlay.schema.StorageUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.streams.TestEvents;
import io.outlay.usage.UsageRules;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static io.outlay.streams.rating.Prices.currency;
import static io.outlay.streams.rating.Prices.discount;
import static io.outlay.streams.rating.Prices.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * The cases of {@code worked-cases.csv}, whose amounts were worked out from published prices by
 * other means than the code under test. Rated with the shipped book and the prices below.
 */
class WorkedCasesTest {
  private static final PriceBook BOOK = book();
  private static final Rater RATER = new Rater(BOOK);

  private static List<Price> prices() {
    return Stream.of(
            model("openai", "gpt-5", "input 1.25", "cacheRead 0.125", "output 10")
                .card(0, "flex", 0, 1_440, "input 0.625", "cacheRead 0.0625", "output 5")
                .card(0, "batch", 0, 1_440, "input 0.625", "cacheRead 0.0625", "output 5")
                .card(0, "priority", 0, 1_440, "input 2.5", "cacheRead 0.25", "output 20"),
            model("deepseek", "deepseek-chat", "input 0.27", "cacheRead 0.07", "output 1.1")
                .card(0, "", 990, 30, "input 0.135", "cacheRead 0.035", "output 0.55"),
            model("openai", "gpt-4.1", "input 2", "cacheRead 0.5", "output 8")
                .region("eu*", 1_100_000)
                .region("europe-*", 1_150_000)
                .region("eu-west-3", 1_200_000),
            model("azure", "gpt-4.1", "input 2.2", "cacheRead 0.55", "output 8.8"),
            model("lab", "long", "input 2.5", "cacheRead 0.25", "output 15")
                .card(272_000, "", 0, 1_440, "input 5", "cacheRead 0.5", "output 22.5")
                .card(0, "priority", 0, 1_440, "input 5", "cacheRead 0.5", "output 30")
                .card(272_000, "priority", 0, 1_440, "input 10", "cacheRead 1", "output 45"),
            model("openai", "dall-e-3", "images 0.04"),
            model("openai", "tts-1", "characters 15"),
            model("openai", "whisper-1", "mediaHours 0.36"),
            model("openai", "sora-2", "mediaHours 360"),
            model("mistral", "mistral-ocr-latest", "pages 1"),
            model("openai", "ft:gpt-4o", "input 3.75", "cacheRead 1.875", "output 15").prefix(),
            model("openai", "ft:gpt-4o-mini", "input 0.3", "cacheRead 0.15", "output 1.2").prefix(),
            model("openai", "text-embedding-3-small", "input 0.02").alias("embed-small"),
            model("lab", "gift", "input 0", "output 0"),
            model("lab", "dust", "input 0.000001"),
            model("openai", "gpt-4o", "input 2", "cacheRead 1", "output 8").customer("acme"),
            model("openai", "gpt-4o", "input 2.25", "cacheRead 1.125", "output 9").team("search"),
            model("openai", "gpt-4o", "input 1.75", "cacheRead 0.875", "output 7")
                .team("search")
                .customer("acme")
                .from("2026-06-01T00:00:00Z")
                .to("2026-12-01T00:00:00Z")
                .id("openai/gpt-4o#search+acme"),
            model("mistral", "mistral-eu", "input 1.8", "output 5.4").currency("EUR"),
            model("sakura", "haiku", "input 100").currency("JPY"),
            currency("EUR", "1.08").from("2025-01-01T00:00:00Z").to("2026-07-01T00:00:00Z"),
            currency("EUR", "1.0853").from("2026-07-01T00:00:00Z"),
            discount("openai", "", "15").prefix().team("shop"),
            discount("openai", "o4-mini", "20").team("shop"),
            discount("", "", "10").prefix().customer("bulk"),
            discount("aws", "", "25").prefix().team("gpuers"),
            discount("lab", "dust", "50").team("half"),
            Prices.of(PriceKind.GPU, "aws", "H100", "hour 7.57")
                .option("on_demand")
                .in("eu-west-1"))
        .map(Prices::price)
        .toList();
  }

  private static PriceBook book() {
    List<Price> own = prices();
    List<Price> prices = new ArrayList<>(own);
    for (Price price : PriceFile.shipped()) {
      if (own.stream().noneMatch(replaced -> replaced.getId().equals(price.getId()))) {
        prices.add(
            switch (price.getId()) {
              case "anthropic/claude-opus-4-7" ->
                  Prices.with(price, "batch", 500_000, "us", 1_100_000);
              case "anthropic/claude-sonnet-4-5" -> Prices.with(price, "batch", 500_000, "", 0);
              default -> price;
            });
      }
    }
    return new PriceBook(prices);
  }

  /** A line of the file. */
  private record Case(
      String name,
      String usage,
      String time,
      String region,
      String team,
      String customer,
      PricingStatus status,
      BigDecimal cost,
      BigDecimal list,
      BigDecimal avoided,
      BigDecimal promptCacheSaved,
      BigDecimal tierSaved,
      String price,
      String reason,
      String source) {
    static Case of(String line) {
      String[] f = line.split("\\|", -1);
      assertThat(f).as(line).hasSize(15);
      return new Case(
          f[0],
          f[1],
          f[2],
          f[3],
          f[4],
          f[5],
          PricingStatus.valueOf(f[6]),
          amount(f[7]),
          amount(f[8]),
          amount(f[9]),
          amount(f[10]),
          amount(f[11]),
          f[12],
          f[13],
          f[14]);
    }

    private static BigDecimal amount(String text) {
      return text.equals("null") ? null : new BigDecimal(text).setScale(Money.SCALE);
    }

    UsageEvent event() {
      UsageEvent event = TestEvents.event("1", detail(usage));
      event.setEventTimeMicros(Prices.micros(time));
      event.setRegion(region);
      event.setTeam(team);
      event.setCustomer(customer);
      return event;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static List<Case> cases() {
    try (InputStream in =
        Objects.requireNonNull(WorkedCasesTest.class.getResourceAsStream("/worked-cases.csv"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(Case::of)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void amountsAreExact(Case worked) {
    UsageEvent event = worked.event();
    assertThat(UsageRules.check(event)).isNull();

    Rating rating = RATER.rate(event, 42);

    assertThat(rating.status()).as(rating.reason()).isEqualTo(worked.status());
    assertThat(Money.toUsd(rating.costPico())).as("cost").isEqualTo(worked.cost());
    assertThat(Money.toUsd(rating.listCostPico())).as("list cost").isEqualTo(worked.list());
    assertThat(usd(rating.avoidedCostPico())).as("avoided").isEqualTo(worked.avoided());
    assertThat(usd(rating.promptCacheSavedPico()))
        .as("prompt cache")
        .isEqualTo(worked.promptCacheSaved());
    assertThat(usd(rating.tierSavedPico())).as("tier").isEqualTo(worked.tierSaved());
    assertThat(rating.priceId()).isEqualTo(worked.price());
    assertThat(rating.reason()).contains(worked.reason());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void anExplanationTellsTheSameAmounts(Case worked) {
    UsageEvent event = worked.event();

    Explanation explained = RATER.explain(event);

    Rating rating = RATER.rate(event, 42);
    assertThat(explained.status()).isEqualTo(rating.status());
    assertThat(explained.reason()).isEqualTo(rating.reason());
    assertThat(explained.price() == null ? "" : explained.price().getId())
        .isEqualTo(rating.priceId());
    assertThat(explained.costPico()).isEqualTo(rating.costPico());
    assertThat(explained.listCostPico()).isEqualTo(rating.listCostPico());
    assertThat(explained.avoidedCostPico()).isEqualTo(rating.avoidedCostPico());
    assertThat(explained.promptCacheSavedPico()).isEqualTo(rating.promptCacheSavedPico());
    assertThat(explained.tierSavedPico()).isEqualTo(rating.tierSavedPico());
    assertThat(explained.bills())
        .allSatisfy(
            bill ->
                assertThat(bill.lines().stream().mapToLong(Explanation.Line::amountPico).sum())
                    .isEqualTo(bill.sumPico()));
    boolean direct = event.getDetail() instanceof DirectCost;
    if (rating.status() == PricingStatus.PRICED && !direct) {
      assertThat(
              explained.bills().stream()
                  .filter(bill -> bill.purpose().equals("cost"))
                  .mapToLong(Explanation.Bill::sumPico)
                  .sum())
          .isEqualTo(rating.costPico());
      assertThat(explained.steps()).anyMatch(step -> step.chosen());
    }
  }

  @Test
  void thereAreEnoughCasesEachWithItsSource() {
    List<Case> cases = cases();

    assertThat(cases).hasSizeGreaterThanOrEqualTo(150);
    assertThat(cases).extracting(Case::name).doesNotHaveDuplicates().noneMatch(String::isBlank);
    assertThat(cases).extracting(Case::source).noneMatch(String::isBlank);
    assertThat(cases)
        .extracting(Case::name, c -> c.cost().stripTrailingZeros().toPlainString())
        .contains(tuple("the worked bill", "0.054399"));
  }

  /** What the table must have, and how many cases of it at least. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "openai.chat ; name=openai.chat.* ; 15",
        "openai.responses ; name=openai.responses.* ; 4",
        "openai.embeddings ; name=openai.embeddings.* ; 2",
        "anthropic.messages ; name=anthropic.messages.* ; 10",
        "gemini.generate-content ; name=gemini.generate-content.* ; 4",
        "bedrock.converse ; name=bedrock.converse.* ; 5",
        "a token below a threshold ; name=.*threshold.*0-1 ; 8",
        "at a threshold ; name=.*threshold.*0\\+0 ; 8",
        "a token above a threshold ; name=.*threshold.*0\\+1 ; 8",
        "flex ; usage=.* tier=flex ; 3",
        "priority ; usage=.* tier=priority.* ; 6",
        "batch ; usage=.* batch=true.* ; 6",
        "cache writes of an hour ; usage=.* cacheWrite1h=[1-9].* ; 9",
        "audio in ; usage=.* inputAudio=[1-9].* ; 7",
        "audio out ; usage=.* outputAudio=[1-9].* ; 5",
        "the last second before a price ; time=.*:59Z ; 8",
        "the first second of a price ; time=20(25-06-10|26-03-13|26-06-01|26-07-01|26-07-30|26-09-01|26-12-01|27-01-01)T00:00:00Z ; 8",
        "time of day ; name=.*off-peak.* ; 7",
        "region ; name=.*region.* ; 6",
        "negotiated ; name=.*negotiated.* ; 9",
        "discount ; name=.*discount.* ; 9",
        "currency ; name=.*(euros|yen|pounds).* ; 7",
        "spot ; usage=gpu .*option=spot.* ; 7",
        "reserved ; usage=.*option=reserved.* ; 3",
        "instances, processors and memory ; usage=compute .* ; 5",
        "28 days of storage ; usage=storage .*micros=2419200000000 ; 4",
        "31 days of storage ; usage=storage .*micros=2678400000000 ; 4",
        "moves ; usage=move .* ; 4",
        "network ; usage=net .* ; 6",
        "images ; usage=.* images=.* ; 3",
        "characters ; usage=.* characters=.* ; 2",
        "seconds ; usage=.* mediaMicros=.* ; 3",
        "pages ; usage=.* pages=.* ; 2",
        "web searches ; usage=.* searches=.* ; 3",
        "direct costs ; usage=direct .* ; 5",
        "cache hits ; usage=hit .* ; 3",
        "routing ; usage=.* baseline=.* ; 3",
        "without a price ; status=UNPRICED ; 15",
        "free ; status=FREE ; 5",
      })
  void everyItemHasItsCases(String item, String where, int atLeast) {
    String[] test = where.split("=", 2);
    Function<Case, String> field =
        switch (test[0]) {
          case "name" -> Case::name;
          case "usage" -> Case::usage;
          case "time" -> Case::time;
          default -> worked -> worked.status().name();
        };

    assertThat(cases().stream().filter(worked -> field.apply(worked).matches(test[1])).count())
        .as(item)
        .isGreaterThanOrEqualTo(atLeast);
  }

  private static BigDecimal usd(Long pico) {
    return pico == null ? null : Money.toUsd(pico);
  }

  /** {@code llm provider=openai model=o3 input=5} and the like. */
  private static Object detail(String usage) {
    String[] words = usage.split(" ");
    Map<String, String> f = new HashMap<>();
    for (int i = 1; i < words.length; i++) {
      String[] parts = words[i].split("=", 2);
      assertThat(f.put(parts[0], parts[1])).isNull();
    }
    Function<String, Long> number = key -> Long.valueOf(f.getOrDefault(key, "0"));
    Function<String, String> text = key -> f.getOrDefault(key, "");
    String option = f.getOrDefault("option", "on_demand");
    return switch (words[0]) {
      case "llm" ->
          new LlmUsage(
              text.apply("provider"),
              text.apply("model"),
              text.apply("baseline"),
              "chat",
              text.apply("tier"),
              Boolean.parseBoolean(text.apply("batch")),
              null,
              "ok",
              tokens(number),
              Long.valueOf(f.getOrDefault("requests", "1")),
              number.apply("searches"),
              media(number));
      case "hit" ->
          new CacheLookup(
              "exact", true, text.apply("provider"), text.apply("model"), tokens(number));
      case "miss" -> new CacheLookup("exact", false, "", "", null);
      case "gpu" ->
          new GpuUsage(
              text.apply("model"),
              number.apply("micros"),
              null,
              option,
              text.apply("cloud"),
              "",
              "");
      case "compute" ->
          new ComputeUsage(
              text.apply("type"),
              number.apply("instance"),
              number.apply("cpu"),
              number.apply("memory"),
              option,
              text.apply("cloud"));
      case "storage" ->
          new StorageUsage(
              "s3", "docs", text.apply("tier"), number.apply("bytes"), number.apply("micros"));
      case "move" ->
          new StorageMove(
              "s3", "docs", number.apply("bytes"), text.apply("from"), text.apply("to"));
      case "net" ->
          new NetworkTransfer(number.apply("bytes"), text.apply("path"), text.apply("cloud"));
      case "direct" ->
          new DirectCost(number.apply("amount"), f.getOrDefault("currency", "USD"), "", "");
      case "score" -> new QualityScore("faithfulness", 900_000, "");
      default -> throw new IllegalArgumentException(usage);
    };
  }

  private static TokenCounts tokens(Function<String, Long> number) {
    return new TokenCounts(
        number.apply("input"),
        number.apply("cacheRead"),
        number.apply("cacheWrite5m"),
        number.apply("cacheWrite1h"),
        number.apply("output"),
        number.apply("reasoning"),
        number.apply("inputAudio"),
        number.apply("outputAudio"),
        number.apply("inputImage"),
        number.apply("outputImage"));
  }

  private static MediaCounts media(Function<String, Long> number) {
    MediaCounts media =
        new MediaCounts(
            number.apply("images"),
            number.apply("characters"),
            number.apply("mediaMicros"),
            number.apply("pages"));
    return media.equals(new MediaCounts(0L, 0L, 0L, 0L)) ? null : media;
  }
}
