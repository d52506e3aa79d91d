package io.outlay.detector.spend;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a scope or a cell used, by hour and by minute. A day of hours has 24 slots (48 when the
 * clock is set back) and the ring of minutes one for each minute kept; see {@link Slots} for the
 * size of a slot.
 */
public abstract sealed class Usage implements HourlySpend permits CellSpend, ScopeSpend {
  private final Kept kept;
  private final Map<Integer, Slots> days = new HashMap<>();
  private @Nullable Minutes minutes;

  Usage(Kept kept) {
    this.kept = kept;
  }

  /** Pico-USD spent in a stretch. */
  public BigInteger cost(Stretch stretch) {
    return total(stretch, true);
  }

  /** Pico-USD that idle accelerators cost in a stretch. */
  public BigInteger gpuIdle(Stretch stretch) {
    return total(stretch, false);
  }

  /** Sum of a signal over a stretch; 0 where nothing is known. */
  public long count(Signal signal, Stretch stretch) {
    return stretch.isOfMinutes() ? ofMinutes(signal, stretch) : ofHours(signal, stretch);
  }

  /** The least that any hour of a stretch has of a signal. */
  public long least(Signal signal, Stretch stretch) {
    long least = Long.MAX_VALUE;
    long[] counts = null;
    for (int i = 0; i < stretch.hours(); i++) {
      if (stretch.beginsDay(i)) {
        Slots day = days.get(stretch.day(i));
        counts = day == null ? null : day.counts(signal);
      }
      int slot = stretch.slot(i);
      least = Math.min(least, counts == null || slot >= counts.length ? 0 : counts[slot]);
    }
    return stretch.hours() == 0 ? 0 : least;
  }

  @Override
  public @Nullable WideSums costs(int epochDay) {
    Slots day = days.get(epochDay);
    return day == null ? null : day.costs();
  }

  /** Requests of a day by slot. */
  long @Nullable [] requests(int epochDay) {
    Slots day = days.get(epochDay);
    return day == null ? null : day.counts(Signal.REQUESTS);
  }

  /** Replaces an hour; returns what that adds to it. */
  Sums replaceHour(int epochDay, int slot, Sums sums) {
    return hours(epochDay, slot).replace(slot, sums);
  }

  void addHour(int epochDay, int slot, Sums change) {
    hours(epochDay, slot).add(slot, change);
  }

  /** Replaces a minute; returns what that adds to it. */
  Sums replaceMinute(int minute, Sums sums) {
    return ring().replace(minute, sums);
  }

  void addMinute(int minute, Sums change) {
    ring().add(minute, change);
  }

  /** Whether nothing is left. */
  boolean dropBefore(int epochDay) {
    days.keySet().removeIf(day -> day < epochDay);
    return days.isEmpty() && minutes == null;
  }

  /** Gives up minutes of which none is wanted any more. */
  void dropMinutesBefore(int minute) {
    if (minutes != null && minutes.newest() < minute) {
      minutes = null;
    }
  }

  private Slots hours(int epochDay, int slot) {
    Slots day = days.computeIfAbsent(epochDay, any -> new Slots(HOURS, kept.byHour()));
    if (slot >= day.size()) {
      day.growTo(2 * HOURS);
    }
    return day;
  }

  private Minutes ring() {
    if (minutes == null) {
      minutes = new Minutes(kept);
    }
    return minutes;
  }

  private long ofMinutes(Signal signal, Stretch stretch) {
    Minutes ring = minutes;
    long[] counts = ring == null ? null : ring.slots().counts(signal);
    if (counts == null) {
      return 0;
    }
    long sum = 0;
    for (int minute = stretch.firstMinute(); minute < stretch.endMinute(); minute++) {
      int slot = ring.find(minute);
      sum += slot < 0 ? 0 : counts[slot];
    }
    return sum;
  }

  private long ofHours(Signal signal, Stretch stretch) {
    long sum = 0;
    long[] counts = null;
    for (int i = 0; i < stretch.hours(); i++) {
      if (stretch.beginsDay(i)) {
        Slots day = days.get(stretch.day(i));
        counts = day == null ? null : day.counts(signal);
      }
      int slot = stretch.slot(i);
      sum += counts == null || slot >= counts.length ? 0 : counts[slot];
    }
    return sum;
  }

  private BigInteger total(Stretch stretch, boolean cost) {
    WideSums total = new WideSums(1);
    if (stretch.isOfMinutes()) {
      Minutes ring = minutes;
      if (ring != null) {
        WideSums sums = cost ? ring.slots().costs() : ring.slots().idle();
        for (int minute = stretch.firstMinute(); minute < stretch.endMinute(); minute++) {
          add(sums, ring.find(minute), total);
        }
      }
    } else {
      WideSums sums = null;
      for (int i = 0; i < stretch.hours(); i++) {
        if (stretch.beginsDay(i)) {
          Slots day = days.get(stretch.day(i));
          sums = day == null ? null : cost ? day.costs() : day.idle();
        }
        add(sums, stretch.slot(i), total);
      }
    }
    return total.get(0);
  }

  private static void add(@Nullable WideSums sums, int slot, WideSums total) {
    if (sums != null && slot >= 0 && slot < sums.size()) {
      sums.addTo(slot, total, 0);
    }
  }
}
