package io.outlay.streams.rating;

import io.outlay.schema.Meter;
import io.outlay.schema.Price;
import io.outlay.schema.PricingStatus;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which price rated a usage and how each line of its bill came about; amounts in pico-USD.
 *
 * @param reason why it is {@code UNPRICED}; empty otherwise
 * @param price price that rated it; null if none did
 * @param steps what was looked for, in order, and what was found, the chosen price last; after it
 *     the discount and the exchange rates that took part
 * @param bills how the amounts came about: {@code cost} first, {@code list}, {@code standard tier},
 *     {@code uncached}, {@code avoided} and {@code baseline} where they were worked out
 */
public record Explanation(
    PricingStatus status,
    String reason,
    @Nullable Price price,
    long costPico,
    long listCostPico,
    @Nullable Long avoidedCostPico,
    @Nullable Long promptCacheSavedPico,
    @Nullable Long tierSavedPico,
    List<Step> steps,
    List<Bill> bills) {

  /**
   * One thing that was looked for.
   *
   * @param looked provider and name, and how they came from those of the usage
   * @param found the price, or why there was none
   * @param chosen whether that price was taken
   */
  public record Step(String looked, String found, boolean chosen) {}

  /**
   * The lines of one amount.
   *
   * @param purpose what the amount is, such as {@code cost}
   * @param sumPico sum of the lines
   */
  public record Bill(
      String purpose, String priceId, int priceVersion, List<Line> lines, long sumPico) {}

  /**
   * One quantity at one rate.
   *
   * @param meter meter whose rate was taken, which may stand in for that of the quantity
   * @param quantity in {@code unit}
   * @param unit such as {@code tokens} or {@code microseconds}
   * @param ratePico rate for {@code per} of the unit, in 10^-12 of {@code currency}
   * @param multipliers what changed the rate, in the order tier, region, exchange rate, discount;
   *     none that changes nothing
   * @param exactUsd amount before rounding, at most 30 decimals
   * @param amountPico amount after rounding once, half even, in pico-USD
   */
  public record Line(
      Meter meter,
      BigInteger quantity,
      String unit,
      long ratePico,
      BigInteger per,
      String currency,
      List<Multiplier> multipliers,
      BigDecimal exactUsd,
      long amountPico) {}

  /**
   * A factor on a rate.
   *
   * @param name what it is for, such as {@code tier flex} or {@code discount acme/all}
   */
  public record Multiplier(String name, BigDecimal factor) {}
}
