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
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Fires when spend has grown so slowly that no day stood out: when the last seven whole days cost
 * more than a multiple of the seven that were four weeks before them. Days that did stand out count
 * as the usual ones they should have been, and days before a lasting shift at the level after it,
 * since these are for {@link SpendRobustRule} to tell. Opens at most one incident a week for a
 * scope. Remembers what it read of each scope. For one thread.
 */
public final class SpendDriftRule implements Rule {
  /** Days of history that it needs. */
  public static final int DAYS = 35;

  private static final int WEEK = 7;
  private static final long MICROS_PER_USD = 1_000_000;

  private final Terms terms;
  private final Windows weeks;
  private final Grade grade;
  private final long floor;
  private final long deviations;
  private final Map<Scope, Memory> memories = new HashMap<>();

  /**
   * @param terms its threshold is a multiple, &gt; 1
   * @param standsOut multiple of the usual beyond which a day stands out, &gt; 1
   * @param deviations that a day must be off to stand out, &gt; 0
   */
  public SpendDriftRule(
      Terms terms, ZoneId zone, Grade grade, BigDecimal standsOut, BigDecimal deviations) {
    terms.require(
        terms.threshold().compareTo(BigDecimal.ONE) > 0, "drift must be > 1", terms.threshold());
    this.terms = terms;
    this.weeks = new Windows(zone, Duration.ofDays(WEEK));
    this.grade = grade;
    this.floor = SpendRobustRule.ppm(standsOut.subtract(BigDecimal.ONE));
    this.deviations = SpendRobustRule.ppm(deviations);
  }

  @Override
  public Terms terms() {
    return terms;
  }

  @Override
  public List<Judge> judges(Now now) {
    Instant event = now.event();
    return event == null
        ? List.of()
        : List.of(new OfWeek(new RunningWindow(weeks.at(event), event)));
  }

  @Override
  public Judge afterwards(Window window) {
    return new OfWeek(RunningWindow.over(window));
  }

  @Override
  public boolean isContinuous() {
    return false;
  }

  /** What was read of a scope, as long as no earlier day of it changes. */
  private record Memory(ScopeSpend of, Window today, long version, Past past) {}

  private final class OfWeek implements Judge {
    private final RunningWindow running;
    private final Window today;
    private final PartOf day;

    OfWeek(RunningWindow running) {
      this.running = running;
      today = Window.dayOf(running.asOf(), weeks.zone());
      day = new PartOf(today, today.end());
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
      int history = scope.daysOfHistory(today.date());
      // The first day may be a part of one.
      if (history <= DAYS) {
        return new Verdict.Unknown(
            history + " days of history where " + (DAYS + 1) + " are needed to see drift");
      }
      Past past = past(scope);
      BigDecimal latest = SpendRobustRule.usd(sum(past, DAYS - WEEK));
      BigDecimal before = SpendRobustRule.usd(sum(past, 0));
      BigDecimal actualUsd = new BigDecimal(scope.cost(window()), Money.SCALE);
      Comparison comparison =
          new Comparison(
              scope.scope(),
              window(),
              asOf(),
              Metric.COST,
              latest,
              before.setScale(Money.SCALE),
              latest.subtract(before),
              actualUsd,
              actualUsd,
              SpendRatioRule.confidence(DAYS - past.flagged(), DAYS));
      BigDecimal bound = before.multiply(terms.threshold());
      boolean exceeded =
          latest.compareTo(bound) > 0
              && latest.subtract(before).compareTo(terms.minImpactUsd()) >= 0;
      return exceeded
          ? new Verdict.Exceeded(
              comparison,
              latest.compareTo(bound.multiply(SpendRatioRule.CLEARLY)) > 0,
              grade.of(latest.compareTo(before.multiply(grade.critical())) >= 0),
              List.of(
                  "drift: the last 7 days against the 7 that were four weeks before them, at "
                      + today.date()))
          : new Verdict.Within(comparison);
    }

    private Past past(ScopeSpend scope) {
      long version = scope.baselineVersion(today.date());
      Memory known = memories.get(scope.scope());
      // Another store may have the same scope at the same version.
      if (known == null
          || !known.of().equals(scope)
          || known.version() != version
          || !known.today().equals(today)) {
        known = new Memory(scope, today, version, read(scope));
        memories.put(scope.scope(), known);
      }
      return known.past();
    }

    private Past read(ScopeSpend scope) {
      long[] spent = new long[DAYS];
      int[] kinds = new int[DAYS];
      int kind = today.date().getDayOfWeek().getValue() - 1;
      for (int i = 0; i < DAYS; i++) {
        spent[i] = day.spent(scope, DAYS - i);
        kinds[i] = Math.floorMod(kind - (DAYS - i), WEEK);
      }
      return new Past(
          spent, kinds, floor, deviations, SpendRobustRule.ppm(terms.minImpactUsd()) / WEEK);
    }

    private long sum(Past past, int first) {
      return IntStream.range(first, first + WEEK).mapToLong(past::counted).sum();
    }

    @Override
    public Explanation explain(ScopeSpend scope, Comparison comparison) {
      return Explanation.of(scope, new OfCells(day), comparison);
    }
  }

  /** The last week of a cell against the one four weeks before. */
  private record OfCells(PartOf day) implements Baseline {
    @Override
    public BigDecimal actual(CellSpend cell) {
      return SpendRobustRule.usd(
          IntStream.rangeClosed(1, WEEK).mapToLong(ago -> day.spent(cell, ago)).sum());
    }

    @Override
    public Fraction expected(CellSpend cell) {
      long micros = weekBefore().mapToLong(ago -> day.spent(cell, ago)).sum();
      return new Fraction(BigInteger.valueOf(micros), BigInteger.valueOf(MICROS_PER_USD));
    }

    @Override
    public long actualRequests(CellSpend cell) {
      return IntStream.rangeClosed(1, WEEK).mapToLong(ago -> day.requests(cell, ago)).sum();
    }

    @Override
    public Fraction expectedRequests(CellSpend cell) {
      return new Fraction(
          BigInteger.valueOf(weekBefore().mapToLong(ago -> day.requests(cell, ago)).sum()),
          BigInteger.ONE);
    }

    private static IntStream weekBefore() {
      return IntStream.rangeClosed(DAYS - WEEK + 1, DAYS);
    }
  }
}
