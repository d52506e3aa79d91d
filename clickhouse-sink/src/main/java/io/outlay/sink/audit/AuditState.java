package io.outlay.sink.audit;

import io.outlay.sink.audit.AuditReport.Equation;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What is known of the books after a series of audits, and one line for each change of it. Safe for
 * concurrent use.
 *
 * <p>An equation balances from an audit that says so until one that finds a settled difference;
 * what is unsettled, or not looked at by an audit of recent books, leaves it as it was.
 */
public final class AuditState {
  /** Names of the equations that come to rest one way or the other. */
  public static final List<String> NAMES = Meaning.NAMES;

  private final Map<String, Equation> known = new TreeMap<>();
  private final Consumer<String> good;
  private final Consumer<String> bad;
  private boolean failing;

  /**
   * @param good told that something is well again
   * @param bad told that something is wrong
   */
  public AuditState(Consumer<String> good, Consumer<String> bad) {
    this.good = good;
    this.bad = bad;
  }

  /** Takes what an audit found. */
  public synchronized void took(AuditReport report) {
    if (failing) {
      failing = false;
      good.accept("the books can be audited again");
    }
    for (Equation equation : report.equations()) {
      if (equation.status().equals(Verdict.UNSETTLED.label())) {
        known.putIfAbsent(equation.name(), equation);
        continue;
      }
      Equation former = known.put(equation.name(), equation);
      boolean wrong = isWrong(equation);
      if (wrong && (former == null || !isWrong(former))) {
        bad.accept("the books do not balance: " + describe(equation));
      } else if (!wrong && former != null && isWrong(former)) {
        good.accept("the books balance again: " + equation.name());
      }
    }
  }

  /** Takes that an audit could not be made. */
  public synchronized void failed(String why) {
    if (!failing) {
      failing = true;
      bad.accept("the books cannot be audited: " + why);
    }
  }

  /** Whether no settled difference of an equation is known. */
  public synchronized boolean balances(String equation) {
    Equation found = known.get(equation);
    return found == null || !isWrong(found);
  }

  /** Settled differences of an equation. */
  public synchronized long differences(String equation) {
    Equation found = known.get(equation);
    return found == null ? 0 : found.differences();
  }

  private static boolean isWrong(Equation equation) {
    return equation.status().equals(Verdict.DIFFERS.label());
  }

  private static String describe(Equation equation) {
    StringBuilder text =
        new StringBuilder("%s, %d differences".formatted(equation.name(), equation.differences()));
    String shown = Verdict.DIFFERS.label();
    equation.cells().stream()
        .filter(cell -> cell.status().equals(shown))
        .findFirst()
        .ifPresentOrElse(
            cell ->
                text.append(
                    ", such as %s, %s: %s %s, %s %s"
                        .formatted(
                            cell.place(),
                            cell.what(),
                            equation.left(),
                            cell.left(),
                            equation.right(),
                            cell.right())),
            () ->
                equation.lines().stream()
                    .filter(line -> line.status().equals(shown))
                    .findFirst()
                    .ifPresent(
                        line ->
                            text.append(
                                ", such as %s: %s %s, %s %s"
                                    .formatted(
                                        line.what(),
                                        equation.left(),
                                        line.left(),
                                        equation.right(),
                                        line.right()))));
    return text.toString();
  }
}
