package io.outlay.detector.rule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a scope spent in each of its earlier windows, and which of them tell what is usual. Each is
 * held against those before it; one that is too far off is flagged and left out. When windows that
 * are half as far off, or flagged, follow each other in the same direction for long enough, and
 * most of them would fire, the shift is lasting: what came before is scaled to the new level and
 * counts on. A weekday that is flagged three weeks in a row is a pattern. Amounts in micro-USD.
 */
final class Past {
  /** Windows in a row that are off after which more spend is the new usual. */
  static final int LASTING_RISE = 3;

  /** Windows in a row that are off after which less spend is; holidays are shorter. */
  static final int LASTING_FALL = 8;

  /**
   * What is further off than so many times the floor is flagged however much windows differ: the
   * spread is estimated from few of them at first, and a shift must not pass for it.
   */
  private static final int WIDEST_BAND = 2;

  /** Less than this of the usual is missing data, which never becomes the usual; ppm. */
  private static final long MISSING = 50_000;

  private static final int ENOUGH = 3;
  private static final int FEW = 2;
  private static final int ENOUGH_RESIDUALS = 7;
  private static final int RECENT = 7;

  /** How far recent windows move what the weekday alone would say; ppm. */
  private static final long MAX_TREND = 1_250_000;

  private static final long MIN_TREND = 800_000;
  private static final long LARGEST_SHIFT = 1_000 * Statistics.ONE;

  private final long[] spent;
  private final int[] kinds;
  private final long floor;
  private final long deviations;
  private final long impact;

  /** What was usual for each window, at the level of its time. */
  private final long[] usual;

  /** By what a window is scaled to today's level; ppm. */
  private final long[] level;

  /** Spend over what its kind of window had been, before the trend; ppm; -1 where unknown. */
  private final long[] trend;

  /** Spend over what was usual; ppm; -1 where unknown. */
  private final long[] residual;

  private final boolean[] good;

  /** 1 for a flagged window that was above the usual, -1 for one below, else 0. */
  private final int[] direction;

  private int lastShift = -1;

  /**
   * @param spent by window, oldest first
   * @param kinds of the windows: day of the week from 0, Monday, to 6; all 0 where windows are all
   *     of one kind
   * @param floor how far off is never flagged; ppm
   * @param deviations how many scaled median absolute deviations are flagged; ppm
   * @param impact difference below which a window is never flagged
   */
  Past(long[] spent, int[] kinds, long floor, long deviations, long impact) {
    this.spent = spent;
    this.kinds = kinds;
    this.floor = floor;
    this.deviations = deviations;
    this.impact = impact;
    int n = spent.length;
    usual = new long[n];
    level = new long[n];
    trend = new long[n];
    residual = new long[n];
    good = new boolean[n];
    direction = new int[n];
    Arrays.fill(level, Statistics.ONE);
    Arrays.fill(trend, -1);
    Arrays.fill(residual, -1);
    readThrough();
  }

  private void readThrough() {
    List<Integer> run = new ArrayList<>();
    boolean rising = false;
    for (int i = 0; i < spent.length; i++) {
      if (goodBefore(i, kinds[i], false).length < FEW) {
        // The first working days and weekends are taken as they are.
        usual[i] = spent[i];
        good[i] = true;
        continue;
      }
      long typical = typical(i, kinds[i]);
      long recent = recent(i);
      usual[i] = Statistics.times(typical, recent);
      long off = Statistics.quotient(spent[i], usual[i]);
      long difference = Math.abs(spent[i] - usual[i]);
      long band = band(i);
      boolean up = off > Statistics.ONE;
      boolean flagged = difference >= impact && Math.abs(off - Statistics.ONE) > band;
      if (!flagged) {
        good[i] = true;
        trend[i] = Statistics.quotient(spent[i], typical);
        residual[i] = off;
      } else if (off >= MISSING) {
        off(i, up);
      }
      // One that is nearly as far off belongs to a run: a shift may hover at the threshold.
      if (off < MISSING || 2 * Math.abs(off - Statistics.ONE) < band) {
        run.clear();
        continue;
      }
      if (up != rising) {
        run.clear();
      }
      rising = up;
      run.add(i);
      if (run.size() >= (rising ? LASTING_RISE : LASTING_FALL) && isFarOff(run)) {
        shift(run);
        run.clear();
      }
    }
  }

  /** Whether the middle one of a run is further off than the floor. */
  private boolean isFarOff(List<Integer> run) {
    long middle =
        Statistics.median(
            run.stream()
                .mapToLong(i -> Math.abs(Statistics.quotient(spent[i], usual[i]) - Statistics.ONE))
                .toArray());
    long apart =
        Statistics.median(run.stream().mapToLong(i -> Math.abs(spent[i] - usual[i])).toArray());
    return middle > floor && apart >= impact;
  }

  /** A weekday that was off in the same direction three times in a row is like that. */
  private void off(int i, boolean up) {
    direction[i] = up ? 1 : -1;
    int week = 7;
    int before = i - week;
    int first = i - 2 * week;
    if (first >= 0
        && kinds[before] == kinds[i]
        && kinds[first] == kinds[i]
        && direction[before] == direction[i]
        && direction[first] == direction[i]) {
      for (int each : new int[] {first, before, i}) {
        good[each] = true;
        usual[each] = spent[each];
      }
    }
  }

