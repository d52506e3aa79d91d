package io.outlay.detector.rule;

import io.outlay.detector.spend.Needs;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Window;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A rule whose severity is one step lower where what it finds was planned, and says so. */
public record PlannedRule(Rule rule, List<Planned> planned) implements Rule {
  public PlannedRule {
    planned = List.copyOf(planned);
  }

  @Override
  public Terms terms() {
    return rule.terms();
  }

  @Override
  public List<Judge> judges(Now now) {
    return rule.judges(now).stream().<Judge>map(judge -> new Lenient(judge, planned)).toList();
  }

  @Override
  public Judge afterwards(Window window) {
    return new Lenient(rule.afterwards(window), planned);
  }

  @Override
  public boolean isContinuous() {
    return rule.isContinuous();
  }

  @Override
  public boolean isTimeDriven() {
    return rule.isTimeDriven();
  }

  @Override
  public Needs needs() {
    return rule.needs();
  }

  private record Lenient(Judge judge, List<Planned> planned) implements Judge {
    @Override
    public Window window() {
      return judge.window();
    }

    @Override
    public Instant asOf() {
      return judge.asOf();
    }

    @Override
    public Verdict judge(ScopeSpend scope) {
      Verdict verdict = judge.judge(scope);
      if (!(verdict instanceof Verdict.Exceeded exceeded)) {
        return verdict;
      }
      List<Planned> covering =
          planned.stream().filter(each -> each.covers(scope.scope(), window(), asOf())).toList();
      if (covering.isEmpty()) {
        return verdict;
      }
      List<String> notes = new ArrayList<>(exceeded.notes());
      covering.forEach(each -> notes.add("planned: " + each.name() + " until " + each.to()));
      return new Verdict.Exceeded(
          exceeded.comparison(), exceeded.clearly(), lower(exceeded.severity()), notes);
    }

    private static Severity lower(Severity severity) {
      return Severity.values()[Math.max(0, severity.ordinal() - 1)];
    }

    @Override
    public Explanation explain(ScopeSpend scope, Comparison comparison) {
      return judge.explain(scope, comparison);
    }
  }
}
