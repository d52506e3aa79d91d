package io.outlay.streams.rating;

import io.outlay.streams.rating.PriceBook.Lookup;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what was found for subjects, up to a number of them; then it forgets them all. Safe for
 * many threads: of two that remember at once, what one found may be lost, and is found again.
 *
 * <p>A map would do. This reads less memory, which is most of what rating costs with a large book:
 * a map has a key and a node besides each value, and wants a key to be made to look with.
 */
final class Resolutions {
  /** Names that are remembered; a bound on what strangers can send. */
  private static final int MAX_REMEMBERED = 20_000;

  /** A power of two. More would make fewer share a slot, but take more of the processor's cache. */
  private static final int SLOTS = 1 << 14;

  /** In one slot; names can be chosen so that their hashes are the same. */
  private static final int MAX_CHAIN = 32;

  private final AtomicReferenceArray<@Nullable Resolution> slots =
      new AtomicReferenceArray<>(SLOTS);
  private final AtomicInteger size = new AtomicInteger();

  /**
   * What was found for a subject, or null.
   *
   * @param hash as {@link Resolution#hash} has it, of the same subject
   * @param region in place of the lookup's
   */
  @Nullable Resolution get(int hash, Lookup lookup, String region) {
    Resolution each = slots.get(slot(hash));
    while (each != null && !each.isOf(hash, lookup, region)) {
      each = each.next();
    }
    return each;
  }

  /** What becomes {@link Resolution#next} of the one that is put next. */
  @Nullable Resolution chain(int hash) {
    if (size.get() >= MAX_REMEMBERED) {
      clear();
    }
    Resolution first = slots.get(slot(hash));
    int length = 0;
    for (Resolution each = first; each != null; each = each.next()) {
      length++;
    }
    return length < MAX_CHAIN ? first : null;
  }

  /** Remembers one that was made with the {@link #chain} of the same hash. */
  void put(int hash, Resolution found) {
    slots.set(slot(hash), found);
    size.incrementAndGet();
  }

  int size() {
    return size.get();
  }

  private void clear() {
    for (int i = 0; i < SLOTS; i++) {
      slots.set(i, null);
    }
    size.set(0);
  }

  private static int slot(int hash) {
    return (hash ^ hash >>> 16) & (SLOTS - 1);
  }
}
