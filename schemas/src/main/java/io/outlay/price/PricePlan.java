package io.outlay.price;

import io.outlay.money.Money;
import io.outlay.schema.Multiplier;
import io.outlay.schema.Price;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What an import does to the book: all of it, or nothing if anything is rejected. All lists are
 * ordered by id.
 *
 * @param added prices with a new id, version 1
 * @param changed corrections of prices: same id, next version
 * @param ended prices that only get an end, because another of their subject begins; next version
 * @param unchanged prices of the book that say what was read
 * @param rejected prices that contradict the book or each other
 * @param reading what was read, with what was left out of it
 * @param nowMicros time of the import, microseconds since 1970-01-01T00:00:00Z
 */
public record PricePlan(
    List<Price> added,
    List<Change> changed,
    List<Change> ended,
    List<Price> unchanged,
    List<Rejection> rejected,
    PriceReading reading,
    long nowMicros) {

  /**
   * A price before and after.
   *
   * @param before as the book has it
   * @param after with the next version
   */
  public record Change(Price before, Price after) {}

  /**
   * A price that cannot be imported.
   *
   * @param id its id
   * @param reason what it contradicts
   */
  public record Rejection(String id, String reason) {
    @Override
    public String toString() {
      return id + ": " + reason;
    }
  }

  /** Copies and orders the lists. */
  public PricePlan {
    added = added.stream().sorted(Comparator.comparing(Price::getId)).toList();
    changed = ordered(changed);
    ended = ordered(ended);
    unchanged = unchanged.stream().sorted(Comparator.comparing(Price::getId)).toList();
    rejected = rejected.stream().sorted(Comparator.comparing(Rejection::id)).toList();
  }

  private static List<Change> ordered(List<Change> changes) {
    return changes.stream()
        .sorted(Comparator.comparing((Change change) -> change.after.getId()))
        .toList();
  }

  /** Whether it may be carried out: nothing is rejected. */
  public boolean isApplicable() {
    return rejected.isEmpty();
  }

  /** Whether it would change nothing. */
  public boolean isEmpty() {
    return added.isEmpty() && changed.isEmpty() && ended.isEmpty();
  }

  /**
   * The prices to write, by id.
   *
   * @throws IllegalStateException if anything is rejected
   */
  public List<Price> prices() {
    if (!isApplicable()) {
      throw new IllegalStateException(
          rejected.size() + " prices are rejected, the first: " + rejected.get(0));
    }
    return Stream.concat(
            added.stream(), Stream.concat(changed.stream(), ended.stream()).map(Change::after))
        .sorted(Comparator.comparing(Price::getId))
        .toList();
  }

  /**
   * Since when past usage may cost something else, in microseconds since 1970-01-01T00:00:00Z;
   * {@link Long#MIN_VALUE} for since always; empty if only the future changes.
   */
  public OptionalLong changesPastFrom() {
    return Stream.of(
            added.stream().map(Validity::start),
            changed.stream()
                .map(
                    change ->
                        Math.min(Validity.start(change.before), Validity.start(change.after))),
            ended.stream().map(change -> Validity.end(change.after)))
        .flatMap(Function.identity())
        .mapToLong(Long::longValue)
        .filter(start -> start < nowMicros)
        .min();
  }

  /**
   * The plan for people: counts, and the first of each kind.
   *
   * @param shown how many of each kind are listed, at least 0
   */
  public String report(int shown) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%d added, %d changed, %d ended, %d unchanged, %d rejected; %d entries refused, %d parts left out%n"
            .formatted(
                added.size(),
                changed.size(),
                ended.size(),
                unchanged.size(),
                rejected.size(),
                reading.refused().size(),
                reading.leftOut().size())
            .replace("\r\n", "\n"));
    list(text, "rejected", rejected, shown, Rejection::toString);
    list(text, "added", added, shown, PricePlan::summary);
    list(text, "changed", changed, shown, PricePlan::difference);
    list(
        text,
        "ended",
        ended,
        shown,
        change -> change.after.getId() + " ends " + Validity.text(Validity.end(change.after)));
    list(text, "refused", reading.refused(), shown, PriceReading.Omission::toString);
    list(text, "left out", reading.leftOut(), shown, PriceReading.Omission::toString);
    if (!isApplicable()) {
      text.append("nothing is imported while a price is rejected\n");
    }
    return text.toString();
  }

  private static <T> void list(
      StringBuilder text, String title, List<T> items, int shown, Function<T, String> line) {
    if (items.isEmpty() || shown <= 0) {
      return;
    }
    text.append(title).append(":\n");
    items.stream()
        .limit(shown)
        .forEach(item -> text.append("  ").append(line.apply(item)).append('\n'));
    if (items.size() > shown) {
      text.append("  and ").append(items.size() - shown).append(" more\n");
    }
  }

  private static String summary(Price price) {
    Map<String, String> values = values(price);
    List<String> parts = new ArrayList<>();
    values.forEach((key, value) -> parts.add(key + " " + value));
    return price.getId() + ": " + String.join(", ", parts);
  }

  private static String difference(Change change) {
    Map<String, String> before = values(change.before);
    Map<String, String> after = values(change.after);
    Set<String> keys = new LinkedHashSet<>(before.keySet());
    keys.addAll(after.keySet());
    List<String> parts = new ArrayList<>();
    for (String key : keys) {
      String old = before.getOrDefault(key, "none");
      String now = after.getOrDefault(key, "none");
      if (!old.equals(now)) {
        parts.add(key + " " + old + " → " + now);
      }
    }
    return change.after.getId() + ": " + String.join(", ", parts);
  }

  /** What a price says, as it would stand in a file. */
  private static Map<String, String> values(Price price) {
    Map<String, String> values = new LinkedHashMap<>();
    Section section = Section.of(price.getKind());
    for (RateCard card : price.getCards()) {
      String where = where(card);
      for (Rate rate : card.getRates()) {
        String name =
            Objects.requireNonNullElse(
                section.rateKey(rate.getMeter()), rate.getMeter().name().toLowerCase(Locale.ROOT));
        values.put(name + where, plain(Money.toUsd(rate.getAmountPico())));
      }
    }
    for (Multiplier factor : price.getTierMultipliers()) {
      values.put(
          "tier " + factor.getName(), "×" + plain(BigDecimal.valueOf(factor.getMillionths(), 6)));
    }
    for (Multiplier factor : price.getRegionMultipliers()) {
      values.put(
          "region " + factor.getName(), "×" + plain(BigDecimal.valueOf(factor.getMillionths(), 6)));
    }
    if (section == Section.DISCOUNTS) {
      values.put("percent", plain(BigDecimal.valueOf(price.getDiscountMillionths(), 4)));
    }
    if (!price.getCurrency().equals("USD")) {
      values.put("currency", price.getCurrency());
    }
    if (!price.getAliases().isEmpty()) {
      values.put("aliases", String.join(" ", price.getAliases()));
    }
    if (price.getValidToMicros() != null) {
      values.put("to", Validity.text(price.getValidToMicros()));
    }
    return values;
  }

  private static String where(RateCard card) {
    StringBuilder where = new StringBuilder();
    if (!card.getServiceTier().isEmpty()) {
      where.append(' ').append(card.getServiceTier());
    }
    if (card.getAboveInputTokens() > 0) {
      where.append(" above ").append(card.getAboveInputTokens());
    }
    if (!Cards.isAllDay(card)) {
      where.append(
          " %02d:%02d-%02d:%02d"
              .formatted(
                  card.getFromMinute() / 60,
                  card.getFromMinute() % 60,
                  card.getToMinute() / 60,
                  card.getToMinute() % 60));
    }
    return where.toString();
  }

  private static String plain(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }
}
