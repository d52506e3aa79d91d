package io.outlay.price;

import io.outlay.schema.Meter;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.io.StringReader;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PriceFileWriteTest {
  @Property(tries = 300)
  void whatIsWrittenReadsBackEqual(@ForAll long seed) {
    List<Price> prices = new RandomPrices(seed).some();

    String text = PriceFile.write(prices);

    assertThat(read(text)).isEqualTo(prices);
  }

  @Test
  void theShippedBookReadsBackEqual() {
    List<Price> shipped = PriceFile.shipped();

    assertThat(PriceFile.read(new StringReader(PriceFile.write(shipped)), "default"))
        .isEqualTo(shipped);
  }

  @Test
  void aFileIsOneThatPeopleCanEdit() {
    String text =
        """
        format: outlay-prices/1
        asOf: 2026-08-31
        currency: USD

        models:
          - {provider: openai, model: o3, rates: {input: 10, cacheRead: 0.5, output: 40}}
          - {provider: openai, model: o3, from: 2025-06-10, rates: {input: 2}, daily: [{from: "16:30", to: "00:30", rates: {input: 1}}], above: [{inputTokens: 200000, rates: {input: 4}}], tiers: {batch: {rates: {input: 1}}, flex: {multiplier: 0.5}}, regions: {"eu*": 1.1}}

        discounts:
          - {provider: openai, team: search, percent: 12.5}
        """;

    assertThat(PriceFile.write(read(text))).isEqualTo(text);
  }

  @Test
  void whatHasNoFormIsRefusedByName() {
    Price price = PriceFile.blank(PriceKind.MODEL);
    price.setId("p/m");
    price.setProvider("p");
    price.setName("m");
    assertThatThrownBy(() -> PriceFile.write(List.of(price)))
        .hasMessage("p/m cannot be written: it has no standard rates");

    price.setCards(List.of(new RateCard(0L, "", 0, 1440, List.of(new Rate(Meter.GPU_HOURS, 1L)))));
    assertThatThrownBy(() -> PriceFile.write(List.of(price)))
        .hasMessage("p/m cannot be written: models have no rate for GPU_HOURS");

    price.setCards(List.of(new RateCard(0L, "", 0, 60, List.of(new Rate(Meter.INPUT_TOKENS, 1L)))));
    assertThatThrownBy(() -> PriceFile.write(List.of(price)))
        .hasMessage("p/m cannot be written: it has rates for a part of the day only");
  }

  private static List<Price> read(String text) {
    return PriceFile.read(new StringReader(text), "test");
  }
}
