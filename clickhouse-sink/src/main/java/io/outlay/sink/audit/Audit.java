package io.outlay.sink.audit;

import io.outlay.sink.audit.AuditReport.Difference;
import io.outlay.sink.audit.AuditReport.Equation;
import io.outlay.sink.audit.AuditReport.Line;
import io.outlay.sink.audit.Flow.Position;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Holds the books against each other while traffic flows.
 *
 * <p>A run waits until what is on its way has arrived, and looks at every check. What does not
 * balance is looked at again, each time after waiting once more for what was on its way at the look
 * before; {@link Settling} says what that proves. It ends when nothing is open or time is up. For
 * one thread.
 */
public final class Audit {
  static final String POSITIONS = "positions";

  private static final int MAX_CELLS = 20;

  private final Flow flow;
  private final Function<Scope, List<Check>> checks;
  private final Clock clock;

  /** What is looked at. */
  public enum Scope {
    /** Everything. */
    ALL,
    /** Without a scan of all facts: the days that facts were rated for lately, and the totals. */
    RECENT
  }

  /**
   * How long a run may take, beside the reading itself.
   *
   * @param arrive for what is on its way at the start
   * @param settle for what does not balance at once
   */
  public record Patience(Duration arrive, Duration settle) {}

  Audit(Flow flow, Function<Scope, List<Check>> checks, Clock clock) {
    this.flow = flow;
    this.checks = checks;
    this.clock = clock;
  }

  /**
   * Makes an audit.
   *
   * @throws AuditException if Kafka or ClickHouse do not answer
   */
  public AuditReport run(Scope scope, Patience patience) {
    Instant start = clock.instant();
    List<Position> positions = flow.settle(patience.arrive());
    boolean arrived = positions.stream().allMatch(position -> position.lag() == 0);
    Map<Check, Settling> all = new LinkedHashMap<>();
    checks.apply(scope).forEach(check -> all.put(check, new Settling()));
    List<Check> open = new ArrayList<>(all.keySet());
    int looks = 0;
    for (long left = patience.settle().toNanos(); !open.isEmpty(); ) {
      for (Check check : open) {
        all.get(check).add(check.look());
      }
      looks++;
      open.removeIf(check -> all.get(check).isSettled());
      if (open.isEmpty() || left <= 0 || !arrived) {
        break;
      }
      long began = clock.millis();
      positions = flow.settle(Duration.ofNanos(left));
      arrived = positions.stream().allMatch(position -> position.lag() == 0);
      left -= Math.max(1, clock.millis() - began) * 1_000_000;
      if (!arrived) {
        // The next look would prove nothing.
        break;
      }
    }
    return report(scope, start, looks, positions, all);
  }

  private AuditReport report(
      Scope scope, Instant start, int looks, List<Position> positions, Map<Check, Settling> all) {
    Map<String, Collected> equations = new LinkedHashMap<>();
    for (Settling settling : all.values()) {
      for (Item item : settling.last().items()) {
        equations
            .computeIfAbsent(item.equation(), name -> new Collected())
            .add(item, settling.judge(item));
      }
      if (settling.last().unlisted() > 0) {
        String equation = settling.last().items().get(0).equation();
        equations.get(equation).unlisted(settling.last().unlisted());
      }
    }
    List<Equation> shown = new ArrayList<>();
    shown.add(positions(positions));
    equations.forEach((name, collected) -> shown.add(collected.equation(name)));
    Verdict worst =
        shown.stream()
            .map(equation -> Verdict.valueOf(equation.status().toUpperCase(Locale.ROOT)))
            .reduce(Verdict.BALANCED, Verdict::and);
    return new AuditReport(
        worst.label(),
        scope.name().toLowerCase(Locale.ROOT),
        start.toString(),
        clock.instant().toString(),
        looks,
        shown);
  }

  private static Equation positions(List<Position> positions) {
    List<Line> lines = new ArrayList<>();
    long lagging = 0;
    for (Position position : positions) {
      lagging += position.lag() == 0 ? 0 : 1;
      lines.add(
          new Line(
              position.topic() + " by " + position.reader(),
              Long.toString(position.end()),
              Long.toString(position.reached()),
              Long.toString(-position.lag()),
              (position.lag() == 0 ? Verdict.BALANCED : Verdict.UNSETTLED).label()));
    }
    return new Equation(
        POSITIONS,
        Meaning.POSITIONS.left(),
        Meaning.POSITIONS.right(),
        Meaning.POSITIONS.sentence(),
        (lagging == 0 ? Verdict.BALANCED : Verdict.UNSETTLED).label(),
        0,
        lagging,
        lines,
        List.of());
  }

  /** Items of one equation, from every check that has some. */
  private static final class Collected {
    private final Map<String, BigDecimal[]> sums = new LinkedHashMap<>();
    private final Map<String, Verdict> verdicts = new LinkedHashMap<>();
    private final List<Difference> cells = new ArrayList<>();
    private long differences;
    private long unsettled;

    void add(Item item, Verdict verdict) {
      differences += verdict == Verdict.DIFFERS ? 1 : 0;
      unsettled += verdict == Verdict.UNSETTLED ? 1 : 0;
      if (item.place() == null) {
        sums.merge(
            item.what(),
            new BigDecimal[] {item.left(), item.right()},
            (a, b) -> new BigDecimal[] {a[0].add(b[0]), a[1].add(b[1])});
        verdicts.merge(item.what(), verdict, Verdict::and);
      } else if (verdict == Verdict.DIFFERS || verdict == Verdict.UNSETTLED) {
        cells.add(
            new Difference(
                item.place(),
                item.what(),
                item.left().toPlainString(),
                item.right().toPlainString(),
                item.right().subtract(item.left()).toPlainString(),
                verdict.label()));
      }
    }

    void unlisted(long more) {
      // Not told apart; those that are listed show which it is.
      if (differences > 0) {
        differences += more;
      } else {
        unsettled += more;
      }
    }

    Equation equation(String name) {
      Verdict verdict =
          differences > 0 ? Verdict.DIFFERS : unsettled > 0 ? Verdict.UNSETTLED : Verdict.BALANCED;
      List<Line> lines = new ArrayList<>();
      sums.forEach(
          (what, sides) ->
              lines.add(
                  new Line(
                      what,
                      sides[0].toPlainString(),
                      sides[1].toPlainString(),
                      sides[1].subtract(sides[0]).toPlainString(),
                      lineVerdict(what, sides, verdict).label())));
      // Differences before what only moves.
      cells.sort(
          Comparator.comparing(cell -> cell.status().equals(Verdict.DIFFERS.label()) ? 0 : 1));
      Meaning meaning = Meaning.of(name);
      return new Equation(
          name,
          meaning.left(),
          meaning.right(),
          meaning.sentence(),
          verdict.label(),
          differences,
          unsettled,
          lines,
          List.copyOf(cells.subList(0, Math.min(MAX_CELLS, cells.size()))));
    }

    /** A sum that only shows what cells judge is as bad as they are, if it is not equal. */
    private Verdict lineVerdict(String what, BigDecimal[] sides, Verdict cellsVerdict) {
      Verdict own = verdicts.getOrDefault(what, Verdict.BALANCED);
      return own == Verdict.BALANCED && sides[0].compareTo(sides[1]) != 0 ? cellsVerdict : own;
    }
  }
}
