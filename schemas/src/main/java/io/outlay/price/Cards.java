package io.outlay.price;

import io.outlay.schema.Multiplier;
import io.outlay.schema.Price;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Rate cards in the order that prices keep them: the base card is the first. */
final class Cards {
  /** Minutes of a day. */
  static final int DAY = 1440;

  private static final Comparator<RateCard> ORDER =
      Comparator.comparing(RateCard::getServiceTier)
          .thenComparing(RateCard::getAboveInputTokens)
          .thenComparing(card -> !isAllDay(card))
          .thenComparing(RateCard::getFromMinute)
          .thenComparing(RateCard::getToMinute);

  private Cards() {}

  static RateCard allDay(String tier, long aboveInputTokens, List<Rate> rates) {
    return new RateCard(aboveInputTokens, tier, 0, DAY, sorted(rates));
  }

  static List<Rate> sorted(List<Rate> rates) {
    List<Rate> sorted = new ArrayList<>(rates);
    sorted.sort(Comparator.comparing(Rate::getMeter));
    return sorted;
  }

  static boolean isAllDay(RateCard card) {
    return card.getFromMinute() == 0 && card.getToMinute() == DAY;
  }

  /** Whether two times of day meet; either may run over midnight. */
  static boolean meet(RateCard a, RateCard b) {
    return holds(a, b.getFromMinute()) || holds(b, a.getFromMinute());
  }

  private static boolean holds(RateCard card, int minute) {
    return card.getFromMinute() < card.getToMinute()
        ? minute >= card.getFromMinute() && minute < card.getToMinute()
        : minute >= card.getFromMinute() || minute < card.getToMinute();
  }

  /** Puts cards, multipliers and aliases in order. */
  static void order(Price price) {
    List<RateCard> cards = new ArrayList<>(price.getCards());
    cards.sort(ORDER);
    price.setCards(cards);
    price.setTierMultipliers(ordered(price.getTierMultipliers()));
    price.setRegionMultipliers(ordered(price.getRegionMultipliers()));
    price.setAliases(new ArrayList<>(price.getAliases().stream().distinct().sorted().toList()));
  }

  private static List<Multiplier> ordered(List<Multiplier> multipliers) {
    List<Multiplier> ordered = new ArrayList<>(multipliers);
    ordered.sort(Comparator.comparing(Multiplier::getName));
    return ordered;
  }
}
