package io.outlay.streams.rating;

import io.outlay.money.Factor;
import io.outlay.schema.Meter;
import io.outlay.schema.Multiplier;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A price made ready to be looked up in: checked, and its rates in arrays. Immutable. A large book
 * does not fit into the processor's cache and its prices are read in no order, so that rating
 * mostly waits for memory: what every event needs lies in few objects here, none of them the price
 * itself.
 */
final class Terms {
  static final long MISSING = -1;

  private static final int MINUTES_PER_DAY = 1_440;
  private static final int MILLION = 1_000_000;
  private static final long MAX_MULTIPLIER = 1_000_000_000;
  private static final String USD = "USD";

  private final Price price;
  private final String id;
  private final int version;
  private final long startMicros;
  private final long endMicros;
  private final Card[] cards;

  /** The card of a price that has one, as most have. */
  private final @Nullable Card only;

  private final Map<String, Factor> tiers;
  private final Map<String, Factor> regions;
  private final RegionPrefix[] regionPrefixes;
  private final Factor discount;
  private final boolean negotiated;
  private final boolean inUsd;

  /**
   * A card, its rates by the meter's number up to the last that it has, {@link #MISSING} where
   * there is none.
   */
  static final class Card {
    private final long aboveInputTokens;
    private final String serviceTier;
    private final int fromMinute;
    private final int toMinute;
    private final long[] rates;

    private Card(RateCard card) {
      this.aboveInputTokens = card.getAboveInputTokens();
      // Cards of the same tier share its text, so that it is at hand.
      this.serviceTier = card.getServiceTier().intern();
      this.fromMinute = card.getFromMinute();
      this.toMinute = card.getToMinute();
      int meters =
          card.getRates().stream().mapToInt(rate -> rate.getMeter().ordinal() + 1).max().orElse(0);
      this.rates = new long[meters];
      Arrays.fill(rates, MISSING);
      for (Rate rate : card.getRates()) {
        rates[rate.getMeter().ordinal()] = rate.getAmountPico();
      }
    }

    /** Amount of a meter, or {@link #MISSING}. */
    long rate(Meter meter) {
      int number = meter.ordinal();
      return number < rates.length ? rates[number] : MISSING;
    }

    private boolean holds(String tier, long inputTokens, int minuteOfDay) {
      return (aboveInputTokens == 0 || inputTokens > aboveInputTokens)
          && serviceTier.equals(tier)
          && holdsAt(minuteOfDay);
    }

    private boolean beats(Card other) {
      return aboveInputTokens == other.aboveInputTokens
          ? minutes() < other.minutes()
          : aboveInputTokens > other.aboveInputTokens;
    }

    private boolean allDay() {
      return fromMinute == 0 && toMinute == MINUTES_PER_DAY;
    }

    private boolean holdsAt(int minute) {
      return fromMinute < toMinute
          ? minute >= fromMinute && minute < toMinute
          : minute >= fromMinute || minute < toMinute;
    }

    private int minutes() {
      int length = toMinute - fromMinute;
      return length > 0 ? length : length + MINUTES_PER_DAY;
    }

    /** Two spans of a circle meet if one begins within the other. */
    private boolean meets(Card other) {
      return holdsAt(other.fromMinute) || other.holdsAt(fromMinute);
    }
  }

  private record RegionPrefix(String prefix, Factor factor) {}

  /**
   * @throws IllegalArgumentException if the price has no meaning, naming it, the field and the
   *     value
   */
  Terms(Price price) {
    this.price = price;
    this.id = price.getId();
    this.version = price.getVersion();
    this.inUsd = price.getCurrency().equals(USD);
    this.negotiated = !price.getTeam().isEmpty() || !price.getCustomer().isEmpty();
    check(
        price.getDiscountMillionths() >= 0 && price.getDiscountMillionths() <= MILLION,
        "discountMillionths must be 0 to 1000000, was " + price.getDiscountMillionths());
    this.discount = Factor.ofMillionths(MILLION - price.getDiscountMillionths());
    check(
        price.getKind() == PriceKind.DISCOUNT || !price.getCards().isEmpty(),
        "must have a rate card");
    check(
        price.getKind() != PriceKind.EXCHANGE_RATE || price.getCurrency().equals(USD),
        "an exchange rate must be in USD, was in " + price.getCurrency());
    Long from = price.getValidFromMicros();
    Long to = price.getValidToMicros();
    check(from == null || to == null || from < to, "must end after it starts");
    this.startMicros = from == null ? Long.MIN_VALUE : from;
    this.endMicros = to == null ? Long.MAX_VALUE : to;
    this.cards = price.getCards().stream().map(this::card).toArray(Card[]::new);
    this.only = cards.length == 1 ? cards[0] : null;
    checkApart();
    Map<String, Factor> byTier = new HashMap<>();
    for (Multiplier multiplier : price.getTierMultipliers()) {
      put(byTier, multiplier);
    }
    // Copies, because all empty ones are the same one, which is at hand.
    this.tiers = Map.copyOf(byTier);
    Map<String, Factor> byRegion = new HashMap<>();
    List<RegionPrefix> prefixes = new ArrayList<>();
    for (Multiplier multiplier : price.getRegionMultipliers()) {
      put(byRegion, multiplier);
      String name = multiplier.getName();
      if (name.endsWith("*")) {
        prefixes.add(new RegionPrefix(name.substring(0, name.length() - 1), factor(multiplier)));
      }
    }
    prefixes.sort(Comparator.comparingInt((RegionPrefix p) -> p.prefix.length()).reversed());
    this.regions = Map.copyOf(byRegion);
    this.regionPrefixes = prefixes.toArray(RegionPrefix[]::new);
  }

