package io.outlay.price;

import io.outlay.money.Money;
import io.outlay.schema.Multiplier;
import io.outlay.schema.NameMatch;
import io.outlay.schema.Price;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Writes prices in the format {@code outlay-prices/1}: one entry to a line, sections in order. */
final class PriceFileWriter {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/+-]*");
  private static final String USD = "USD";

  private final StringBuilder out = new StringBuilder();
  private final String asOf;

  private PriceFileWriter(String asOf) {
    this.asOf = asOf;
  }

  static String write(Collection<Price> prices) {
    List<Price> sorted = new ArrayList<>(prices);
    sorted.sort(Comparator.comparing(PriceSubject::of).thenComparingLong(Validity::start));
    List<String> dates = sorted.stream().map(Price::getAsOf).distinct().toList();
    PriceFileWriter writer = new PriceFileWriter(dates.size() == 1 ? dates.get(0) : "");
    writer.file(sorted);
    return writer.out.toString();
  }

  private void file(List<Price> prices) {
    out.append("format: ").append(PriceFile.FORMAT).append('\n');
    if (!asOf.isEmpty()) {
      out.append("asOf: ").append(asOf).append('\n');
    }
    out.append("currency: ").append(USD).append('\n');
    for (Section section : Section.values()) {
      List<Price> entries =
          prices.stream().filter(price -> Section.of(price.getKind()) == section).toList();
      if (!entries.isEmpty()) {
        out.append('\n').append(section.key).append(":\n");
        for (int i = 0; i < entries.size(); i++) {
          boolean nextFollows =
              i + 1 < entries.size()
                  && PriceSubject.of(entries.get(i + 1)).equals(PriceSubject.of(entries.get(i)))
                  && Objects.equals(
                      entries.get(i).getValidToMicros(), entries.get(i + 1).getValidFromMicros());
          out.append("  - ").append(entry(section, entries.get(i), nextFollows)).append('\n');
        }
      }
    }
  }

  private String entry(Section section, Price price, boolean nextFollows) {
    Map<String, String> fields = new LinkedHashMap<>();
    put(fields, section.providerKey, price.getProvider());
    String[] names =
        section.nameKeys.size() == 1
            ? new String[] {price.getName()}
            : price.getName().split(">", section.nameKeys.size());
    for (int i = 0; i < names.length; i++) {
      put(fields, section.nameKeys.get(i), names[i]);
    }
    put(fields, "purchaseOption", price.getPurchaseOption());
    if (price.getMatch() == NameMatch.PREFIX && !price.getName().isEmpty()) {
      fields.put("match", "prefix");
    }
    if (!price.getAliases().isEmpty()) {
      fields.put(
          "aliases",
          "["
              + String.join(", ", price.getAliases().stream().map(PriceFileWriter::scalar).toList())
              + "]");
    }
    put(fields, "region", price.getRegion());
    put(fields, "team", price.getTeam());
    put(fields, "customer", price.getCustomer());
    if (price.getValidFromMicros() != null) {
      fields.put("from", scalar(Validity.text(price.getValidFromMicros())));
    }
    if (price.getValidToMicros() != null && !nextFollows) {
      fields.put("to", scalar(Validity.text(price.getValidToMicros())));
    }
    if (!price.getAsOf().equals(asOf)) {
      put(fields, "asOf", price.getAsOf());
    }
    switch (section) {
      case EXCHANGE_RATES -> {
        if (price.getCards().size() != 1
            || price.getCards().get(0).getRates().size() != 1
            || !price.getCurrency().equals(USD)) {
          throw inexpressible(price, "an exchange rate is one amount in USD");
        }
        fields.put("usd", amount(price.getCards().get(0).getRates().get(0).getAmountPico()));
      }
      case DISCOUNTS -> fields.put("percent", decimal(price.getDiscountMillionths(), 4));
      default -> rates(section, price, fields);
    }
    for (String key : fields.keySet()) {
      if (!section.known().contains(key)) {
        throw inexpressible(price, section.key + " have no " + key);
      }
    }
    return mapping(fields);
  }

  private static void rates(Section section, Price price, Map<String, String> fields) {
    if (!price.getCurrency().equals(USD)) {
      put(fields, "currency", price.getCurrency());
    }
    Map<String, String> tiers = new TreeMap<>();
    Map<String, List<RateCard>> byTier = new TreeMap<>();
    for (RateCard card : price.getCards()) {
      byTier.computeIfAbsent(card.getServiceTier(), tier -> new ArrayList<>()).add(card);
    }
    if (!byTier.containsKey("")) {
      throw inexpressible(price, "it has no standard rates");
    }
    byTier.forEach(
        (tier, cards) -> {
          Map<String, String> parts = tier.isEmpty() ? fields : new LinkedHashMap<>();
          tier(section, price, cards, parts);
          if (!tier.isEmpty()) {
            tiers.put(tier, mapping(parts));
          }
        });
    for (Multiplier factor : price.getTierMultipliers()) {
      String text = "{multiplier: " + decimal(factor.getMillionths(), 6) + "}";
      if (tiers.putIfAbsent(factor.getName(), text) != null) {
        throw inexpressible(price, factor.getName() + " has both rates and a multiplier");
      }
    }
    if (!tiers.isEmpty()) {
      fields.put("tiers", mapping(tiers));
    }
    Map<String, String> regions = new LinkedHashMap<>();
    for (Multiplier factor : price.getRegionMultipliers()) {
      regions.put(factor.getName(), decimal(factor.getMillionths(), 6));
    }
    if (!regions.isEmpty()) {
      fields.put("regions", mapping(regions));
    }
  }

  private static void tier(
      Section section, Price price, List<RateCard> cards, Map<String, String> parts) {
    Map<Long, List<RateCard>> byThreshold = new TreeMap<>();
    for (RateCard card : cards) {
      byThreshold.computeIfAbsent(card.getAboveInputTokens(), t -> new ArrayList<>()).add(card);
    }
    if (!byThreshold.containsKey(0L)) {
      throw inexpressible(price, "a tier has rates above a threshold only");
    }
    List<String> above = new ArrayList<>();
    byThreshold.forEach(
        (threshold, same) -> {
          Map<String, String> target = threshold == 0 ? parts : new LinkedHashMap<>();
          if (threshold != 0) {
            target.put("inputTokens", Long.toString(threshold));
          }
          day(section, price, same, target);
          if (threshold != 0) {
            above.add(mapping(target));
          }
        });
    if (!above.isEmpty()) {
      parts.put("above", "[" + String.join(", ", above) + "]");
    }
  }

  private static void day(
      Section section, Price price, List<RateCard> cards, Map<String, String> parts) {
    List<String> daily = new ArrayList<>();
    for (RateCard card : cards) {
      Map<String, String> rates = new LinkedHashMap<>();
      for (Rate rate : Cards.sorted(card.getRates())) {
        String key = section.rateKey(rate.getMeter());
        if (key == null) {
          throw inexpressible(price, section.key + " have no rate for " + rate.getMeter());
        }
        rates.put(key, amount(rate.getAmountPico()));
      }
      if (Cards.isAllDay(card)) {
        if (parts.put("rates", mapping(rates)) != null) {
          throw inexpressible(price, "it has two cards for the same usage");
        }
      } else {
        daily.add(
            "{from: %s, to: %s, rates: %s}"
                .formatted(time(card.getFromMinute()), time(card.getToMinute()), mapping(rates)));
      }
    }
    if (!parts.containsKey("rates")) {
      throw inexpressible(price, "it has rates for a part of the day only");
    }
    if (!daily.isEmpty()) {
      parts.put("daily", "[" + String.join(", ", daily) + "]");
    }
  }

  private static void put(Map<String, String> fields, String key, String value) {
    if (!value.isEmpty()) {
      fields.put(key, scalar(value));
    }
  }

  private static String mapping(Map<String, String> fields) {
    StringBuilder text = new StringBuilder("{");
    fields.forEach(
        (key, value) ->
            text.append(text.length() > 1 ? ", " : "")
                .append(scalar(key))
                .append(": ")
                .append(value));
    return text.append('}').toString();
  }

  private static String amount(long pico) {
    return plain(Money.toUsd(pico));
  }

  private static String decimal(long millionths, int decimals) {
    return plain(BigDecimal.valueOf(millionths, decimals));
  }

  private static String plain(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  private static String time(int minute) {
    return "\"%02d:%02d\"".formatted(minute / 60, minute % 60);
  }

  /** A value as it stands in YAML: quoted unless it is plain beyond doubt. */
  private static String scalar(String value) {
    if (PLAIN.matcher(value).matches()) {
      return value;
    }
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private static IllegalArgumentException inexpressible(Price price, String reason) {
    return new IllegalArgumentException(price.getId() + " cannot be written: " + reason);
  }
}
