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

/** A price made ready to be looked up in: checked, and its rates in arrays. Immutable. */
final class Terms {
  static final long MISSING = -1;

  private static final int MINUTES_PER_DAY = 1_440;
  private static final int METERS = Meter.values().length;
  private static final int MILLION = 1_000_000;
  private static final long MAX_MULTIPLIER = 1_000_000_000;
  private static final String USD = "USD";

  private final Price price;
  private final Card[] cards;
  private final Map<String, Factor> tiers;
  private final Map<String, Factor> regions = new HashMap<>();
  private final RegionPrefix[] regionPrefixes;
  private final Factor discount;
  private final boolean negotiated;

  /** A card, its rates by the meter's number, {@link #MISSING} where there is none. */
  static final class Card {
    private final RateCard card;
    private final long[] rates = new long[METERS];
    private final boolean allDay;

    private Card(RateCard card) {
      this.card = card;
      this.allDay = card.getFromMinute() == 0 && card.getToMinute() == MINUTES_PER_DAY;
      Arrays.fill(rates, MISSING);
      for (Rate rate : card.getRates()) {
        rates[rate.getMeter().ordinal()] = rate.getAmountPico();
      }
    }

    /** Amount of a meter, or {@link #MISSING}. */
    long rate(Meter meter) {
      return rates[meter.ordinal()];
    }

    RateCard card() {
      return card;
    }

    private boolean holdsAt(int minute) {
      if (allDay) {
        return true;
      }
      int from = card.getFromMinute();
      int to = card.getToMinute();
      return from < to ? minute >= from && minute < to : minute >= from || minute < to;
    }

    private int minutes() {
      int length = card.getToMinute() - card.getFromMinute();
      return length > 0 ? length : length + MINUTES_PER_DAY;
    }
  }

  private record RegionPrefix(String prefix, Factor factor) {}

  /**
   * @throws IllegalArgumentException if the price has no meaning, naming it, the field and the
   *     value
   */
  Terms(Price price) {
    this.price = price;
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
    this.cards = price.getCards().stream().map(this::card).toArray(Card[]::new);
    checkApart();
    this.tiers = new HashMap<>();
    for (Multiplier multiplier : price.getTierMultipliers()) {
      put(tiers, multiplier);
    }
    List<RegionPrefix> prefixes = new ArrayList<>();
    for (Multiplier multiplier : price.getRegionMultipliers()) {
      put(regions, multiplier);
      String name = multiplier.getName();
      if (name.endsWith("*")) {
        prefixes.add(new RegionPrefix(name.substring(0, name.length() - 1), factor(multiplier)));
      }
    }
    prefixes.sort(Comparator.comparingInt((RegionPrefix p) -> p.prefix.length()).reversed());
    this.regionPrefixes = prefixes.toArray(RegionPrefix[]::new);
  }

  Price price() {
    return price;
  }

  /** Whether a team or customer agreed it. */
  boolean negotiated() {
    return negotiated;
  }

  boolean inUsd() {
    return price.getCurrency().equals(USD);
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
    if (cards.length == 1) {
      Card only = cards[0];
      return holds(only, tier, inputTokens, minuteOfDay) ? only : null;
    }
    Card best = null;
    for (Card each : cards) {
      if (holds(each, tier, inputTokens, minuteOfDay) && (best == null || beats(each, best))) {
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

  private static boolean holds(Card card, String tier, long inputTokens, int minuteOfDay) {
    long above = card.card.getAboveInputTokens();
    return (above == 0 || inputTokens > above)
        && card.card.getServiceTier().equals(tier)
        && card.holdsAt(minuteOfDay);
  }

  private static boolean beats(Card a, Card b) {
    long aAbove = a.card.getAboveInputTokens();
    long bAbove = b.card.getAboveInputTokens();
    return aAbove == bAbove ? a.minutes() < b.minutes() : aAbove > bAbove;
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
        RateCard a = cards[i].card;
        RateCard b = cards[j].card;
        boolean alike =
            a.getServiceTier().equals(b.getServiceTier())
                && a.getAboveInputTokens() == b.getAboveInputTokens()
                && cards[i].allDay == cards[j].allDay;
        check(
            !alike || !meet(cards[i], cards[j]),
            "has two cards for tier \""
                + a.getServiceTier()
                + "\" above "
                + a.getAboveInputTokens()
                + " input tokens at the same time of day");
      }
    }
  }

  /** Two spans of a circle meet if one begins within the other. */
  private static boolean meet(Card a, Card b) {
    return a.holdsAt(b.card.getFromMinute()) || b.holdsAt(a.card.getFromMinute());
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
