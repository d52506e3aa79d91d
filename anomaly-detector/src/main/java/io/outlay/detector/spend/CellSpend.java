package io.outlay.detector.spend;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hours of one cell. Bounded by the days that the store keeps: about 600 bytes a day, 1,200 on a
 * day on which the clock is set back.
 */
public final class CellSpend implements HourlySpend {
  private final Cell cell;
  private final Map<Integer, Day> days = new HashMap<>();

  CellSpend(Cell cell) {
    this.cell = cell;
  }

  /** Which cell. */
  public Cell cell() {
    return cell;
  }

  /** Replaces an hour; returns what it adds to the former pico-USD. */
  BigInteger replace(int epochDay, int slot, BigInteger pico, long requests) {
    return days.computeIfAbsent(epochDay, day -> new Day()).replace(slot, pico, requests);
  }

  boolean dropBefore(int epochDay) {
    days.keySet().removeIf(day -> day < epochDay);
    return days.isEmpty();
  }

  @Override
  public @Nullable WideSums costs(int epochDay) {
    Day day = days.get(epochDay);
    return day == null ? null : day.costs;
  }

  long @Nullable [] requests(int epochDay) {
    Day day = days.get(epochDay);
    return day == null ? null : day.requests;
  }

  /** Pico-USD of a window so far; all of an hour that the window has a part of. */
  public BigInteger cost(Window window) {
    return Span.of(window).sum(this);
  }

  /** Requests of a window so far. */
  public long requests(Window window) {
    return Span.of(window).requests(this);
  }

  private static final class Day {
    private final WideSums costs = new WideSums(HOURS);
    private long[] requests = new long[HOURS];

    BigInteger replace(int slot, BigInteger pico, long newRequests) {
      if (slot >= costs.size()) {
        costs.growTo(2 * HOURS);
        requests = Arrays.copyOf(requests, 2 * HOURS);
      }
      BigInteger former = costs.get(slot);
      costs.set(slot, pico);
      requests[slot] = newRequests;
      return pico.subtract(former);
    }
  }
}
