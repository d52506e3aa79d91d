package io.outlay.detector.incident;

import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import io.outlay.detector.rule.Judge;
import io.outlay.detector.rule.Metric;
import io.outlay.detector.rule.Now;
import io.outlay.detector.rule.Rule;
import io.outlay.detector.rule.Severity;
import io.outlay.detector.rule.Terms;
import io.outlay.detector.rule.Verdict;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Window;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/**
 * A continuous rule over the last half hour whose reading a test sets: above 1 is out of bounds.
 */
final class GaugeRule implements Rule {
  private static final BigDecimal CLEARLY = new BigDecimal("1.05");

  private final Terms terms =
      new Terms(
          "gauge",
          "latency-ratio",
          BigDecimal.ONE,
          List.of(Cut.of(Dimension.TEAM)),
          BigDecimal.ZERO,
          List.of("oncall"));

  String reading = "0";
  boolean silent;

  @Override
  public Terms terms() {
    return terms;
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
  public List<Judge> judges(Now now) {
    return List.of(
        afterwards(
            new Window(ZoneOffset.UTC, now.wall().minus(Duration.ofMinutes(30)), now.wall())));
  }

  @Override
  public Judge afterwards(Window window) {
    return new Judge() {
      @Override
      public Window window() {
        return window;
      }

      @Override
      public Instant asOf() {
        return window.end();
      }

      @Override
      public Verdict judge(ScopeSpend scope) {
        if (silent) {
          return new Verdict.Unknown("no requests");
        }
        BigDecimal now = new BigDecimal(reading);
        Comparison comparison =
            new Comparison(
                scope.scope(),
                window,
                window.end(),
                Metric.LATENCY,
                now,
                BigDecimal.ONE,
                BigDecimal.ZERO,
                BigDecimal.TEN,
                BigDecimal.TEN,
                BigDecimal.ONE);
        if (now.compareTo(BigDecimal.ONE) <= 0) {
          return new Verdict.Within(comparison);
        }
        Severity severity =
            now.compareTo(BigDecimal.valueOf(3)) >= 0
                ? Severity.CRITICAL
                : now.compareTo(BigDecimal.valueOf(2)) >= 0 ? Severity.WARNING : Severity.INFO;
        return new Verdict.Exceeded(
            comparison, now.compareTo(CLEARLY) > 0, severity, List.of("a note"));
      }

      @Override
      public Explanation explain(ScopeSpend scope, Comparison comparison) {
        return new Explanation(List.of(), List.of(), Explanation.Drivers.NONE);
      }
    };
  }
}
