package io.outlay.price;

import io.outlay.schema.NameMatch;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The periods that prices hold for, and where two of them cannot hold at once. */
final class Validity {
  private static final long MICROS_PER_SECOND = 1_000_000L;
  private static final long MICROS_PER_DAY = 86_400L * MICROS_PER_SECOND;

  private Validity() {}

  /** A price with the line that it was read from; 0 if it was not read from a file. */
  record Entry(Price price, int line) {}

  /** Two prices that a usage of this name would find at the same time. */
  record Tie(Entry first, Entry second, String name) {}

  static long start(Price price) {
    return Objects.requireNonNullElse(price.getValidFromMicros(), Long.MIN_VALUE);
  }

  static long end(Price price) {
    return Objects.requireNonNullElse(price.getValidToMicros(), Long.MAX_VALUE);
  }

  static boolean overlap(Price a, Price b) {
    return start(a) < end(b) && start(b) < end(a);
  }

  /** A date where the time is a midnight, else an instant. */
  static String text(long micros) {
    Instant instant =
        Instant.ofEpochSecond(
            Math.floorDiv(micros, MICROS_PER_SECOND),
            Math.floorMod(micros, MICROS_PER_SECOND) * 1_000);
    return Math.floorMod(micros, MICROS_PER_DAY) == 0
        ? LocalDate.ofInstant(instant, ZoneOffset.UTC).toString()
        : instant.toString();
  }

  /**
   * Reads a date, which means its midnight in UTC, or an instant.
   *
   * @return microseconds since 1970-01-01T00:00:00Z
   * @throws PriceFileException if it is neither
   */
  static long micros(String key, String text, int line) {
    try {
      Instant instant =
          text.indexOf('T') < 0
              ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
              : Instant.parse(text);
      return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    } catch (DateTimeException | ArithmeticException e) {
      throw new PriceFileException(
          line,
          key
              + " must be a date such as 2026-11-21 or an instant such as 2026-11-21T02:00:00Z, was "
              + text);
    }
  }

  /**
   * Ends each price where the next of its subject begins.
   *
   * @return the prices by id, which is set
   */
  static List<Price> settle(List<Entry> entries, Faults faults) {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(
        Comparator.comparing((Entry entry) -> PriceSubject.of(entry.price).toString())
            .thenComparingLong(entry -> start(entry.price)));
    for (int i = 0; i < sorted.size(); i++) {
      Price price = sorted.get(i).price;
      price.setId(PriceSubject.of(price).id(price.getValidFromMicros()));
      if (end(price) <= start(price)) {
        faults.add(sorted.get(i).line, price.getId() + " ends before it starts");
      } else if (i > 0) {
        follow(sorted.get(i - 1).price, sorted.get(i), faults);
      }
    }
    for (Tie tie : ties(sorted)) {
      Entry later = tie.first.line > tie.second.line ? tie.first : tie.second;
      Entry former = later == tie.first ? tie.second : tie.first;
      faults.add(
          later.line,
          "alias or model "
              + tie.name
              + " of "
              + later.price.getId()
              + " is one of "
              + former.price.getId()
              + " too");
    }
    return sorted.stream().map(Entry::price).sorted(Comparator.comparing(Price::getId)).toList();
  }

  private static void follow(Price former, Entry next, Faults faults) {
    if (!PriceSubject.of(former).equals(PriceSubject.of(next.price))) {
      if (former.getId().equals(next.price.getId())) {
        faults.add(next.line, "a second price with the id " + former.getId());
      }
      return;
    }
    if (start(former) == start(next.price)) {
      faults.add(next.line, "a second price for " + next.price.getId());
    } else if (former.getValidToMicros() == null) {
      former.setValidToMicros(next.price.getValidFromMicros());
    } else if (end(former) > start(next.price)) {
      faults.add(
          next.line, next.price.getId() + " overlaps " + former.getId() + ", which ends later");
    }
  }

  /** Prices of different subjects that share a name or alias at some time. */
  static List<Tie> ties(Collection<Entry> entries) {
    Map<NameKey, List<Entry>> byName = new HashMap<>();
    for (Entry entry : entries) {
      NameKey.of(entry.price, entry.price.getName(), byName, entry);
      for (String alias : entry.price.getAliases()) {
        NameKey.of(entry.price, alias, byName, entry);
      }
    }
    List<Tie> ties = new ArrayList<>();
    byName.forEach(
        (key, same) -> {
          for (int i = 1; i < same.size(); i++) {
            for (int j = 0; j < i; j++) {
              Price a = same.get(j).price;
              Price b = same.get(i).price;
              if (overlap(a, b) && !PriceSubject.of(a).equals(PriceSubject.of(b))) {
                ties.add(new Tie(same.get(j), same.get(i), key.name));
              }
            }
          }
        });
    ties.sort(Comparator.comparing(tie -> tie.name));
    return ties;
  }

  private record NameKey(
      PriceKind kind,
      String provider,
      String name,
      NameMatch match,
      String purchaseOption,
      String region,
      String team,
      String customer) {
    static void of(Price price, String name, Map<NameKey, List<Entry>> byName, Entry entry) {
      byName
          .computeIfAbsent(
              new NameKey(
                  price.getKind(),
                  price.getProvider(),
                  name,
                  price.getMatch(),
                  price.getPurchaseOption(),
                  price.getRegion(),
                  price.getTeam(),
                  price.getCustomer()),
              key -> new ArrayList<>(1))
          .add(entry);
    }
  }
}
