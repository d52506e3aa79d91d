package io.outlay.streams.rating;

import io.outlay.schema.LlmUsage;
import io.outlay.schema.Meter;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.streams.TestEvents;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

import static io.outlay.streams.rating.Prices.book;
import static io.outlay.streams.rating.Prices.currency;
import static io.outlay.streams.rating.Prices.discount;
import static io.outlay.streams.rating.Prices.model;
import static org.assertj.core.api.Assertions.assertThat;

class ExplanationTest {
  private final Rater rater =
      new Rater(
          book(
              model("mistral", "large", "input 1.8", "output 5.4")
                  .tier("batch", 500_000)
                  .region("eu*", 1_100_000)
                  .currency("EUR"),
              currency("EUR", "1.08"),
              discount("mistral", "", "15").prefix().team("search")));

  @Test
  void everyLineShowsItsRateItsFactorsAndItsRounding() {
    LlmUsage llm =
        TestEvents.llm(
            "mistral", "large-2026-01-01", new TokenCounts(0L, 0L, 0L, 0L, 0L, 7L, 0L, 0L, 0L, 0L));
    llm.setBatch(true);
    UsageEvent event = TestEvents.event("1", llm);
    event.setRegion("eu-west-1");

    Explanation explained = rater.explain(event);

    assertThat(explained.status()).isEqualTo(PricingStatus.PRICED);
    assertThat(explained.price().getId()).isEqualTo("mistral/large");
    assertThat(explained.steps())
        .containsExactly(
            new Explanation.Step("mistral/large-2026-01-01", "no price", false),
            new Explanation.Step("mistral/large, as a snapshot", "price mistral/large", true),
            new Explanation.Step("discount", "discount:mistral/*#search takes off 15 %", true),
            new Explanation.Step("exchange rate of EUR", "price exchange_rate:/EUR", true));
    assertThat(explained.bills())
        .extracting(Explanation.Bill::purpose)
        .containsExactly("cost", "list", "standard tier");
    // 7 × 5.4 × 0.5 × 1.1 × 1.08 × 0.85 millionths
    assertThat(explained.bills().get(0).lines())
        .containsExactly(
            new Explanation.Line(
                Meter.OUTPUT_TOKENS,
                BigInteger.valueOf(7),
                "tokens",
                5_400_000_000_000L,
                BigInteger.valueOf(1_000_000),
                "EUR",
                List.of(
                    new Explanation.Multiplier("tier batch", new BigDecimal("0.5")),
                    new Explanation.Multiplier("region eu-west-1", new BigDecimal("1.1")),
                    new Explanation.Multiplier("exchange rate of EUR", new BigDecimal("1.08")),
                    new Explanation.Multiplier(
                        "discount discount:mistral/*#search", new BigDecimal("0.85"))),
                new BigDecimal("0.00001908522"),
                19_085_220L));
    assertThat(explained.costPico()).isEqualTo(19_085_220L);
    assertThat(explained.listCostPico()).isEqualTo(22_453_200L);
    assertThat(explained.tierSavedPico()).isEqualTo(19_085_220L);
  }

  @Test
  void anUnknownModelShowsEverythingThatWasLookedFor() {
    Explanation explained =
        rater.explain(
            TestEvents.event(
                "1",
                TestEvents.llm(
                    "azure",
                    "azure/gpt-4o-2024-08-06",
                    new TokenCounts(1L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L))));

    assertThat(explained.status()).isEqualTo(PricingStatus.UNPRICED);
    assertThat(explained.price()).isNull();
    assertThat(explained.bills()).isEmpty();
    assertThat(explained.steps())
        .contains(
            new Explanation.Step("azure/azure/gpt-4o-2024-08-06", "no price", false),
            new Explanation.Step("azure/gpt-4o, without azure/, as a snapshot", "no price", false),
            new Explanation.Step(
                "openai/gpt-4o, without azure/, as a snapshot, at openai", "no price", false))
        .noneMatch(Explanation.Step::chosen);
  }
}
