package io.outlay.price;

import io.outlay.schema.Meter;
import io.outlay.schema.Multiplier;
import io.outlay.schema.NameMatch;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Prices of every kind with everything that they can say, without overlaps or ties. */
final class RandomPrices {
  private static final long DAY = 86_400_000_000L;
  private static final List<String> ODD =
      List.of("a b", "x:y", "{z}", "null", "0613", "ä\"\\", "日本", "it's", "a, b", "#1", "-", "é@2");

  private final Random random;
  private final Set<PriceSubject> subjects = new HashSet<>();
  private int names;

  RandomPrices(long seed) {
    random = new Random(seed);
  }

  List<Price> some() {
    List<Price> prices = new ArrayList<>();
    Map<String, Price> byId = new LinkedHashMap<>();
    for (int i = 0; i < 12; i++) {
      Price price = one();
      if (!subjects.add(PriceSubject.of(price))) {
        continue;
      }
      int periods = 1 + random.nextInt(3);
      Long from = random.nextBoolean() ? null : time(0);
      for (int p = 0; p < periods; p++) {
        Price period = Price.newBuilder(price).build();
        period.setValidFromMicros(from);
        Long to = p == periods - 1 && random.nextBoolean() ? null : time(p + 1);
        period.setValidToMicros(to);
        period.setId(PriceSubject.of(period).id(from));
        rates(period);
        Cards.order(period);
        byId.putIfAbsent(period.getId(), period);
        from = to == null ? time(p + 1) : Long.valueOf(to + (random.nextBoolean() ? 0 : DAY / 7));
      }
    }
    prices.addAll(byId.values());
    prices.sort(java.util.Comparator.comparing(Price::getId));
    return prices;
  }

  private long time(int step) {
    long offset = random.nextBoolean() ? random.nextInt(300) * DAY : random.nextLong(300 * DAY);
    return 1_700_000_000_000_000L / DAY * DAY + step * 400 * DAY + offset;
  }

  private Price one() {
    PriceKind kind = PriceKind.values()[random.nextInt(PriceKind.values().length)];
    Price price = PriceFile.blank(kind);
    price.setOrigin("test");
    price.setAsOf(random.nextInt(4) == 0 ? "2026-08-31" : "2026-09-01");
    price.setProvider(kind == PriceKind.EXCHANGE_RATE ? "" : "p" + random.nextInt(2));
    names++;
    switch (kind) {
      case STORAGE -> price.setName(pick(List.of("hot", "warm", "cold", "archive")));
      case STORAGE_MOVE ->
          price.setName(pick(List.of("hot", "warm")) + ">" + pick(List.of("cold", "archive")));
      case NETWORK -> price.setName(pick(List.of("egress", "cdn")));
      case EXCHANGE_RATE -> price.setName(pick(List.of("EUR", "GBP", "JPY", "CHF")));
      default -> price.setName(pick(ODD) + names);
    }
    if (kind == PriceKind.GPU || kind == PriceKind.COMPUTE) {
      price.setPurchaseOption(pick(List.of("on_demand", "spot", "reserved")));
    }
    if (kind != PriceKind.EXCHANGE_RATE) {
      price.setRegion(random.nextBoolean() ? "" : pick(ODD));
      price.setTeam(random.nextBoolean() && kind != PriceKind.DISCOUNT ? "" : pick(ODD));
      price.setCustomer(random.nextBoolean() ? "" : pick(ODD));
    }
    if (Section.of(kind).hasFreeNames()) {
      price.setMatch(random.nextBoolean() ? NameMatch.EXACT : NameMatch.PREFIX);
      List<String> aliases = new ArrayList<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        aliases.add(pick(ODD) + "/" + names + "/" + i);
      }
      price.setAliases(aliases);
    }
    return price;
  }

  private void rates(Price price) {
    if (price.getKind() == PriceKind.DISCOUNT) {
      price.setDiscountMillionths(random.nextInt(1_000_001));
      return;
    }
    if (price.getKind() == PriceKind.EXCHANGE_RATE) {
      price.setCards(
          List.of(Cards.allDay("", 0, List.of(new Rate(Meter.CURRENCY_UNITS, 1 + amount())))));
      return;
    }
    price.setCurrency(pick(List.of("USD", "USD", "EUR")));
    price.setRegionMultipliers(factors(List.of("eu*", "us", "ap south")));
    List<RateCard> cards = new ArrayList<>();
    if (price.getKind() == PriceKind.MODEL) {
      List<String> tiers = new ArrayList<>(List.of("flex", "batch", "own tier"));
      Collections.shuffle(tiers, random);
      price.setTierMultipliers(factors(tiers.subList(0, 1)));
      tier("", price, cards);
      tiers.subList(1, 1 + random.nextInt(3)).forEach(tier -> tier(tier, price, cards));
    } else {
      cards.add(Cards.allDay("", 0, some(price)));
    }
    price.setCards(cards);
  }

  private void tier(String tier, Price price, List<RateCard> cards) {
    TreeSet<Long> thresholds = new TreeSet<>(List.of(0L));
    for (int i = random.nextInt(3); i > 0; i--) {
      thresholds.add(1 + random.nextLong(1_000_000));
    }
    for (long threshold : thresholds) {
      cards.add(Cards.allDay(tier, threshold, some(price)));
      if (random.nextInt(3) == 0) {
        int from = random.nextInt(600);
        cards.add(new RateCard(threshold, tier, from, from + 1 + random.nextInt(60), some(price)));
        cards.add(
            new RateCard(
                threshold,
                tier,
                1000 + random.nextInt(440),
                random.nextInt(from + 1),
                some(price)));
      }
    }
    for (RateCard card : cards) {
      card.setToMinute(card.getToMinute() == 0 ? Cards.DAY : card.getToMinute());
    }
  }

  private List<Rate> some(Price price) {
    List<Meter> meters =
        new ArrayList<>(Section.of(price.getKind()).meters.values().stream().sorted().toList());
    Collections.shuffle(meters, random);
    return Cards.sorted(
        meters.subList(0, 1 + random.nextInt(meters.size())).stream()
            .map(meter -> new Rate(meter, amount()))
            .toList());
  }

  private List<Multiplier> factors(List<String> names) {
    List<Multiplier> factors = new ArrayList<>();
    for (String name : names) {
      if (random.nextBoolean()) {
        factors.add(new Multiplier(name, 1 + random.nextLong(1_000_000_000L)));
      }
    }
    return factors;
  }

  private long amount() {
    return random.nextBoolean()
        ? random.nextInt(100) * 10_000_000_000L
        : random.nextLong(999_999_999_999_999_998L);
  }

  private <T> T pick(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }
}
