package io.outlay.bench.detection;

import io.outlay.bench.Benchmark;
import io.outlay.bench.BenchmarkFailedException;
import io.outlay.bench.Figures;
import io.outlay.bench.Figures.Case;
import io.outlay.bench.Metric;
import io.outlay.bench.Progress;
import io.outlay.detector.app.RuleFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The plain rule and the recommended ones over labelled series, told apart by what happened. */
public final class DetectionBenchmark implements Benchmark {
  /** Seed that the recommended rules were tuned on; none of those that are reported. */
  static final long TUNED_ON = 1;

  private static final long[] REPORTED = {2, 3};
  private static final int QUICK_STEP = 8;
  private static final Path RECOMMENDED = Path.of("deploy", "rules.recommended.yaml");

  private final Path root;

  private DetectionBenchmark(Path root) {
    this.root = root;
  }

  /**
   * The benchmark.
   *
   * @param root of the project, where the recommended rules are
   */
  public static Benchmark create(Path root) {
    return new DetectionBenchmark(root);
  }

  @Override
  public String name() {
    return "detection";
  }

  @Override
  public String description() {
    return "what the plain rule and the recommended rules find in labelled series of spend";
  }

  @Override
  public Figures run(boolean quick, Progress progress) {
    List<Case> cases = new ArrayList<>();
    for (RuleSet rules : List.of(RuleSet.plain(), recommended())) {
      Map<Kind, Tally> byKind = new EnumMap<>(Kind.class);
      Tally all = new Tally();
      for (long seed : quick ? new long[] {REPORTED[0]} : REPORTED) {
        progress.step("detection: " + rules.name() + ", seed " + seed);
        List<SpendSeries> series = new SeriesGenerator(seed).all();
        for (int i = 0; i < series.size(); i += quick ? QUICK_STEP : 1) {
          progress.detail("detection: " + rules.name() + ", " + series.get(i).name());
          Outcome outcome = Outcome.of(series.get(i), rules.backtest());
          byKind.computeIfAbsent(outcome.series().kind(), kind -> new Tally()).add(outcome);
          all.add(outcome);
        }
      }
      byKind.forEach((kind, tally) -> cases.add(figures(rules.name() + ", " + kind.text(), tally)));
      cases.add(figures(rules.name() + ", all", all));
    }
    return new Figures("recommended, all", cases);
  }

  private RuleSet recommended() {
    Path file = root.resolve(RECOMMENDED);
    if (!Files.isReadable(file)) {
      throw new BenchmarkFailedException("the recommended rules are not there: " + file);
    }
    RuleFile rules = RuleFile.load(file, Map.of());
    return new RuleSet("recommended", rules::rules, rules.zone(), rules.daysBack());
  }

  private static Case figures(String name, Tally tally) {
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    values.put(Metric.FALSE_ALERTS, (double) tally.falseAlerts());
    if (tally.events() > 0) {
      values.put(Metric.EVENTS, (double) tally.events());
      values.put(Metric.PRECISION, tally.precision());
      values.put(Metric.RECALL, tally.recall());
      values.put(Metric.CAUSE_RIGHT, tally.causeRight());
      values.put(Metric.DAY_AFTER, (double) tally.dayAfter());
      values.put(Metric.REPEATS, (double) tally.repeats());
      values.put(Metric.LOSS_SHARE, tally.lossShare());
      values.put(Metric.USD_BEFORE_ALERT, tally.medianUsdBeforeAlert());
      if (tally.recall() > 0) {
        values.put(Metric.DELAY_P50_HOURS, tally.delayHours(50));
        values.put(Metric.DELAY_P90_HOURS, tally.delayHours(90));
      }
    }
    return new Case(name, values);
  }
}
