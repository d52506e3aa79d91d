package io.outlay.detector.rule;

import io.outlay.detector.rule.Explanation.Delta;
import io.outlay.detector.spend.CellSpend;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Needs;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Signal;
import io.outlay.detector.spend.Stretch;
import io.outlay.detector.spend.Window;
import io.outlay.money.Money;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Fires when nothing has been heard of a scope for a window in which, at this time of day, it is
 * heard of regularly: every hour that the window touches had events on each of the last days, and
 * on the same day of the week before if the scope is known for so long.
 *
 * <p>Scopes are held against the latest event of all usage, so that none is stale merely because
 * everything is behind. That everything is behind or has stopped is an incident of its own, of all
 * usage, held against the wall clock. After a pause of all usage, scopes are given a window to be
 * heard of again.
 */
public final class DataStaleRule implements Rule {
  /** Its type, in configuration and alerts. */
  public static final String TYPE = "data-stale";

  /**
   * Events that a window shorter than an hour must have on average for silence to tell anything.
   */
  static final int MIN_EVENTS = 10;

  private static final int WEEK = 7;
  private static final Duration HOUR = Duration.ofHours(1);
  private static final int MILLI_PLACES = 3;

  private final Terms terms;
  private final ZoneId zone;
  private final Duration length;
  private final int minHistoryDays;

  /**
   * @param terms its threshold is of no meaning; all usage is added to its cuts
   * @param window without an event
   * @param minHistoryDays days before on which the same time of day had events, ≥ 1
   */
  public DataStaleRule(Terms terms, ZoneId zone, Duration window, int minHistoryDays) {
    terms.require(minHistoryDays >= 1, "minHistoryDays must be >= 1", minHistoryDays);
    terms.require(
        window.compareTo(Duration.ofMinutes(1)) >= 0, "window must be at least a minute", window);
    List<Cut> cuts = new ArrayList<>(terms.by());
    cuts.remove(Cut.WHOLE);
    cuts.add(0, Cut.WHOLE);
    this.terms = terms.by(cuts);
    this.zone = zone;
    this.length = window;
    this.minHistoryDays = minHistoryDays;
  }

  @Override
  public Terms terms() {
    return terms;
  }

  @Override
  public List<Judge> judges(Now now) {
    Instant event = now.event();
    if (event == null) {
      return List.of();
    }
    return List.of(new OfSilence(event, later(event, now.wall())));
  }

  @Override
  public Judge afterwards(Window window) {
    return new OfSilence(window.end(), window.end());
  }

  @Override
  public boolean isContinuous() {
    return true;
  }

  @Override
  public boolean isTimeDriven() {
    return true;
  }

  @Override
  public Needs needs() {
    int days = Math.max(minHistoryDays, WEEK) + Math.toIntExact(length.toDays()) + 1;
    return new Needs(days, Set.of(Signal.EVENTS), 0, Set.of());
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private final class OfSilence implements Judge {
    private final Window window;
    private final Instant asOf;

    /** Since when a scope must have been heard of. */
    private final Instant since;

    private final Stretch now;
    private final List<Stretch> daysBefore;
    private final Stretch weekBefore;
    private final List<Stretch> daysBeforeByClock;
    private final Stretch weekBeforeByClock;

    /**
     * @param asOf latest event of all usage
     * @param end by the clock, not before {@code asOf}
     */
    OfSilence(Instant asOf, Instant end) {
      this.asOf = asOf;
      this.since = asOf.minus(length);
      this.window = new Window(zone, end.minus(length), end);
      this.now = Stretch.ofHours(zone, since, asOf);
      this.daysBefore = daysBefore(asOf);
      this.weekBefore = before(asOf, WEEK);
      this.daysBeforeByClock = daysBefore(end);
      this.weekBeforeByClock = before(end, WEEK);
    }

    private List<Stretch> daysBefore(Instant end) {
      return IntStream.rangeClosed(1, minHistoryDays).mapToObj(ago -> before(end, ago)).toList();
    }

    private Stretch before(Instant end, int days) {
      return Stretch.ofHours(zone, shifted(end.minus(length), days), shifted(end, days));
    }

    private Instant shifted(Instant time, int days) {
      return time.atZone(zone).minusDays(days).toInstant();
    }

    @Override
    public Window window() {
      return window;
    }

    @Override
    public Instant asOf() {
      return asOf;
    }

    @Override
    public Verdict judge(ScopeSpend scope) {
      Instant last = scope.lastEvent();
      if (last.equals(Instant.MIN)) {
        return new Verdict.Unknown("nothing has ever been heard of it");
      }
      boolean all = scope.scope().equals(Scope.WHOLE);
      boolean behind = !asOf.isAfter(window.start());
      if (all ? !behind : last.isAfter(since)) {
        return new Verdict.Within(comparison(scope, last));
      }
      if (!all && (behind || pausedWithin(scope))) {
        return new Verdict.Unknown("all usage is behind, or was until a moment ago");
      }
      boolean regular =
          all
              ? isRegular(scope, daysBeforeByClock, weekBeforeByClock)
              : isRegular(scope, daysBefore, weekBefore);
      if (!regular) {
        return new Verdict.Unknown("it is not heard of regularly at this time of day");
      }
      Comparison comparison = comparison(scope, last);
      return new Verdict.Exceeded(
          comparison,
          true,
          all ? Severity.CRITICAL : terms.severity(),
          List.of(
              (all ? "no event of any usage since " : "no event since ") + last,
              "data is missing, which is no fall of spend"));
    }

    @Override
    public Explanation explain(ScopeSpend scope, Comparison comparison) {
      List<Delta> missing = new ArrayList<>();
      for (CellSpend cell : scope.cells()) {
        long usual = cell.count(Signal.EVENTS, daysBefore.get(0));
        if (usual > 0) {
          missing.add(new Delta(cell.cell(), BigDecimal.valueOf(usual)));
        }
      }
      return Explanation.of(comparison, missing, Explanation.Drivers.NONE);
    }

    private boolean pausedWithin(ScopeSpend scope) {
      // The pauses of a pipeline that lives are far shorter than the window.
      Duration pause = later(length.dividedBy(2), Duration.ofMinutes(1));
      return scope.progress().steadySince(pause).map(steady -> steady.isAfter(since)).orElse(true);
    }

    private Duration later(Duration one, Duration other) {
      return one.compareTo(other) > 0 ? one : other;
    }

    private boolean isRegular(ScopeSpend scope, List<Stretch> days, Stretch week) {
      long needed =
          length.compareTo(HOUR) < 0
              ? MIN_EVENTS * (HOUR.toMinutes() / Math.max(1, length.toMinutes()))
              : 1;
      for (Stretch before : days) {
        if (scope.least(Signal.EVENTS, before) < needed) {
          return false;
        }
      }
      return scope.daysOfHistory(asOf.atZone(zone).toLocalDate()) <= WEEK
          || scope.least(Signal.EVENTS, week) >= needed;
    }

    private Comparison comparison(ScopeSpend scope, Instant last) {
      BigDecimal spent = new BigDecimal(scope.cost(now), Money.SCALE);
      return new Comparison(
          scope.scope(),
          window,
          asOf,
          Metric.STALENESS,
          seconds(Duration.between(last, scope.scope().equals(Scope.WHOLE) ? window.end() : asOf)),
          seconds(length),
          BigDecimal.ZERO,
          spent,
          spent,
          BigDecimal.ONE);
    }

    private static BigDecimal seconds(Duration duration) {
      return BigDecimal.valueOf(Math.max(0, duration.toMillis()), MILLI_PLACES);
    }
  }
}
