package io.outlay.price;

import io.outlay.schema.Price;
import java.io.StringReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PriceImportTest {
  private static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");

  @Test
  void whatTheBookLacksIsAdded() {
    PricePlan plan = plan("", "- {provider: p, model: m, rates: {input: 1}}", null);

    assertThat(plan.prices()).isEqualTo(read("- {provider: p, model: m, rates: {input: 1}}"));
    assertThat(plan.added()).hasSize(1);
    assertThat(plan.changesPastFrom()).isEqualTo(OptionalLong.of(Long.MIN_VALUE));
  }

  @Test
  void aLaterPriceEndsTheOneThatHeld() {
    PricePlan plan =
        plan(
            "- {provider: p, model: m, rates: {input: 1}}",
            "- {provider: p, model: m, rates: {input: 2}}",
            "2026-12-01T00:00:00Z");

    assertThat(plan.added()).extracting(Price::getId).containsExactly("p/m@2026-12-01");
    assertThat(plan.ended()).hasSize(1);
    Price ended = plan.ended().get(0).after();
    assertThat(ended.getId()).isEqualTo("p/m");
    assertThat(ended.getVersion()).isEqualTo(2);
    assertThat(ended.getValidToMicros()).isEqualTo(plan.added().get(0).getValidFromMicros());
    assertThat(plan.changesPastFrom()).isEmpty();
    assertThat(plan.report(5))
        .isEqualTo(
            """
            1 added, 0 changed, 1 ended, 0 unchanged, 0 rejected; 0 entries refused, 0 parts left out
            added:
              p/m@2026-12-01: input 2
            ended:
              p/m ends 2026-12-01
            """);
  }

  @Test
  void aPriceWithTheSameStartIsACorrection() {
    PricePlan plan =
        plan(
            "- {provider: p, model: m, from: 2026-01-01, rates: {input: 1, output: 2}}",
            "- {provider: p, model: m, from: 2026-01-01, rates: {input: 1.5, cacheRead: 1},"
                + " tiers: {flex: {multiplier: 0.5}}}",
            null);

    assertThat(plan.changed()).hasSize(1);
    assertThat(plan.changed().get(0).after().getVersion()).isEqualTo(2);
    assertThat(plan.changesPastFrom()).isEqualTo(OptionalLong.of(1_767_225_600_000_000L));
    assertThat(plan.report(5))
        .contains(
            "  p/m@2026-01-01: input 1 → 1.5, output 2 → none, cacheRead none → 1, tier flex none →"
                + " ×0.5\n");
  }

  @Test
  void aPriceBeforeOthersHoldsUntilTheNext() {
    String book =
        "- {provider: p, model: m, rates: {input: 1}}\n"
            + "  - {provider: p, model: m, from: 2026-06-01, rates: {input: 3}}";

    PricePlan plan =
        plan(book, "- {provider: p, model: m, from: 2026-03-01, rates: {input: 2}}", null);

    assertThat(apply(read(book), plan))
        .extracting(Price::getId, price -> Validity.text(Validity.end(price)).substring(0, 10))
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("p/m", "2026-03-01"),
            org.assertj.core.groups.Tuple.tuple("p/m@2026-03-01", "2026-06-01"),
            org.assertj.core.groups.Tuple.tuple(
                "p/m@2026-06-01", Validity.text(Long.MAX_VALUE).substring(0, 10)));
  }

  @Test
  void whatAlreadyHoldsChangesNothing() {
    PricePlan plan =
        plan(
            "- {provider: p, model: m, rates: {input: 1}}",
            "- {provider: p, model: m, rates: {input: 1.0}}",
            "2026-12-01T00:00:00Z");

    assertThat(plan.isEmpty()).isTrue();
    assertThat(plan.unchanged()).extracting(Price::getId).containsExactly("p/m");
  }

  @Test
  void onlyTheSameSubjectIsTouched() {
    String book =
        "- {provider: p, model: m, rates: {input: 1}}\n"
            + "  - {provider: p, model: m, team: search, rates: {input: 1}}\n"
            + "  - {provider: p, model: m, region: eu, rates: {input: 1}}\n"
            + "  - {provider: p, model: m, match: prefix, rates: {input: 1}}";

    PricePlan plan =
        plan(
            book,
            "- {provider: p, model: m, team: search, from: 2026-01-01, rates: {input: 2}}",
            null);

    assertThat(plan.added()).extracting(Price::getId).containsExactly("p/m/team=search@2026-01-01");
    assertThat(plan.ended())
        .extracting(change -> change.after().getId())
        .containsExactly("p/m/team=search");
  }

  @Test
  void aPriceThatWouldLeaveTimeWithoutOneIsRejected() {
    PricePlan plan =
        plan(
            "- {provider: p, model: m, rates: {input: 1}}",
            "- {provider: p, model: m, from: 2026-01-01, to: 2026-02-01, rates: {input: 2}}",
            null);

    assertThat(plan.isApplicable()).isFalse();
    assertThat(plan.rejected())
        .extracting(PricePlan.Rejection::toString)
        .containsExactly(
            "p/m@2026-01-01: ends 2026-02-01 while p/m holds longer: say which price holds from"
                + " then on");
    assertThatThrownBy(plan::prices)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("p/m@2026-01-01");
    assertThat(plan.report(5)).endsWith("nothing is imported while a price is rejected\n");
  }

  @Test
  void aPriceForATimeIsTakenIfAnotherFollowsIt() {
    PricePlan plan =
        plan(
            "- {provider: p, model: m, rates: {input: 1}}",
            "- {provider: p, model: m, from: 2026-01-01, to: 2026-02-01, rates: {input: 2}}\n"
                + "  - {provider: p, model: m, from: 2026-02-01, rates: {input: 1}}",
            null);

    assertThat(plan.prices())
        .extracting(Price::getId)
        .containsExactly("p/m", "p/m@2026-01-01", "p/m@2026-02-01");
  }

  @Test
  void anOverlapWithALaterPriceIsRejectedNamingBoth() {
    PricePlan plan =
        plan(
            "- {provider: p, model: m, from: 2026-06-01, rates: {input: 1}}",
            "- {provider: p, model: m, from: 2026-01-01, to: 2026-07-01, rates: {input: 2}}",
            null);

    assertThat(plan.rejected())
        .extracting(PricePlan.Rejection::toString)
        .containsExactly("p/m@2026-01-01: overlaps p/m@2026-06-01, which starts before it ends");
  }

  @Test
  void aNameThatTwoPricesHaveIsRejectedNamingBoth() {
    PricePlan plan =
        plan(
            "- {provider: p, model: m, aliases: [big], rates: {input: 1}}",
            "- {provider: p, model: n, aliases: [big], rates: {input: 2}}",
            null);

    assertThat(plan.rejected())
        .extracting(PricePlan.Rejection::toString)
        .containsExactly("p/n: has the name big, which p/m has too");
  }

  @Test
  void aStartBehindAnEndIsRejected() {
    PricePlan plan =
        plan(
            "",
            "- {provider: p, model: m, to: 2026-01-01, rates: {input: 1}}",
            "2026-06-01T00:00:00Z");

    assertThat(plan.rejected())
        .extracting(PricePlan.Rejection::toString)
        .containsExactly("p/m@2026-06-01: ends before it starts");
  }

  @Test
  void whatTheReaderLeftOutIsInTheReport() {
    PriceReading reading =
        LiteLlmPrices.read(
            new StringReader(
                "{\"m\": {\"litellm_provider\": \"p\"}, \"n\": {\"litellm_provider\": \"p\","
                    + " \"input_cost_per_token\": 1e-6, \"file_search_cost_per_1k_calls\": 2}}"),
            "litellm");

    assertThat(PriceImport.plan(List.of(), reading, null, NOW).report(1))
        .isEqualTo(
            """
            1 added, 0 changed, 0 ended, 0 unchanged, 0 rejected; 1 entries refused, 1 parts left out
            added:
              p/n: input 1
            refused:
              m: states no price
            left out:
              n: file_search_cost_per_1k_calls 2: is charged beside the call: publish it as direct cost
            """);
  }

  @Property(tries = 500)
  void aPlanNeverMakesPricesOverlapAndIsEmptyTheSecondTime(
      @ForAll long first, @ForAll long second, @ForAll boolean dated) {
    // The same few subjects in both, so that they meet.
    List<Price> current = new RandomPrices(first % 5).some();
    PriceReading reading = PriceReading.of(new RandomPrices(second % 5 + 7).some());
    Instant from = dated ? Instant.parse("2023-06-01T00:00:00Z") : null;

    PricePlan plan = PriceImport.plan(current, reading, from, NOW);

    if (plan.isApplicable()) {
      List<Price> book = apply(current, plan);
      assertNoOverlap(book);
      assertThat(PriceImport.plan(book, reading, from, NOW))
          .satisfies(again -> assertThat(again.rejected()).isEmpty())
          .satisfies(again -> assertThat(again.isEmpty()).as(again.report(3)).isTrue());
    }
  }

  @Property(tries = 2000)
  void pricesOfOneSubjectNeverOverlap(
      @ForAll("timelines") List<Price> current,
      @ForAll("timelines") List<Price> read,
      @ForAll boolean dated) {
    Instant from = dated ? Instant.ofEpochSecond(3 * 86_400) : null;
    PriceReading reading = PriceReading.of(read);

    PricePlan plan = PriceImport.plan(current, reading, from, NOW);

    if (plan.isApplicable()) {
      List<Price> book = apply(current, plan);
      assertNoOverlap(book);
      PricePlan again = PriceImport.plan(book, reading, from, NOW);
      assertThat(again.rejected()).isEmpty();
      assertThat(again.isEmpty()).as(again.report(9)).isTrue();
    }
  }

  /** Prices of one subject in up to five periods, in days. */
  @net.jqwik.api.Provide
  net.jqwik.api.Arbitrary<List<Price>> timelines() {
    return net.jqwik.api.Arbitraries.integers()
        .between(-1, 10)
        .set()
        .ofMaxSize(5)
        .flatMap(
            days ->
                net.jqwik.api.Arbitraries.integers()
                    .between(0, 3)
                    .list()
                    .ofSize(days.size())
                    .map(choices -> timeline(days.stream().sorted().toList(), choices)));
  }

  private static List<Price> timeline(List<Integer> days, List<Integer> choices) {
    List<Price> prices = new ArrayList<>();
    for (int i = 0; i < days.size(); i++) {
      Price price =
          read("- {provider: p, model: m, rates: {input: " + (choices.get(i) % 2) + "}}").get(0);
      long day = 86_400_000_000L;
      price.setValidFromMicros(days.get(i) < 0 ? null : Long.valueOf(days.get(i) * day));
      if (i + 1 < days.size()) {
        price.setValidToMicros(days.get(i + 1) * day - (choices.get(i) == 3 ? day / 2 : 0));
      } else if (choices.get(i) == 3) {
        price.setValidToMicros(11 * day);
      }
      price.setId(PriceSubject.of(price).id(price.getValidFromMicros()));
      prices.add(price);
    }
    return prices;
  }

  private static void assertNoOverlap(List<Price> book) {
    for (int i = 0; i < book.size(); i++) {
      for (int j = 0; j < i; j++) {
        Price a = book.get(i);
        Price b = book.get(j);
        if (PriceSubject.of(a).equals(PriceSubject.of(b))) {
          assertThat(Validity.overlap(a, b)).as(a + " and " + b).isFalse();
        }
      }
    }
  }

  private static List<Price> apply(Collection<Price> current, PricePlan plan) {
    Map<String, Price> book = new HashMap<>();
    current.forEach(price -> book.put(price.getId(), price));
    for (Price price : plan.prices()) {
      Price old = book.put(price.getId(), price);
      assertThat(price.getVersion()).isEqualTo(old == null ? 1 : old.getVersion() + 1);
    }
    return book.values().stream().sorted(java.util.Comparator.comparing(Price::getId)).toList();
  }

  private static PricePlan plan(String book, String imported, @Nullable String from) {
    return PriceImport.plan(
        read(book),
        PriceReading.of(read(imported)),
        from == null ? null : Instant.parse(from),
        NOW);
  }

  private static List<Price> read(String models) {
    String section = models.isEmpty() ? "" : "models:\n  " + models + "\n";
    return PriceFile.read(new StringReader("format: outlay-prices/1\n" + section), "test");
  }
}
