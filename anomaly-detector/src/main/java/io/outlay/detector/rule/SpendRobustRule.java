package io.outlay.detector.rule;

import io.outlay.detector.spend.Baseline;
import io.outlay.detector.spend.CellSpend;
import io.outlay.detector.spend.Fraction;
import io.outlay.detector.spend.PartOf;
import io.outlay.detector.spend.RunningWindow;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Window;
import io.outlay.detector.spend.Windows;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Fires when a window's spend so far is above what is usual by more than a multiple and by more
 * than so many median absolute deviations. Usual is the median of the same weekday, moved by how
 * the last days stand against theirs, times the part of a window that is usually spent by this
 * time. Days that were unlike the others are left out, and after a lasting shift the days before it
 * count at the new level.
 *
 * <p>Early in a window little money makes a large multiple. So the excess must also be a quarter of
 * what the threshold allows in the whole window. Late in a day much of it has gone as usual, and
 * what has just begun makes a small multiple. So the last six hours are held against the same hours
 * as well; they must be half as far above again.
 *
 * <p>Less spend than usual never fires. Remembers what it found out about each scope until an
 * earlier day of it changes. For one thread.
 */
public final class SpendRobustRule implements WindowedRule {
  private static final int MICRO_SCALE = 6;
  private static final long MICROS_PER_USD = 1_000_000;
  private static final int WEEK = 7;

  /** How much of a day is looked at for itself, the running hour included. */
  private static final int LATEST_HOURS = 6;

  /** How much further above the usual that must be than the whole; hours differ more than days. */
  private static final BigDecimal OF_LATEST = new BigDecimal("1.5");

  /** An even divisor, so that the quotient is exact. */
  private static final BigDecimal EARLY_PARTS = BigDecimal.valueOf(4);

  private final Terms terms;
  private final Windows windows;
  private final int baselineDays;
  private final int minHistoryDays;
  private final Grade grade;
  private final Newcomers newcomers;
  private final BigDecimal deviations;
  private final Map<Scope, Memory> memories = new HashMap<>();

  /**
   * @param deviations scaled median absolute deviations, &gt; 0
   * @see SpendRatioRule
   */
  public SpendRobustRule(
      Terms terms,
      Windows windows,
      int baselineDays,
      int minHistoryDays,
      Grade grade,
      Newcomers newcomers,
      BigDecimal deviations) {
    SpendRatioRule.requireSound(terms, windows, baselineDays, minHistoryDays);
    terms.require(deviations.signum() > 0, "deviations must be > 0", deviations);
    this.terms = terms;
    this.windows = windows;
    this.baselineDays = baselineDays;
    this.minHistoryDays = minHistoryDays;
    this.grade = grade;
    this.newcomers = newcomers;
    this.deviations = deviations;
  }

  @Override
  public Windows windows() {
    return windows;
  }

  @Override
  public Terms terms() {
    return terms;
  }

  @Override
  public Judge judge(RunningWindow running) {
    return new OfWindow(running);
  }

  /** What is known of a scope within one hour of a window, as long as no earlier day changes. */
  private record Memory(
      ScopeSpend of,
      Window window,
      Instant hour,
      long version,
      Past past,
      long[] before,
      long[] from,
      long[] to) {}

  /** What is usual at a moment; micro-USD and ppm. */
  private record Usual(long whole, Part soFar, Part latest) {}

  /**
   * What is usual in a part of a window.
   *
   * @param spread of earlier windows, as a part of what is usual; ppm
   */
  private record Part(long micros, long spread) {
    BigDecimal usd() {
      return SpendRobustRule.usd(micros).setScale(Money.SCALE);
    }

    /** The multiple of it that is out of bounds. */
    BigDecimal multiple(BigDecimal threshold, BigDecimal deviations) {
      return threshold.max(
          BigDecimal.ONE.add(BigDecimal.valueOf(spread, MICRO_SCALE).multiply(deviations)));
    }
  }

  static long ppm(BigDecimal number) {
    BigInteger ppm = number.movePointRight(MICRO_SCALE).toBigInteger();
    return ppm.bitLength() >= Long.SIZE ? Long.MAX_VALUE : ppm.longValue();
  }

  static BigDecimal usd(long micros) {
    return BigDecimal.valueOf(micros, MICRO_SCALE);
  }

  /** Day of the week of each window, where it matters. */
  static int kind(Windows windows, Window window) {
    return windows.days() == 1 ? window.date().getDayOfWeek().getValue() - 1 : 0;
  }

  private final class OfWindow implements Judge {
    private final RunningWindow running;
    private final Instant hour;
    private final Instant hourEnd;
    private final Instant latestFrom;
    private final PartOf whole;
    private final PartOf before;
    private final PartOf from;
    private final PartOf to;

