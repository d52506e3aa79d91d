package io.outlay.streams.rating;

import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All prices, found by subject and time. Immutable: a change of prices makes a new book. A subject
 * has at most one price at any time.
 */
public final class PriceBook {
  private static final Comparator<Price> BY_START = Comparator.comparingLong(PriceBook::start);

  private final Map<Subject, Timeline> timelines = new HashMap<>();
  private final int size;

  /**
   * @param prices in any order; of two with the same id the higher version holds
   * @throws IllegalArgumentException if two prices of one subject overlap, naming both
   */
  public PriceBook(Collection<Price> prices) {
    Map<String, Price> byId = new HashMap<>();
    for (Price price : prices) {
      byId.merge(price.getId(), price, (a, b) -> a.getVersion() >= b.getVersion() ? a : b);
    }
    Map<Subject, List<Price>> bySubject = new HashMap<>();
    for (Price price : byId.values()) {
      bySubject.computeIfAbsent(Subject.of(price), s -> new ArrayList<>()).add(price);
    }
    bySubject.forEach((subject, list) -> timelines.put(subject, new Timeline(list)));
    size = byId.size();
  }

  /** Number of prices. */
  public int size() {
    return size;
  }

  /**
   * The price that held at a time, or null if none did.
   *
   * @param provider provider or cloud, empty for none
   * @param name model, GPU model, instance type, tier, {@code from>to} or path
   * @param purchaseOption empty where it does not apply
   * @param timeMicros microseconds since 1970-01-01T00:00:00Z
   */
  public @Nullable Price find(
      PriceKind kind, String provider, String name, String purchaseOption, long timeMicros) {
    Timeline timeline = timelines.get(new Subject(kind, provider, name, purchaseOption));
    return timeline == null ? null : timeline.at(timeMicros);
  }

  private static long start(Price price) {
    return price.getValidFromMicros() == null ? Long.MIN_VALUE : price.getValidFromMicros();
  }

  private static long end(Price price) {
    return price.getValidToMicros() == null ? Long.MAX_VALUE : price.getValidToMicros();
  }

  private record Subject(PriceKind kind, String provider, String name, String purchaseOption) {
    static Subject of(Price price) {
      return new Subject(
          price.getKind(), price.getProvider(), price.getName(), price.getPurchaseOption());
    }
  }

  /** The prices of one subject, by start of validity. */
  private static final class Timeline {
    private final long[] starts;
    private final Price[] prices;

    Timeline(List<Price> unordered) {
      prices = unordered.stream().sorted(BY_START).toArray(Price[]::new);
      starts = Arrays.stream(prices).mapToLong(PriceBook::start).toArray();
      for (int i = 1; i < prices.length; i++) {
        if (end(prices[i - 1]) > starts[i]) {
          throw new IllegalArgumentException(
              "prices " + prices[i - 1].getId() + " and " + prices[i].getId() + " overlap");
        }
      }
    }

    @Nullable Price at(long timeMicros) {
      int found = Arrays.binarySearch(starts, timeMicros);
      int index = found >= 0 ? found : -found - 2;
      return index >= 0 && timeMicros < end(prices[index]) ? prices[index] : null;
    }
  }
}
