package io.outlay.streams.http;

import io.outlay.money.Money;
import io.outlay.schema.Multiplier;
import io.outlay.schema.Price;
import io.outlay.schema.RateCard;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A price as people read it; amounts are decimal strings.
 *
 * @param validFrom ISO 8601; null means since always
 * @param validTo ISO 8601, exclusive; null means until further notice
 * @param discount percentage taken off; null for everything but discounts
 */
record PriceView(
    String id,
    int version,
    String kind,
    String provider,
    String name,
    String match,
    List<String> aliases,
    String purchaseOption,
    String region,
    String team,
    String customer,
    @Nullable String validFrom,
    @Nullable String validTo,
    String currency,
    List<Card> cards,
    Map<String, String> tierMultipliers,
    Map<String, String> regionMultipliers,
    @Nullable String discount,
    String origin,
    String asOf) {

  private static final int MILLIONTHS_DECIMALS = 6;
  private static final int PERCENT_DECIMALS = 4;

  /**
   * Rates under one condition.
   *
   * @param rates by meter, in the meter's unit
   */
  record Card(
      long aboveInputTokens,
      String serviceTier,
      int fromMinute,
      int toMinute,
      Map<String, String> rates) {
    static Card of(RateCard card) {
      Map<String, String> rates = new TreeMap<>();
      card.getRates().forEach(rate -> rates.put(lower(rate.getMeter()), usd(rate.getAmountPico())));
      return new Card(
          card.getAboveInputTokens(),
          card.getServiceTier(),
          card.getFromMinute(),
          card.getToMinute(),
          rates);
    }
  }

  static PriceView of(Price price) {
    return new PriceView(
        price.getId(),
        price.getVersion(),
        lower(price.getKind()),
        price.getProvider(),
        price.getName(),
        lower(price.getMatch()),
        price.getAliases(),
        price.getPurchaseOption(),
        price.getRegion(),
        price.getTeam(),
        price.getCustomer(),
        time(price.getValidFromMicros()),
        time(price.getValidToMicros()),
        price.getCurrency(),
        price.getCards().stream().map(Card::of).toList(),
        factors(price.getTierMultipliers()),
        factors(price.getRegionMultipliers()),
        price.getDiscountMillionths() == 0
            ? null
            : decimal(price.getDiscountMillionths(), PERCENT_DECIMALS),
        price.getOrigin(),
        price.getAsOf());
  }

  /** An amount in pico-USD as a decimal string, without trailing zeros. */
  static String usd(long pico) {
    return decimal(pico, Money.SCALE);
  }

  static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, String> factors(List<Multiplier> multipliers) {
    Map<String, String> factors = new TreeMap<>();
    multipliers.forEach(
        each -> factors.put(each.getName(), decimal(each.getMillionths(), MILLIONTHS_DECIMALS)));
    return factors;
  }

  private static String decimal(long value, int scale) {
    BigDecimal decimal = BigDecimal.valueOf(value, scale).stripTrailingZeros();
    return decimal.signum() == 0 ? "0" : decimal.toPlainString();
  }

  private static @Nullable String time(@Nullable Long micros) {
    return micros == null ? null : Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
  }
}
