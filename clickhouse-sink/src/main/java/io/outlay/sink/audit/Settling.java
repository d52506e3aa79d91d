package io.outlay.sink.audit;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges what several looks at the same check saw, between any two of which everything that had
 * been on its way at the first arrived.
 *
 * <p>Both sides of an item come from the same transactions, by different ways. If two looks in a
 * row see the same unequal sides, neither side can be waiting for anything: what one side showed at
 * the first look had reached the other by the second. So it is a difference, however much flows
 * elsewhere. What keeps changing stays open.
 *
 * <p>A left side that only grows proves more: the right side of one look holds at least what the
 * left one held a look before, and at most what it holds a look later.
 */
final class Settling {
  private final List<Map<Item.Key, Item>> looks = new ArrayList<>();
  private Look last = new Look(List.of());

  /** Takes the next look. */
  void add(Look look) {
    Map<Item.Key, Item> items = new HashMap<>();
    look.items().forEach(item -> items.put(item.key(), item));
    looks.add(items);
    last = look;
  }

  /** The last look. */
  Look last() {
    return last;
  }

  /** Whether further looks can change nothing. */
  boolean isSettled() {
    return last.items().stream().allMatch(item -> judge(item) != Verdict.UNSETTLED);
  }

  /** What has come of an item of the last look. */
  Verdict judge(Item item) {
    if (item.kind() == Item.Kind.SHOWN || item.isEqual()) {
      return Verdict.BALANCED;
    }
    Item before = former(1, item);
    if (before == null) {
      return Verdict.UNSETTLED;
    }
    if (item.isUnchanged(before)) {
      return Verdict.DIFFERS;
    }
    Item first = former(2, item);
    if (first == null || item.kind() == Item.Kind.EXACT) {
      return Verdict.UNSETTLED;
    }
    BigDecimal least = first.left();
    BigDecimal most = item.left();
    if (before.right().compareTo(least) >= 0 && before.right().compareTo(most) <= 0) {
      return Verdict.BETWEEN;
    }
    return item.kind() == Item.Kind.COUNT ? Verdict.DIFFERS : Verdict.UNSETTLED;
  }

  private @Nullable Item former(int looksAgo, Item item) {
    int index = looks.size() - 1 - looksAgo;
    return index < 0 ? null : looks.get(index).get(item.key());
  }
}
