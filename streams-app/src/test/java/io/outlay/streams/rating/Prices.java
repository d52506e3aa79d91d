package io.outlay.streams.rating;

import io.outlay.money.Money;
import io.outlay.schema.Meter;
import io.outlay.schema.Multiplier;
import io.outlay.schema.NameMatch;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Prices for tests, told briefly: {@code model("openai", "o3", "input 2", "output 8")}. */
final class Prices {
  private static final Map<String, Meter> METERS =
      Map.ofEntries(
          Map.entry("input", Meter.INPUT_TOKENS),
          Map.entry("cacheRead", Meter.CACHE_READ_TOKENS),
          Map.entry("cacheWrite5m", Meter.CACHE_WRITE_5M_TOKENS),
          Map.entry("cacheWrite1h", Meter.CACHE_WRITE_1H_TOKENS),
          Map.entry("output", Meter.OUTPUT_TOKENS),
          Map.entry("searches", Meter.WEB_SEARCHES),
          Map.entry("images", Meter.IMAGES),
          Map.entry("characters", Meter.CHARACTERS),
          Map.entry("mediaHours", Meter.MEDIA_HOURS),
          Map.entry("pages", Meter.PAGES),
          Map.entry("hour", Meter.GPU_HOURS),
          Map.entry("unit", Meter.CURRENCY_UNITS));

  private final Price price =
      Price.newBuilder()
          .setId("?")
          .setVersion(1)
          .setKind(PriceKind.MODEL)
          .setCards(List.of())
          .build();

  private Prices() {
    price.setCards(new ArrayList<>());
    price.setTierMultipliers(new ArrayList<>());
    price.setRegionMultipliers(new ArrayList<>());
  }

  static Prices model(String provider, String name, String... rates) {
    return of(PriceKind.MODEL, provider, name, rates);
  }

  static Prices of(PriceKind kind, String provider, String name, String... rates) {
    Prices prices = new Prices();
    prices.price.setKind(kind);
    prices.price.setProvider(provider);
    prices.price.setName(name);
    String prefix = kind == PriceKind.MODEL ? "" : kind.name().toLowerCase(Locale.ROOT) + ":";
    prices.price.setId(prefix + provider + "/" + name);
    return rates.length == 0 ? prices : prices.card(0, "", 0, 1_440, rates);
  }

  static Prices discount(String provider, String name, String percent) {
    Prices prices = of(PriceKind.DISCOUNT, provider, name);
    prices.price.setDiscountMillionths(new BigDecimal(percent).movePointRight(4).intValueExact());
    return prices;
  }

  static Prices currency(String code, String usd) {
    return of(PriceKind.EXCHANGE_RATE, "", code, "unit " + usd);
  }

  Prices card(long above, String tier, int fromMinute, int toMinute, String... rates) {
    List<Rate> parsed = new ArrayList<>();
    for (String rate : rates) {
      String[] parts = rate.split(" ");
      parsed.add(new Rate(METERS.get(parts[0]), Money.ofUsd(new BigDecimal(parts[1]))));
    }
    price.getCards().add(new RateCard(above, tier, fromMinute, toMinute, parsed));
    return this;
  }

  Prices tier(String name, long millionths) {
    price.getTierMultipliers().add(new Multiplier(name, millionths));
    return this;
  }

  Prices region(String name, long millionths) {
    price.getRegionMultipliers().add(new Multiplier(name, millionths));
    return this;
  }

  Prices prefix() {
    price.setMatch(NameMatch.PREFIX);
    price.setId(price.getId() + "*");
    return this;
  }

  Prices alias(String name) {
    price.setAliases(List.of(name));
    return this;
  }

  Prices in(String region) {
    price.setRegion(region);
    price.setId(price.getId() + "/" + region);
    return this;
  }

  Prices option(String purchaseOption) {
    price.setPurchaseOption(purchaseOption);
    price.setId(price.getId() + "/" + purchaseOption);
    return this;
  }

  Prices team(String team) {
    price.setTeam(team);
    price.setId(price.getId() + (price.getId().contains("#") ? "+" : "#") + team);
    return this;
  }

  Prices customer(String customer) {
    price.setCustomer(customer);
    price.setId(price.getId() + (price.getId().contains("#") ? "+" : "#") + customer);
    return this;
  }

  Prices currency(String code) {
    price.setCurrency(code);
    return this;
  }

  Prices from(String instant) {
    price.setValidFromMicros(micros(instant));
    price.setId(price.getId() + "@" + instant.substring(0, 10));
    return this;
  }

  Prices to(String instant) {
    price.setValidToMicros(micros(instant));
    return this;
  }

  Prices id(String id) {
    price.setId(id);
    return this;
  }

  Price price() {
    return price;
  }

  /** A price with factors for a tier and, unless it is empty, a region. */
  static Price with(Price price, String tier, long tierMillionths, String region, long millionths) {
    return Price.newBuilder(price)
        .setTierMultipliers(List.of(new Multiplier(tier, tierMillionths)))
        .setRegionMultipliers(
            region.isEmpty() ? List.of() : List.of(new Multiplier(region, millionths)))
        .build();
  }

  static PriceBook book(Prices... prices) {
    return new PriceBook(Stream.of(prices).map(Prices::price).toList());
  }

  static long micros(String instant) {
    Instant parsed = Instant.parse(instant);
    return parsed.getEpochSecond() * 1_000_000 + parsed.getNano() / 1_000;
  }
}
