package io.outlay.detector.budget;

import io.outlay.detector.spend.WideSums;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;

/**
 * The last known sum of each window of each key, so that a sum that replaces it becomes a
 * difference. Windows are numbered in the order of time. About 700 bytes for 32 windows of a key.
 * For one thread.
 *
 * @param <K> whose sums they are
 */
final class FormerSums<K> {
  private static final int CHUNK = 32;

  private final Map<K, Map<Integer, WideSums>> chunks = new HashMap<>();

  /** Replaces the sum of a window; returns what it adds to the former one. */
  BigInteger replace(K key, int window, BigInteger pico) {
    WideSums sums =
        chunks
            .computeIfAbsent(key, any -> new HashMap<>())
            .computeIfAbsent(Math.floorDiv(window, CHUNK), any -> new WideSums(CHUNK));
    int i = Math.floorMod(window, CHUNK);
    BigInteger former = sums.get(i);
    sums.set(i, pico);
    return pico.subtract(former);
  }

  /** Forgets windows before one, except for up to 31 of them. */
  void dropBefore(int window) {
    int chunk = Math.floorDiv(window, CHUNK);
    chunks.values().forEach(windows -> windows.keySet().removeIf(any -> any < chunk));
    chunks.values().removeIf(Map::isEmpty);
  }

  int size() {
    return chunks.size();
  }
}
