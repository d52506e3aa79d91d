package io.outlay.detector.spend;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sums side by side: spend, 16 bytes a slot, and of each signal that is wanted and that occurs 8
 * bytes a slot, 16 if it is money. For one thread.
 */
final class Slots {
  private static final int IDLE = Signal.GPU_IDLE_PICO_USD.ordinal();

  private final List<Signal> wanted;
  private final WideSums costs;
  private final long @Nullable [][] counts = new long[Signal.ALL.size()][];
  private @Nullable WideSums idle;

  /**
   * @param wanted signals that are kept; others are passed over
   */
  Slots(int size, List<Signal> wanted) {
    this.wanted = wanted;
    this.costs = new WideSums(size);
  }

  int size() {
    return costs.size();
  }

  void growTo(int size) {
    costs.growTo(size);
    if (idle != null) {
      idle.growTo(size);
    }
    for (int s = 0; s < counts.length; s++) {
      if (counts[s] != null) {
        counts[s] = Arrays.copyOf(counts[s], size);
      }
    }
  }

  WideSums costs() {
    return costs;
  }

  @Nullable WideSums idle() {
    return idle;
  }

  /** Sums of a signal by slot; null if there are none. */
  long @Nullable [] counts(Signal signal) {
    return counts[signal.ordinal()];
  }

  /** Replaces a slot; returns what that adds to it. */
  Sums replace(int slot, Sums sums) {
    long[] deltas = new long[counts.length];
    for (Signal signal : wanted) {
      int s = signal.ordinal();
      if (s != IDLE) {
        long now = sums.count(signal);
        long[] known = counts[s];
        deltas[s] = now - (known == null ? 0 : known[slot]);
        if (deltas[s] != 0) {
          writable(s)[slot] = now;
        }
      }
    }
    BigInteger cost = sums.cost().subtract(costs.get(slot));
    costs.set(slot, sums.cost());
    BigInteger idleDelta = BigInteger.ZERO;
    if (wanted.contains(Signal.GPU_IDLE_PICO_USD)) {
      idleDelta = idle == null ? sums.idle() : sums.idle().subtract(idle.get(slot));
      if (idleDelta.signum() != 0) {
        writableIdle().set(slot, sums.idle());
      }
    }
    return Sums.change(cost, idleDelta, deltas);
  }

  /** Adds to a slot. */
  void add(int slot, Sums change) {
    if (change.cost().signum() != 0) {
      costs.add(slot, change.cost());
    }
    if (change.idle().signum() != 0) {
      writableIdle().add(slot, change.idle());
    }
    for (Signal signal : wanted) {
      long delta = change.count(signal);
      if (delta != 0) {
        writable(signal.ordinal())[slot] += delta;
      }
    }
  }

  /** Empties a slot. */
  void clear(int slot) {
    costs.clear(slot);
    if (idle != null) {
      idle.clear(slot);
    }
    for (long[] sums : counts) {
      if (sums != null) {
        sums[slot] = 0;
      }
    }
  }

  private long[] writable(int signal) {
    long[] sums = counts[signal];
    if (sums == null) {
      sums = new long[size()];
      counts[signal] = sums;
    }
    return sums;
  }

  private WideSums writableIdle() {
    if (idle == null) {
      idle = new WideSums(size());
    }
    return idle;
  }
}