  Price price() {
    return price;
  }

  /** Of the price. */
  String id() {
    return id;
  }

  /** Of the price. */
  int version() {
    return version;
  }

  /** When the price begins to hold, in microseconds; the least number if it always did. */
  long startMicros() {
    return startMicros;
  }

  /** When the price ceases to hold, in microseconds; the greatest number if never. */
  long endMicros() {
    return endMicros;
  }

  /** Whether a team or customer agreed it. */
  boolean negotiated() {
    return negotiated;
  }

  boolean inUsd() {
    return inUsd;
  }

  /** What is left of an amount after the discount that this price is. */
  Factor discount() {
    return discount;
  }

  /**
   * The card of a tier that holds: the highest threshold that the input exceeds, then the shortest
   * time of day. Null if the tier has none.
   *
   * @param tier empty for standard
   */
  @Nullable Card card(String tier, long inputTokens, int minuteOfDay) {
    if (only != null) {
      return only.holds(tier, inputTokens, minuteOfDay) ? only : null;
    }
    Card best = null;
    for (Card each : cards) {
      if (each.holds(tier, inputTokens, minuteOfDay) && (best == null || each.beats(best))) {
        best = each;
      }
    }
    return best;
  }

  /** Factor of a tier without cards, or null if there is none. */
  @Nullable Factor tier(String tier) {
    return tiers.get(tier);
  }

  /** Factor of a region: its own, else that of the longest {@code x*}, else one. */
  Factor region(String region) {
    if (regions.isEmpty()) {
      return Factor.ONE;
    }
    Factor exact = regions.get(region);
    if (exact != null) {
      return exact;
    }
    for (RegionPrefix each : regionPrefixes) {
      if (region.startsWith(each.prefix)) {
        return each.factor;
      }
    }
    return Factor.ONE;
  }

  private Card card(RateCard card) {
    check(
        card.getAboveInputTokens() >= 0,
        "aboveInputTokens must be >= 0, was " + card.getAboveInputTokens());
    check(
        card.getFromMinute() >= 0 && card.getFromMinute() < MINUTES_PER_DAY,
        "fromMinute must be 0 to 1439, was " + card.getFromMinute());
    check(
        card.getToMinute() >= 1 && card.getToMinute() <= MINUTES_PER_DAY,
        "toMinute must be 1 to 1440, was " + card.getToMinute());
    check(
        card.getFromMinute() != card.getToMinute(),
        "toMinute must differ from fromMinute, both were " + card.getToMinute());
    Set<Meter> meters = new HashSet<>();
    for (Rate rate : card.getRates()) {
      check(
          rate.getAmountPico() >= 0,
          "rate of " + rate.getMeter() + " must be >= 0, was " + rate.getAmountPico());
      check(meters.add(rate.getMeter()), "has two rates of " + rate.getMeter() + " in one card");
    }
    return new Card(card);
  }

  /** Of two cards that hold at once one must be more specific. */
  private void checkApart() {
    for (int i = 0; i < cards.length; i++) {
      for (int j = 0; j < i; j++) {
        Card a = cards[i];
        Card b = cards[j];
        boolean alike =
            a.serviceTier.equals(b.serviceTier)
                && a.aboveInputTokens == b.aboveInputTokens
                && a.allDay() == b.allDay();
        check(
            !alike || !a.meets(b),
            "has two cards for tier \""
                + a.serviceTier
                + "\" above "
                + a.aboveInputTokens
                + " input tokens at the same time of day");
      }
    }
  }

  private void put(Map<String, Factor> factors, Multiplier multiplier) {
    check(
        factors.put(multiplier.getName(), factor(multiplier)) == null,
        "has two multipliers for " + multiplier.getName());
  }

  private Factor factor(Multiplier multiplier) {
    check(
        multiplier.getMillionths() >= 1 && multiplier.getMillionths() <= MAX_MULTIPLIER,
        "multiplier of "
            + multiplier.getName()
            + " must be 1 to 1000000000 millionths, was "
            + multiplier.getMillionths());
    return Factor.ofMillionths(multiplier.getMillionths());
  }

  private void check(boolean sound, String what) {
    if (!sound) {
      throw new IllegalArgumentException("price " + price.getId() + ": " + what);
    }
  }
}