  /** The windows of the run are what is usual from now on. */
  private void shift(List<Integer> run) {
    long[] offs = run.stream().mapToLong(i -> Statistics.quotient(spent[i], usual[i])).toArray();
    long by = Statistics.median(offs);
    boolean known = by > 0 && by < LARGEST_SHIFT;
    int first = run.get(0);
    for (int i = 0; i < first; i++) {
      if (known) {
        level[i] = Statistics.times(level[i], by);
      } else {
        good[i] = false;
      }
    }
    // The trend was part of what was usual; from here on the level holds it.
    for (int i : run) {
      usual[i] = known ? Statistics.times(usual[i], by) : spent[i];
      good[i] = true;
      trend[i] = -1;
      residual[i] = Statistics.quotient(spent[i], usual[i]);
    }
    for (int i = 0; i < first; i++) {
      level[i] = known ? Statistics.times(level[i], recent(first)) : level[i];
    }
    Arrays.fill(trend, 0, first, -1);
    lastShift = first;
  }

  /** The median of good windows of the kind before {@code end}; -1 where there is none. */
  private long typical(int end, int kind) {
    int[] chosen = like(end, kind);
    return chosen.length == 0
        ? -1
        : Statistics.median(
            Arrays.stream(chosen).mapToLong(i -> Statistics.times(spent[i], level[i])).toArray());
  }

  /**
   * Good windows before {@code end} to compare one of a kind with: those of the same weekday; where
   * these are few, those of working days or of weekends; else all.
   */
  int[] like(int end, int kind) {
    int[] same = goodBefore(end, kind, true);
    if (same.length >= ENOUGH) {
      return same;
    }
    int[] alike = goodBefore(end, kind, false);
    if (alike.length >= FEW) {
      return alike;
    }
    int[] all = new int[end];
    int count = 0;
    for (int i = 0; i < end; i++) {
      if (good[i]) {
        all[count++] = i;
      }
    }
    return Arrays.copyOf(all, count);
  }

  private int[] goodBefore(int end, int kind, boolean exactly) {
    int[] found = new int[end];
    int count = 0;
    for (int i = 0; i < end; i++) {
      boolean fits = exactly ? kinds[i] == kind : isWeekend(kinds[i]) == isWeekend(kind);
      if (good[i] && fits) {
        found[count++] = i;
      }
    }
    return Arrays.copyOf(found, count);
  }

  /** Good windows of working days or of weekends, whichever the kind is; all where few. */
  int[] alike(int kind) {
    int[] alike = goodBefore(spent.length, kind, false);
    return alike.length >= ENOUGH ? alike : like(spent.length, kind);
  }

  private static boolean isWeekend(int kind) {
    return kind >= 5;
  }

  /** Where the last windows stand against their kind; ppm. */
  private long recent(int end) {
    long[] last = new long[RECENT];
    int count = 0;
    for (int i = end - 1; i >= 0 && count < RECENT && end - i <= 2 * RECENT; i--) {
      if (trend[i] >= 0) {
        last[count++] = trend[i];
      }
    }
    return count < ENOUGH
        ? Statistics.ONE
        : Math.min(MAX_TREND, Math.max(MIN_TREND, Statistics.median(Arrays.copyOf(last, count))));
  }

  /** How far from the usual a window before {@code end} may be; ppm. */
  private long band(int end) {
    long[] known = new long[end];
    int count = 0;
    for (int i = 0; i < end; i++) {
      if (good[i] && residual[i] >= 0) {
        known[count++] = residual[i];
      }
    }
    if (count < ENOUGH_RESIDUALS) {
      return WIDEST_BAND * floor;
    }
    long spread =
        Statistics.times(
            Statistics.deviation(Arrays.copyOf(known, count), Statistics.ONE), deviations);
    return Math.min(WIDEST_BAND * floor, Math.max(floor, spread));
  }

  /** How many windows there are. */
  int size() {
    return spent.length;
  }

  /** What the next window, of this kind, will come to; -1 where nothing is known. */
  long next(int kind) {
    long typical = typical(spent.length, kind);
    return typical < 0 ? -1 : Statistics.times(typical, recent(spent.length));
  }

  /** What was usual for a window, at the level of its time. */
  long usual(int i) {
    return usual[i];
  }

  /** What counts of a window, at today's level: its spend, or what was usual if it was flagged. */
  long counted(int i) {
    return Statistics.times(good[i] ? spent[i] : usual[i], level[i]);
  }

  /** By what a window is scaled to today's level; ppm. */
  long level(int i) {
    return level[i];
  }

  /** Windows that are left out. */
  int flagged() {
    int flagged = 0;
    for (boolean each : good) {
      flagged += each ? 0 : 1;
    }
    return flagged;
  }

  /** The first window at the present level; -1 if it never shifted. */
  int lastShift() {
    return lastShift;
  }
}
