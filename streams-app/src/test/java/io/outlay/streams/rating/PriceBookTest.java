package io.outlay.streams.rating;

import io.outlay.price.PriceFile;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import java.io.StringReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

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
