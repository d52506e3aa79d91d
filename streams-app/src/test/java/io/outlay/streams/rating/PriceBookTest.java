package io.outlay.streams.rating;

import io.outlay.price.PriceFile;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.streams.rating.PriceBook.Lookup;
import java.io.StringReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

import static io.outlay.streams.rating.Prices.book;
import static io.outlay.streams.rating.Prices.currency;
import static io.outlay.streams.rating.Prices.discount;
import static io.outlay.streams.rating.Prices.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PriceBookTest {
  private static final String O3 =
      """
      format: outlay-prices/1
      models:
        - {provider: openai, model: o3, rates: {input: 10}}
        - {provider: openai, model: o3, from: 2025-06-10, rates: {input: 2}}
        - {provider: openai, model: gone, to: 2025-01-01, rates: {input: 1}}
        - {provider: openai, model: new, from: 2026-01-01T12:00:00Z, rates: {input: 1}}
      """;

  private final PriceBook book = new PriceBook(read(O3));

  @Test
  void aPriceHoldsFromItsStartToTheMicrosecondBeforeItsEnd() {
    long change = micros("2025-06-10T00:00:00Z");

    assertThat(id("o3", change - 1)).isEqualTo("openai/o3");
    assertThat(id("o3", change)).isEqualTo("openai/o3@2025-06-10");
    assertThat(id("o3", micros("2000-01-01T00:00:00Z"))).isEqualTo("openai/o3");
    assertThat(id("o3", micros("2099-01-01T00:00:00Z"))).isEqualTo("openai/o3@2025-06-10");
  }

  @Test
  void thereIsNoPriceBeforeTheFirstStartOrAfterTheLastEnd() {
    assertThat(id("gone", micros("2025-01-01T00:00:00Z"))).isNull();
    assertThat(id("gone", micros("2025-01-01T00:00:00Z") - 1)).isEqualTo("openai/gone");
    assertThat(id("new", micros("2026-01-01T12:00:00Z") - 1)).isNull();
    assertThat(id("new", micros("2026-01-01T12:00:00Z")))
        .isEqualTo("openai/new@2026-01-01T12:00:00Z");
    assertThat(id("unheard-of", 0)).isNull();
  }

  @Test
  void ofTwoVersionsTheHigherHolds() {
    List<Price> prices = new ArrayList<>(read(O3));
    Price corrected = Price.newBuilder(prices.get(0)).setVersion(2).setAsOf("2026-01-01").build();
    prices.add(0, corrected);

    Price found =
        new PriceBook(prices)
            .find(corrected.getKind(), corrected.getProvider(), corrected.getName(), "", 0);

    assertThat(found).isEqualTo(corrected);
  }

  @Test
  void overlappingPricesAreRefusedByName() {
    Price first =
        read(O3).stream().filter(p -> p.getId().equals("openai/o3")).findFirst().orElseThrow();
    Price overlapping =
        Price.newBuilder(first)
            .setId("openai/o3@2024")
            .setValidFromMicros(micros("2024-01-01T00:00:00Z"))
            .build();

    assertThatThrownBy(() -> new PriceBook(List.of(first, overlapping)))
        .hasMessageContaining("openai/o3")
        .hasMessageContaining("openai/o3@2024")
        .hasMessageContaining("overlap");
  }

  @Test
  void theShippedBookIsConsistent() {
    PriceBook shipped = new PriceBook(PriceFile.shipped());

    assertThat(shipped.size()).isGreaterThan(250);
    assertThat(shipped.find(PriceKind.GPU, "aws", "A100-80GB", "spot", 0)).isNotNull();
    assertThat(shipped.find(PriceKind.STORAGE, "", "hot", "", 0)).isNotNull();
  }

  @Test
  void whatIsNegotiatedGoesBeforeTheListAndByBothBeforeByOne() {
    PriceBook negotiated =
        book(
            model("openai", "m", "input 1"),
            model("openai", "m", "input 2").team("t"),
            model("openai", "m", "input 3").customer("c"),
            model("openai", "m", "input 4").team("t").customer("c"));

    assertThat(id(negotiated, "m", "", "t", "c")).isEqualTo("openai/m#t+c");
    assertThat(id(negotiated, "m", "", "x", "c")).isEqualTo("openai/m#c");
    assertThat(id(negotiated, "m", "", "t", "x")).isEqualTo("openai/m#t");
    assertThat(id(negotiated, "m", "", "x", "x")).isEqualTo("openai/m");
    assertThat(id(negotiated, "m", "", "", "")).isEqualTo("openai/m");
  }

  @Test
  void aNegotiatedPrefixGoesBeforeAnExactListPrice() {
    PriceBook negotiated =
        book(
            model("openai", "gpt-4o", "input 1"),
            model("openai", "gpt-", "input 2").prefix().team("t"));

    assertThat(id(negotiated, "gpt-4o", "", "t", "")).isEqualTo("openai/gpt-*#t");
    assertThat(id(negotiated, "gpt-4o", "", "x", "")).isEqualTo("openai/gpt-4o");
  }

  @Test
  void theRegionGoesBeforeAllRegions() {
    PriceBook regional =
        book(model("openai", "m", "input 1"), model("openai", "m", "input 2").in("eu"));

    assertThat(id(regional, "m", "eu", "", "")).isEqualTo("openai/m/eu");
    assertThat(id(regional, "m", "us", "", "")).isEqualTo("openai/m");
    assertThat(id(regional, "m", "", "", "")).isEqualTo("openai/m");
  }

  @Test
  void theNameGoesBeforeItsSnapshotAndThatBeforePrefixes() {
    PriceBook names =
        book(
            model("openai", "gpt-4o", "input 1").alias("omni"),
            model("openai", "gpt-4o-2024-05-13", "input 5"),
            model("openai", "gpt-", "input 7").prefix(),
            model("openai", "gpt-4", "input 8").prefix());

    assertThat(id(names, "gpt-4o", "", "", "")).isEqualTo("openai/gpt-4o");
    assertThat(id(names, "omni", "", "", "")).isEqualTo("openai/gpt-4o");
    assertThat(id(names, "gpt-4o-2024-08-06", "", "", "")).isEqualTo("openai/gpt-4o");
    assertThat(id(names, "gpt-4o-2024-05-13", "", "", "")).isEqualTo("openai/gpt-4o-2024-05-13");
    assertThat(id(names, "gpt-4o-audio", "", "", "")).isEqualTo("openai/gpt-4*");
    assertThat(id(names, "gpt-5", "", "", "")).isEqualTo("openai/gpt-*");
    assertThat(id(names, "o3", "", "", "")).isNull();
  }

  @Test
  void aPriceThatHasEndedMakesWayForALessSpecificOne() {
    PriceBook ended =
        book(
            model("openai", "gpt-4o", "input 1"),
            model("openai", "gpt-4o", "input 2").team("t").to("2025-01-01T00:00:00Z"));

    assertThat(id(ended, "gpt-4o", "", "t", "")).isEqualTo("openai/gpt-4o");
    assertThat(
            ended
                .find(
                    new Lookup(PriceKind.MODEL, "openai", "gpt-4o", "", "", "t", ""),
                    micros("2024-12-31T23:59:59Z"))
                .getId())
        .isEqualTo("openai/gpt-4o#t");
  }

  @Test
  void anAliasThatIsTheNameOfAnotherIsRefusedByName() {
    assertThatThrownBy(
            () ->
                book(
                    model("openai", "gpt-4o", "input 1"),
                    model("openai", "gpt-4.1", "input 1").alias("gpt-4o")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("openai/gpt-4o")
        .hasMessageContaining("openai/gpt-4.1");
  }

  @Test
  void twoDiscountsOnTheSameAreRefusedByName() {
    assertThatThrownBy(
            () ->
                book(
                    discount("openai", "", "5").prefix().team("t").id("one"),
                    discount("openai", "", "6").prefix().team("t").id("two")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one")
        .hasMessageContaining("two");
  }

  @Test
  void aPriceWithoutMeaningIsRefusedByNameAndValue() {
    refused(Prices.of(PriceKind.MODEL, "p", "empty"), "p/empty", "must have a rate card");
    refused(discount("p", "m", "100.01"), "discountMillionths", "1000100");
    refused(model("p", "m", "input 1").tier("flex", 0), "flex", "was 0");
    refused(model("p", "m", "input 1").region("eu", 1_000_000_001), "eu", "1000000001");
    refused(model("p", "m", "input 1").tier("flex", 1).tier("flex", 2), "two", "flex");
    refused(model("p", "m", "input 1", "input 2"), "two rates", "INPUT_TOKENS");
    refused(model("p", "m", "input -1"), "INPUT_TOKENS", "-1");
    refused(model("p", "m").card(0, "", 1_440, 30, "input 1"), "fromMinute", "1440");
    refused(model("p", "m").card(0, "", 30, 1_441, "input 1"), "toMinute", "1441");
    refused(model("p", "m").card(0, "", 30, 30, "input 1"), "toMinute", "30");
    refused(model("p", "m").card(-1, "", 0, 1_440, "input 1"), "aboveInputTokens", "-1");
    refused(currency("EUR", "1").currency("JPY"), "USD", "JPY");
    refused(
        model("p", "m", "input 1").from("2026-01-01T00:00:00Z").to("2026-01-01T00:00:00Z"),
        "end after it starts",
        "p/m");
  }

  @Test
  void twoCardsForTheSameAreRefused() {
    refused(model("p", "m", "input 1").card(0, "", 0, 1_440, "input 2"), "two cards", "above 0");
    refused(
        model("p", "m", "input 1")
            .card(0, "", 1_380, 120, "input 2")
            .card(0, "", 60, 180, "input 3"),
        "two cards",
        "time of day");
    assertThat(
            book(model("p", "m", "input 1")
                    .card(0, "", 1_380, 60, "input 2")
                    .card(0, "", 60, 180, "input 3"))
                .size())
        .isEqualTo(1);
  }

  @Test
  void anExplanationNamesWhatWasLookedForAndWhyThatPriceHolds() {
    List<Explanation.Step> steps =
        book.explain(
            new Lookup(PriceKind.MODEL, "azure", "azure/o3-2025-04-16", "", "eu", "t", "c"), 0);

    assertThat(steps)
        .containsExactly(
            new Explanation.Step("azure/azure/o3-2025-04-16", "no price", false),
            new Explanation.Step(
                "openai/o3, without azure/, as a snapshot, at openai", "price openai/o3", true));
    assertThat(
            book.explain(
                new Lookup(PriceKind.MODEL, "openai", "gone", "", "", "", ""),
                micros("2026-01-01T00:00:00Z")))
        .contains(
            new Explanation.Step(
                "openai/gone", "price openai/gone ended at 2025-01-01T00:00:00Z", false));
    assertThat(book.explain(new Lookup(PriceKind.MODEL, "openai", "new", "", "", "", ""), 0))
        .contains(
            new Explanation.Step(
                "openai/new",
                "price openai/new@2026-01-01T12:00:00Z begins at 2026-01-01T12:00:00Z",
                false));
  }

  /** Strangers choose names; what is remembered of them must not grow without end. */
  @Test
  void namesWithoutEndAreAnsweredAndForgotten() {
    for (int i = 0; i < 50_000; i++) {
      assertThat(id("unheard-of-" + i, 0)).isNull();
    }

    assertThat(book.remembered()).isLessThanOrEqualTo(20_001);
    assertThat(id("o3", 0)).isEqualTo("openai/o3");
  }

  @Test
  void teamsShareWhatIsRememberedUnlessTheyNegotiated() {
    PriceBook shared =
        book(
            model("openai", "m", "input 1"),
            model("openai", "n", "input 1"),
            model("openai", "m", "input 2").team("t1"));

    for (int i = 0; i < 100; i++) {
      assertThat(id(shared, "m", "r" + i, "t" + i, "c" + i))
          .isEqualTo(i == 1 ? "openai/m#t1" : "openai/m");
      assertThat(id(shared, "n", "r" + i, "t" + i, "c" + i)).isEqualTo("openai/n");
    }

    assertThat(shared.remembered()).isEqualTo(2);
  }

  private static void refused(Prices price, String... why) {
    assertThatThrownBy(() -> book(price))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(why);
  }

  private static String id(
      PriceBook book, String model, String region, String team, String customer) {
    Price price =
        book.find(
            new Lookup(PriceKind.MODEL, "openai", model, "", region, team, customer),
            micros("2026-01-01T00:00:00Z"));
    return price == null ? null : price.getId();
  }

  private String id(String model, long time) {
    Price price = book.find(PriceKind.MODEL, "openai", model, "", time);
    return price == null ? null : price.getId();
  }

  private static List<Price> read(String yaml) {
    return PriceFile.read(new StringReader(yaml), "test");
  }

  private static long micros(String instant) {
    return Instant.parse(instant).getEpochSecond() * 1_000_000;
  }
}
