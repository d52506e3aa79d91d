package io.outlay.detector.spend;

import java.math.BigInteger;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;

/**
 * The days and hours that a window is made of.
 *
 * @param firstDay epoch day
 * @param days ≥ 1
 * @param fromHour local hour, inclusive
 * @param toHour local hour, exclusive; the hours are those of each day
 */
record Span(int firstDay, int days, int fromHour, int toHour) {
  static Span of(Window window) {
    ZonedDateTime start = window.start().atZone(window.zone());
    ZonedDateTime last = window.end().minusNanos(1).atZone(window.zone());
    int firstDay = Math.toIntExact(start.toLocalDate().toEpochDay());
    int days = Math.toIntExact(last.toLocalDate().toEpochDay()) - firstDay + 1;
    return days > 1
        ? new Span(firstDay, days, 0, HourlySpend.HOURS)
        : new Span(firstDay, 1, start.getHour(), last.getHour() + 1);
  }

  /** Pico-USD in it. */
  BigInteger sum(HourlySpend spend) {
    WideSums total = new WideSums(1);
    for (int day = firstDay; day < firstDay + days; day++) {
      WideSums slots = spend.costs(day);
      for (int slot = 0; slots != null && slot < slots.size(); slot++) {
        if (isIn(slot)) {
          slots.addTo(slot, total, 0);
        }
      }
    }
    return total.get(0);
  }

  /** Requests in it. */
  long requests(CellSpend cell) {
    long sum = 0;
    for (int day = firstDay; day < firstDay + days; day++) {
      long @Nullable [] slots = cell.requests(day);
      for (int slot = 0; slots != null && slot < slots.length; slot++) {
        sum += isIn(slot) ? slots[slot] : 0;
      }
    }
    return sum;
  }

  private boolean isIn(int slot) {
    int hour = slot % HourlySpend.HOURS;
    return hour >= fromHour && hour < toHour;
  }
}
