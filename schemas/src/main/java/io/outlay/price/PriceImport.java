package io.outlay.price;

import io.outlay.price.PricePlan.Change;
import io.outlay.price.PricePlan.Rejection;
import io.outlay.schema.Price;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Plans how prices that were read change the book. Only prices of the same {@link PriceSubject} are
 * touched, whatever their origin.
 *
 * <ul>
 *   <li>A price that starts when one of the book does corrects it: same id, next version.
 *   <li>A price that starts later ends the one that held at its start.
 *   <li>A price without an end holds until the next of its subject in the book.
 *   <li>A price that says what already holds at its start changes nothing.
 *   <li>What would overlap, or end a price and leave time without one behind it, is rejected.
 * </ul>
 *
 * The same prices planned again, after the plan was carried out, give an empty plan.
 */
public final class PriceImport {
  private PriceImport() {}

  /**
   * Plans an import.
   *
   * @param current the book; of two prices with the same id the higher version holds
   * @param reading what was read
   * @param from start of prices that name none; null for since always
   * @param now time of the import
   */
  public static PricePlan plan(
      Collection<Price> current, PriceReading reading, @Nullable Instant from, Instant now) {
    Planner planner = new Planner(current);
    Long start = from == null ? null : ChronoUnit.MICROS.between(Instant.EPOCH, from);
    TreeMap<PriceSubject, List<Price>> bySubject = new TreeMap<>();
    for (Price read : reading.prices()) {
      Price price = copy(read);
      if (price.getValidFromMicros() == null) {
        price.setValidFromMicros(start);
      }
      Cards.order(price);
      PriceSubject subject = PriceSubject.of(price);
      price.setId(subject.id(price.getValidFromMicros()));
      bySubject.computeIfAbsent(subject, s -> new ArrayList<>()).add(price);
    }
    bySubject.forEach(planner::subject);
    planner.ties();
    return planner.plan(reading, ChronoUnit.MICROS.between(Instant.EPOCH, now));
  }

  /** A price of its own; lists are shared, because they are replaced and never changed. */
  private static Price copy(Price price) {
    return new Price(
        price.getId(),
        price.getVersion(),
        price.getKind(),
        price.getProvider(),
        price.getName(),
        price.getPurchaseOption(),
        price.getMatch(),
        price.getAliases(),
        price.getRegion(),
        price.getTeam(),
        price.getCustomer(),
        price.getValidFromMicros(),
        price.getValidToMicros(),
        price.getCards(),
        price.getTierMultipliers(),
        price.getRegionMultipliers(),
        price.getDiscountMillionths(),
        price.getCurrency(),
        price.getOrigin(),
        price.getAsOf());
  }

  /** Whether two prices charge the same for the same usage, leaving aside when and for what. */
  static boolean sameTerms(Price a, Price b) {
    return terms(a).equals(terms(b));
  }

  private static List<Object> terms(Price price) {
    return List.of(
        price.getCards(),
        price.getTierMultipliers(),
        price.getRegionMultipliers(),
        price.getDiscountMillionths(),
        price.getCurrency());
  }

  /** Whether nothing but version, origin and date of the figures differs. */
  private static boolean same(Price a, Price b) {
    return samePeriod(a, b) && sameTerms(a, b) && a.getAliases().equals(b.getAliases());
  }

  private static boolean samePeriod(Price a, Price b) {
    return Validity.start(a) == Validity.start(b) && Validity.end(a) == Validity.end(b);
  }

  private static final class Planner {
    private final Map<String, Price> before = new HashMap<>();
    private final Map<PriceSubject, TreeMap<Long, Price>> book = new HashMap<>();
    private final Set<String> read = new HashSet<>();
    private final Set<Rejection> rejected = new LinkedHashSet<>();
    private final List<Price> unchanged = new ArrayList<>();

    Planner(Collection<Price> current) {
      for (Price price : current) {
        Price copy = copy(price);
        Cards.order(copy);
        before.merge(price.getId(), copy, (a, b) -> a.getVersion() >= b.getVersion() ? a : b);
      }
      for (Price price : before.values()) {
        Price twin =
            book.computeIfAbsent(PriceSubject.of(price), s -> new TreeMap<>())
                .put(Validity.start(price), copy(price));
        if (twin != null) {
          reject(price, "starts when " + twin.getId() + " does, which is in the book too");
        }
      }
    }

    private void reject(Price price, String reason) {
      rejected.add(new Rejection(price.getId(), reason));
    }