    OfWindow(RunningWindow running) {
      this.running = running;
      Window window = running.window();
      ZonedDateTime floor = running.asOf().atZone(window.zone()).truncatedTo(ChronoUnit.HOURS);
      Instant start = floor.toInstant();
      hour = start.isBefore(window.start()) ? window.start() : start;
      Instant end = start.plus(Duration.ofHours(1));
      hourEnd = end.isAfter(window.end()) ? window.end() : end;
      // Only of a day: shorter windows are short enough, and longer ones change slowly.
      boolean isDay = windows.days() == 1 && windows.isOfDays();
      Instant latest = end.minus(Duration.ofHours(LATEST_HOURS));
      latestFrom = isDay && latest.isAfter(window.start()) ? latest : window.start();
      whole = new PartOf(window, window.end());
      before = new PartOf(window, latestFrom);
      from = new PartOf(window, hour);
      to = new PartOf(window, hourEnd);
    }

    @Override
    public Window window() {
      return running.window();
    }

    @Override
    public Instant asOf() {
      return running.asOf();
    }

    @Override
    public Verdict judge(ScopeSpend scope) {
      int days = scope.daysOfHistory(window().date());
      int count = count(days);
      if (days < newcomers.daysToJudge(minHistoryDays) || count < 1) {
        return newcomers.judge(
            scope, running, windows, days, Math.max(minHistoryDays, windows.days()), grade);
      }
      Memory memory = memory(scope, count);
      Usual usual = usual(memory);
      BigDecimal actual = new BigDecimal(scope.cost(window()), Money.SCALE);
      BigDecimal expected = usual.soFar().usd();
      Comparison comparison =
          Comparison.ofSpend(
              scope.scope(),
              window(),
              asOf(),
              actual,
              expected,
              actual.add(usd(Math.max(0, usual.whole() - usual.soFar().micros()))),
              SpendRatioRule.confidence(
                  count - memory.past().flagged(), Math.max(1, baselineDays / windows.days())));
      BigDecimal threshold = Newcomers.widened(terms.threshold(), days, minHistoryDays);
      BigDecimal least =
          usd(usual.whole())
              .multiply(threshold.subtract(BigDecimal.ONE))
              .divide(EARLY_PARTS)
              .max(terms.minImpactUsd());
      BigDecimal bound = expected.multiply(usual.soFar().multiple(threshold, deviations));
      boolean exceeded =
          actual.compareTo(bound) > 0 && actual.subtract(expected).compareTo(least) >= 0;
      List<String> notes = notes(memory.past(), days);
      boolean clearly = actual.compareTo(bound.multiply(SpendRatioRule.CLEARLY)) > 0;
      if (!exceeded && latestFrom.isAfter(window().start())) {
        BigDecimal latest = actual.subtract(usd(before.spent(scope, 0)));
        BigDecimal expectedLatest = usual.latest().usd();
        BigDecimal multiple =
            threshold.subtract(BigDecimal.ONE).multiply(OF_LATEST).add(BigDecimal.ONE);
        BigDecimal boundLatest =
            expectedLatest.multiply(usual.latest().multiple(multiple, deviations));
        exceeded =
            latest.compareTo(boundLatest) > 0
                && latest.subtract(expectedLatest).compareTo(least) >= 0
                && actual.subtract(expected).compareTo(least) >= 0;
        clearly = latest.compareTo(boundLatest.multiply(SpendRatioRule.CLEARLY)) > 0;
        if (exceeded) {
          notes.add(
              "since %s: %s USD where %s are usual"
                  .formatted(
                      latestFrom.atZone(window().zone()).toLocalTime(),
                      cents(latest),
                      cents(expectedLatest)));
        }
      }
      return exceeded
          ? new Verdict.Exceeded(
              comparison,
              clearly,
              grade.of(actual.compareTo(expected.multiply(grade.critical())) >= 0),
              notes)
          : new Verdict.Within(comparison);
    }

    private static String cents(BigDecimal usd) {
      return usd.setScale(2, RoundingMode.HALF_EVEN).toPlainString();
    }

    private List<String> notes(Past past, int days) {
      List<String> notes = new ArrayList<>(Newcomers.notes(days, minHistoryDays));
      if (past.flagged() > 0) {
        notes.add("baseline: " + past.flagged() + " of " + past.size() + " left out as unusual");
      }
      if (past.lastShift() >= 0) {
        notes.add(
            "baseline: re-based after a lasting shift on "
                + window()
                    .date()
                    .minusDays((long) (past.size() - past.lastShift()) * windows.days()));
      }
      return notes;
    }

    private Memory memory(ScopeSpend scope, int count) {
      long version = scope.baselineVersion(window().date());
      Memory known = memories.get(scope.scope());
      // Another store may have the same scope at the same version.
      if (known != null
          && known.of().equals(scope)
          && known.version() == version
          && known.past().size() == count
          && known.window().equals(window())) {
        if (known.hour().equals(hour)) {
          return known;
        }
        return remember(scope, version, known.past());
      }
      long[] spent = new long[count];
      int[] kinds = new int[count];
      for (int i = 0; i < count; i++) {
        int before = (count - i) * windows.days();
        spent[i] = whole.spent(scope, before);
        kinds[i] =
            Math.floorMod(kind(windows, window()) - (windows.days() == 1 ? before : 0), WEEK);
      }
      return remember(
          scope,
          version,
          new Past(
              spent,
              kinds,
              ppm(terms.threshold().subtract(BigDecimal.ONE)),
              ppm(deviations),
              ppm(terms.minImpactUsd())));
    }

