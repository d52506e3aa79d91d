package io.outlay.price;

import io.outlay.schema.Price;
import java.util.List;

/**
 * What was read from a price list, and what of it was not taken.
 *
 * @param prices version 1 each, ordered by id
 * @param leftOut parts of taken prices that cannot be expressed; leaving them out makes no usage
 *     cheaper than it is
 * @param refused entries that were not taken
 */
public record PriceReading(List<Price> prices, List<Omission> leftOut, List<Omission> refused) {
  /**
   * Something of a price list that was not taken.
   *
   * @param entry model or line it belongs to
   * @param key key or column; empty for the entry as a whole
   * @param value as it stands in the list
   * @param reason why
   */
  public record Omission(String entry, String key, String value, String reason) {
    @Override
    public String toString() {
      return key.isEmpty()
          ? entry + ": " + reason
          : entry + ": " + key + " " + value + ": " + reason;
    }
  }

  /** Copies the lists. */
  public PriceReading {
    prices = List.copyOf(prices);
    leftOut = List.copyOf(leftOut);
    refused = List.copyOf(refused);
  }

  /** A reading that took everything. */
  public static PriceReading of(List<Price> prices) {
    return new PriceReading(prices, List.of(), List.of());
  }
}