    void subject(PriceSubject subject, List<Price> prices) {
      prices.sort(Comparator.comparingLong(Validity::start));
      TreeMap<Long, Price> timeline = book.computeIfAbsent(subject, s -> new TreeMap<>());
      Price former = null;
      for (int i = 0; i < prices.size(); i++) {
        Price price = prices.get(i);
        Price next = i + 1 < prices.size() ? prices.get(i + 1) : null;
        if (Validity.end(price) <= Validity.start(price)) {
          reject(price, "ends before it starts");
        } else if (former != null && Validity.start(former) == Validity.start(price)) {
          reject(price, "starts when another price of the same subject does");
        } else if (former != null
            && former.getValidToMicros() != null
            && Validity.end(former) > Validity.start(price)) {
          reject(price, "overlaps " + former.getId() + ", which is imported too and ends later");
        } else {
          place(timeline, price, next);
        }
        former = price;
      }
    }

    private void place(TreeMap<Long, Price> timeline, Price price, @Nullable Price next) {
      long start = Validity.start(price);
      Map.Entry<Long, Price> later = timeline.higherEntry(start);
      if (price.getValidToMicros() == null) {
        if (later != null) {
          price.setValidToMicros(later.getKey());
        }
      } else if (later != null && Validity.end(price) > later.getKey()) {
        // A price of the same import that replaces the later one comes in its turn.
        reject(price, "overlaps " + later.getValue().getId() + ", which starts before it ends");
        return;
      }
      Price twin = timeline.get(start);
      if (twin != null) {
        replace(timeline, twin, price);
        return;
      }
      Map.Entry<Long, Price> earlier = timeline.lowerEntry(start);
      Price holding = earlier == null ? null : earlier.getValue();
      if (holding != null && Validity.end(holding) > start) {
        if (Validity.end(holding) == Validity.end(price)
            && sameTerms(holding, price)
            && holding.getAliases().equals(price.getAliases())) {
          read.add(holding.getId());
          unchanged.add(holding);
          return;
        }
        boolean followed = next != null && Validity.start(next) == Validity.end(price);
        if (Validity.end(holding) > Validity.end(price) && !followed) {
          reject(
              price,
              "ends "
                  + Validity.text(Validity.end(price))
                  + " while "
                  + holding.getId()
                  + " holds longer: say which price holds from then on");
          return;
        }
        holding.setValidToMicros(start);
      }
      read.add(price.getId());
      timeline.put(start, price);
    }

    /** Corrects a price of the book, which keeps its id. */
    private void replace(TreeMap<Long, Price> timeline, Price twin, Price price) {
      price.setId(twin.getId());
      price.setVersion(twin.getVersion());
      read.add(price.getId());
      timeline.put(Validity.start(price), price);
    }

    /** Rejects prices that a usage could find by the same name at the same time. */
    void ties() {
      List<Validity.Entry> all = new ArrayList<>();
      Map<String, Price> byId = new HashMap<>();
      for (TreeMap<Long, Price> timeline : book.values()) {
        for (Price price : timeline.values()) {
          all.add(new Validity.Entry(price, 0));
          Price other = byId.putIfAbsent(price.getId(), price);
          if (other != null) {
            reject(price, "has the id of a price for something else");
          }
        }
      }
      for (Validity.Tie tie : Validity.ties(all)) {
        Price first = tie.first().price();
        Price second = tie.second().price();
        Price imported = isNew(second) ? second : first;
        Price other = imported == second ? first : second;
        if (isNew(imported)) {
          reject(imported, "has the name " + tie.name() + ", which " + other.getId() + " has too");
        }
      }
    }

    private boolean isNew(Price price) {
      Price old = before.get(price.getId());
      return old == null || !same(old, price);
    }

    PricePlan plan(PriceReading reading, long nowMicros) {
      List<Price> added = new ArrayList<>();
      List<Change> changed = new ArrayList<>();
      List<Change> ended = new ArrayList<>();
      for (TreeMap<Long, Price> timeline : book.values()) {
        for (Price price : timeline.values()) {
          Price old = before.get(price.getId());
          boolean wasRead = read.contains(price.getId());
          if (old == null) {
            added.add(price);
          } else if (!same(old, price)) {
            price.setVersion(old.getVersion() + 1);
            boolean endOnly =
                sameTerms(old, price)
                    && old.getAliases().equals(price.getAliases())
                    && Objects.equals(old.getValidFromMicros(), price.getValidFromMicros());
            (endOnly && !wasRead ? ended : changed).add(new Change(old, price));
          } else if (wasRead && unchanged.stream().noneMatch(u -> u == price)) {
            unchanged.add(old);
          }
        }
      }
      return new PricePlan(
          added, changed, ended, unchanged, List.copyOf(rejected), reading, nowMicros);
    }
  }
}