    private Memory remember(ScopeSpend scope, long version, Past past) {
      int count = past.size();
      long[] beforeParts = new long[count];
      long[] fromParts = new long[count];
      long[] toParts = new long[count];
      for (int i = 0; i < count; i++) {
        int before = (count - i) * windows.days();
        beforeParts[i] = this.before.spent(scope, before);
        fromParts[i] = from.spent(scope, before);
        toParts[i] = to.spent(scope, before);
      }
      Memory memory =
          new Memory(scope, window(), hour, version, past, beforeParts, fromParts, toParts);
      memories.put(scope.scope(), memory);
      return memory;
    }

    private Usual usual(Memory memory) {
      Past past = memory.past();
      int kind = kind(windows, window());
      long expected = Math.max(0, past.next(kind));
      int[] alike = past.alike(kind);
      if (alike.length == 0) {
        Part all = new Part(expected, 0);
        return new Usual(expected, all, all);
      }
      long[] parts =
          Arrays.stream(alike)
              .mapToLong(i -> Statistics.quotient(part(memory, i), past.usual(i)))
              .toArray();
      long[] latest =
          Arrays.stream(alike)
              .mapToLong(
                  i -> Statistics.quotient(part(memory, i) - memory.before()[i], past.usual(i)))
              .toArray();
      return new Usual(expected, part(expected, parts), part(expected, latest));
    }

    /** A part of a window, of what earlier ones spent in it. */
    private static Part part(long expected, long[] parts) {
      long part = Statistics.median(parts);
      return new Part(
          Statistics.times(expected, part),
          Statistics.quotient(Statistics.spread(parts, part), part));
    }

    /** What was spent in a window up to now: between two hours in proportion. */
    private long part(Memory memory, int i) {
      long between = Duration.between(hour, hourEnd).toMillis();
      long gone = Duration.between(hour, asOf()).toMillis();
      long within = memory.to()[i] - memory.from()[i];
      return memory.from()[i]
          + (between == 0 ? within : Statistics.times(within, gone * Statistics.ONE / between));
    }

    @Override
    public Explanation explain(ScopeSpend scope, Comparison comparison) {
      int count = count(scope.daysOfHistory(window().date()));
      int[] like =
          count < 1 ? new int[0] : memory(scope, count).past().like(count, kind(windows, window()));
      int[] daysBefore = Arrays.stream(like).map(i -> (count - i) * windows.days()).toArray();
      PartOf part = new PartOf(window(), asOf());
      long expected = ppm(comparison.expected());
      return Explanation.of(
          scope, new OfCells(window(), part, daysBefore, scope, expected), comparison);
    }

    private int count(int days) {
      // The first day is left out: it may be a part of a day.
      int known = days >= 2 ? days - 1 : days;
      return Math.min(known, baselineDays) / windows.days();
    }
  }

  /**
   * Splits what is expected of the scope among its cells, as the windows it is compared with do.
   */
  private static final class OfCells implements Baseline {
    private final Window window;
    private final PartOf part;
    private final int[] daysBefore;
    private final long expected;
    private final long sum;

    OfCells(Window window, PartOf part, int[] daysBefore, ScopeSpend scope, long expected) {
      this.window = window;
      this.part = part;
      this.daysBefore = daysBefore;
      this.expected = expected;
      this.sum = Arrays.stream(daysBefore).mapToLong(days -> part.spent(scope, days)).sum();
    }

    @Override
    public BigDecimal actual(CellSpend cell) {
      return new BigDecimal(cell.cost(window), Money.SCALE);
    }

    @Override
    public Fraction expected(CellSpend cell) {
      long spent = Arrays.stream(daysBefore).mapToLong(days -> part.spent(cell, days)).sum();
      return sum == 0
          ? Fraction.ZERO
          : new Fraction(
              BigInteger.valueOf(spent).multiply(BigInteger.valueOf(expected)),
              BigInteger.valueOf(sum).multiply(BigInteger.valueOf(MICROS_PER_USD)));
    }

    @Override
    public long actualRequests(CellSpend cell) {
      return cell.requests(window);
    }

    @Override
    public Fraction expectedRequests(CellSpend cell) {
      long requests = Arrays.stream(daysBefore).mapToLong(days -> part.requests(cell, days)).sum();
      return sum == 0
          ? Fraction.ZERO
          : new Fraction(
              BigInteger.valueOf(requests).multiply(BigInteger.valueOf(expected)),
              BigInteger.valueOf(sum));
    }
  }
}
