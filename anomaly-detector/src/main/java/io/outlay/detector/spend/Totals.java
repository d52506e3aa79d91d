package io.outlay.detector.spend;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Sums over the slots of a day. */
final class Totals {
  private Totals() {}

  static BigInteger sum(@Nullable WideSums slots) {
    if (slots == null) {
      return BigInteger.ZERO;
    }
    WideSums total = new WideSums(1);
    for (int i = 0; i < slots.size(); i++) {
      slots.addTo(i, total, 0);
    }
    return total.get(0);
  }
}
