package io.outlay.embedded.scenario;

import io.outlay.schema.Meter;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The demonstration's own reckoning of costs: in {@link BigDecimal} and straight from the price
 * file, sharing no code with the program that rates, so that the two can be held against each
 * other.
 */
public final class Reckoning {
  private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1_000);
  private static final BigDecimal SECONDS_PER_HOUR = BigDecimal.valueOf(3_600);
  private static final BigDecimal GB = BigDecimal.valueOf(1_000_000_000);
  private static final BigDecimal GB_MONTH_IN_BYTE_SECONDS =
      GB.multiply(BigDecimal.valueOf(2_592_000));
  private static final int PLACES = 12;

  private static final Map<String, Meter> TOKEN_METERS =
      Map.of(
          "input", Meter.INPUT_TOKENS,
          "cacheRead", Meter.CACHE_READ_TOKENS,
          "cacheWrite5m", Meter.CACHE_WRITE_5M_TOKENS,
          "output", Meter.OUTPUT_TOKENS);

  private final List<Price> prices;

  /**
   * @param prices as the price file holds them
   */
  public Reckoning(List<Price> prices) {
    this.prices = prices;
  }

  /** Cost of a call. */
  public BigDecimal call(
      String provider, String model, Instant time, Map<String, Long> tokens, long requests) {
    Price price = find(PriceKind.MODEL, provider, model, "", time);
    RateCard card = price.getCards().get(0);
    BigDecimal sum = BigDecimal.ZERO;
    for (Map.Entry<String, Long> bucket : tokens.entrySet()) {
      if (bucket.getValue() > 0) {
        BigDecimal rate = rate(card, TOKEN_METERS.get(bucket.getKey()));
        sum = sum.add(line(BigDecimal.valueOf(bucket.getValue()), rate, MILLION));
      }
    }
    for (Rate rate : card.getRates()) {
      if (rate.getMeter() == Meter.REQUESTS) {
        sum = sum.add(line(BigDecimal.valueOf(requests), usd(rate), THOUSAND));
      }
    }
    return sum;
  }

  /** Cost of accelerator time. */
  public BigDecimal gpu(
      String cloud, String gpuModel, String option, Instant time, BigDecimal seconds) {
    Price price = find(PriceKind.GPU, cloud, gpuModel, option, time);
    return line(seconds, rate(price.getCards().get(0), Meter.GPU_HOURS), SECONDS_PER_HOUR);
  }

  /** Cost of instance time. */
  public BigDecimal instance(String cloud, String type, Instant time, BigDecimal seconds) {
    Price price = find(PriceKind.COMPUTE, cloud, type, "on_demand", time);
    return line(seconds, rate(price.getCards().get(0), Meter.INSTANCE_HOURS), SECONDS_PER_HOUR);
  }

  /** Cost of bytes held. */
  public BigDecimal storage(String tier, Instant time, long bytes, long seconds) {
    Price price = find(PriceKind.STORAGE, "", tier, "", time);
    return line(
        BigDecimal.valueOf(bytes).multiply(BigDecimal.valueOf(seconds)),
        rate(price.getCards().get(0), Meter.STORAGE_GB_MONTHS),
        GB_MONTH_IN_BYTE_SECONDS);
  }

  /** Cost of bytes moved between tiers. */
  public BigDecimal move(String fromTier, String toTier, Instant time, long bytes) {
    Price price = find(PriceKind.STORAGE_MOVE, "", fromTier + ">" + toTier, "", time);
    return line(BigDecimal.valueOf(bytes), rate(price.getCards().get(0), Meter.MOVED_GB), GB);
  }

  /** Cost of bytes over a network. */
  public BigDecimal network(String cloud, String path, Instant time, long bytes) {
    Price price = find(PriceKind.NETWORK, cloud, path, "", time);
    return line(BigDecimal.valueOf(bytes), rate(price.getCards().get(0), Meter.TRANSFERRED_GB), GB);
  }

  private Price find(PriceKind kind, String provider, String name, String option, Instant time) {
    long micros = time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
    return prices.stream()
        .filter(
            price ->
                price.getKind() == kind
                    && price.getProvider().equals(provider)
                    && price.getName().equals(name)
                    && price.getPurchaseOption().equals(option)
                    && (price.getValidFromMicros() == null || price.getValidFromMicros() <= micros)
                    && (price.getValidToMicros() == null || micros < price.getValidToMicros()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "the price book has no " + provider + "/" + name + " " + option));
  }

  private static BigDecimal line(BigDecimal quantity, BigDecimal rate, BigDecimal per) {
    return quantity.multiply(rate).divide(per, PLACES, RoundingMode.HALF_EVEN);
  }

  private static BigDecimal rate(RateCard card, Meter meter) {
    return card.getRates().stream()
        .filter(rate -> rate.getMeter() == meter)
        .findFirst()
        .map(Reckoning::usd)
        .orElseThrow(() -> new IllegalStateException("the price book has no rate for " + meter));
  }

  private static BigDecimal usd(Rate rate) {
    return BigDecimal.valueOf(rate.getAmountPico(), PLACES);
  }
}
