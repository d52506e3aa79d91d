package io.outlay.streams.rating;

import io.outlay.money.Money;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.Meter;
import io.outlay.schema.Multiplier;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.streams.TestEvents;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Against the same bill in BigDecimal. */
class RaterPropertiesTest {
  private static final List<Meter> BUCKETS =
      List.of(
          Meter.INPUT_TOKENS,
          Meter.CACHE_READ_TOKENS,
          Meter.CACHE_WRITE_5M_TOKENS,
          Meter.CACHE_WRITE_1H_TOKENS,
          Meter.OUTPUT_TOKENS,
          Meter.REASONING_TOKENS,
          Meter.INPUT_AUDIO_TOKENS,
          Meter.OUTPUT_AUDIO_TOKENS,
          Meter.INPUT_IMAGE_TOKENS,
          Meter.OUTPUT_IMAGE_TOKENS);

  @Property(tries = 2_000)
  void aBillIsTheSumOfItsLinesEachRoundedOnce(
      @ForAll @Size(10) List<@LongRange(max = 300_000) Long> counts,
      @ForAll @Size(10) List<@LongRange(max = 600_000_000_000_000L) Long> rates,
      @ForAll @LongRange(min = 1, max = 20_000_000) long batch,
      @ForAll @LongRange(min = 1, max = 20_000_000) long region,
      @ForAll @LongRange(max = 300_000_000_000_000L) long exchange,
      @ForAll @IntRange(max = 1_000_000) int discount) {
    Rater rater = rater(rates, batch, region, exchange, discount);
    UsageEvent event = event(counts, true);

    BigDecimal factor =
        millionths(batch)
            .multiply(millionths(region))
            .multiply(BigDecimal.valueOf(exchange, Money.SCALE));
    BigDecimal list = bill(counts, rates, factor);
    BigDecimal rest = millionths(1_000_000 - discount);
    BigDecimal cost = bill(counts, rates, factor.multiply(rest));
    BigDecimal standard =
        bill(
            counts,
            rates,
            millionths(region).multiply(BigDecimal.valueOf(exchange, Money.SCALE)).multiply(rest));
    BigDecimal uncached =
        line(counts.get(1) + counts.get(2) + counts.get(3), rates.get(0), factor.multiply(rest));

    if (list.max(standard).max(uncached).compareTo(BigDecimal.valueOf(Money.MAX_PICO)) > 0) {
      assertThatThrownBy(() -> rater.rate(event, 1)).isInstanceOf(ArithmeticException.class);
      return;
    }
    Rating rating = rater.rate(event, 1);
    assertThat(rating.status()).isIn(PricingStatus.PRICED, PricingStatus.FREE);
    assertThat(rating.costPico()).isEqualTo(cost.longValueExact());
    assertThat(rating.listCostPico()).isEqualTo(list.longValueExact());
    assertThat(rating.tierSavedPico()).isEqualTo(standard.subtract(cost).longValueExact());
  }

  /** What the prompt cache saved, added to the cost, is the cost of the tokens as plain input. */
  @Property(tries = 1_000)
  void whatACacheSavedIsTheDifferenceToPlainInput(
      @ForAll @Size(10) List<@LongRange(max = 300_000) Long> counts,
      @ForAll @Size(10) List<@LongRange(max = 600_000_000_000L) Long> rates) {
    Rater rater = rater(rates, 1_000_000, 1_000_000, Money.PICO_PER_USD, 0);
    Rating rating = rater.rate(event(counts, false), 1);

    List<Long> cachedOnly = new ArrayList<>(List.of(0L));
    cachedOnly.addAll(counts.subList(1, 4));
    cachedOnly.addAll(List.of(0L, 0L, 0L, 0L, 0L, 0L));
    long cached = counts.get(1) + counts.get(2) + counts.get(3);
    BigDecimal plain = line(cached, rates.get(0), BigDecimal.ONE);
    assertThat(rating.promptCacheSavedPico())
        .isEqualTo(plain.subtract(bill(cachedOnly, rates, BigDecimal.ONE)).longValueExact());
    assertThat(rating.tierSavedPico()).isZero();
    assertThat(rating.listCostPico()).isEqualTo(rating.costPico());
  }

  private static BigDecimal bill(List<Long> counts, List<Long> rates, BigDecimal factor) {
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i < BUCKETS.size(); i++) {
      sum = sum.add(line(counts.get(i), rates.get(i), factor));
    }
    return sum;
  }

  private static BigDecimal line(long count, long rate, BigDecimal factor) {
    return BigDecimal.valueOf(count)
        .multiply(BigDecimal.valueOf(rate))
        .multiply(factor)
        .divide(BigDecimal.valueOf(1_000_000), 0, RoundingMode.HALF_EVEN);
  }

  private static BigDecimal millionths(long millionths) {
    return BigDecimal.valueOf(millionths, 6);
  }

  private static Rater rater(
      List<Long> rates, long batch, long region, long exchange, int discount) {
    List<Rate> card = new ArrayList<>();
    for (int i = 0; i < BUCKETS.size(); i++) {
      card.add(new Rate(BUCKETS.get(i), rates.get(i)));
    }
    Price price =
        Price.newBuilder(Prices.of(PriceKind.MODEL, "p", "m").price())
            .setCurrency("EUR")
            .setCards(List.of(new RateCard(0L, "", 0, 1_440, card)))
            .setTierMultipliers(List.of(new Multiplier("batch", batch)))
            .setRegionMultipliers(List.of(new Multiplier("eu*", region)))
            .build();
    Price euro =
        Price.newBuilder(Prices.currency("EUR", "1").price())
            .setCards(
                List.of(
                    new RateCard(
                        0L, "", 0, 1_440, List.of(new Rate(Meter.CURRENCY_UNITS, exchange)))))
            .build();
    Price off =
        Price.newBuilder(Prices.discount("p", "", "0").prefix().team("search").price())
            .setDiscountMillionths(discount)
            .build();
    return new Rater(new PriceBook(List.of(price, euro, off)));
  }

  private static UsageEvent event(List<Long> counts, boolean batch) {
    TokenCounts tokens =
        new TokenCounts(
            counts.get(0),
            counts.get(1),
            counts.get(2),
            counts.get(3),
            counts.get(4),
            counts.get(5),
            counts.get(6),
            counts.get(7),
            counts.get(8),
            counts.get(9));
    LlmUsage llm = TestEvents.llm("p", "m", tokens);
    llm.setBatch(batch);
    UsageEvent event = TestEvents.event("1", llm);
    event.setRegion("eu-west-1");
    return event;
  }
}
