package io.outlay.bench.jmh;

import io.outlay.bench.Benchmark;
import io.outlay.bench.BenchmarkFailedException;
import io.outlay.bench.Figures;
import io.outlay.bench.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * A benchmark of single operations on one thread. JMH runs each case in processes of its own, with
 * the collector that the programs run with; the methods read a {@link Gauge}.
 */
public final class JmhBenchmark implements Benchmark {
  private static final int FORKS = 3;
  private static final int WARMUPS = 5;
  private static final int ITERATIONS = 5;
  private static final TimeValue WARMUP = TimeValue.milliseconds(500);
  private static final TimeValue ITERATION = TimeValue.milliseconds(250);
  private static final int QUICK_FORKS = 1;

  private final String name;
  private final String description;
  private final String headline;
  private final int heapMegabytes;
  private final List<Plan> plans;
  private final Function<BenchmarkParams, String> label;

  /**
   * Methods to run, each with every combination of the parameters.
   *
   * @param type class of the methods
   * @param cases number of methods times that of combinations
   * @param quick whether a quick run has it too
   */
  public record Plan(
      Class<?> type, Map<String, List<String>> parameters, int cases, boolean quick) {}

  /**
   * @param headline label of the case that stands for all; a quick run has it too
   * @param heapMegabytes of each process
   * @param label names a case; no two the same
   */
  public JmhBenchmark(
      String name,
      String description,
      String headline,
      int heapMegabytes,
      List<Plan> plans,
      Function<BenchmarkParams, String> label) {
    this.name = name;
    this.description = description;
    this.headline = headline;
    this.heapMegabytes = heapMegabytes;
    this.plans = List.copyOf(plans);
    this.label = label;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Figures run(boolean quick, Progress progress) {
    List<Plan> chosen = plans.stream().filter(plan -> plan.quick || !quick).toList();
    Map<String, List<List<Sample>>> forks = new LinkedHashMap<>();
    ProgressFormat format =
        new ProgressFormat(name, label, chosen.stream().mapToInt(Plan::cases).sum(), progress);
    for (Plan plan : chosen) {
      for (RunResult result : run(plan, quick, format)) {
        List<List<Sample>> samples = new ArrayList<>();
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
          samples.add(fork.getIterationResults().stream().map(JmhBenchmark::sample).toList());
        }
        forks.put(label.apply(result.getParams()), samples);
      }
    }
    List<Figures.Case> cases = new ArrayList<>();
    forks.forEach((label, samples) -> cases.add(new Figures.Case(label, Sample.figures(samples))));
    return new Figures(headline, cases);
  }

  private Iterable<RunResult> run(Plan plan, boolean quick, ProgressFormat format) {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(plan.type.getName()) + "\\.")
            .forks(quick ? QUICK_FORKS : FORKS)
            .warmupIterations(WARMUPS)
            .warmupTime(WARMUP)
            .measurementIterations(ITERATIONS)
            .measurementTime(ITERATION)
            .threads(1)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.NORMAL)
            .jvmArgs(
                "-Xms" + heapMegabytes + "m",
                "-Xmx" + heapMegabytes + "m",
                "-XX:+UseSerialGC",
                // Avro's builders make only what it is told to trust.
                "-Dorg.apache.avro.SERIALIZABLE_PACKAGES=io.outlay.schema");
    plan.parameters.forEach((key, values) -> options.param(key, values.toArray(String[]::new)));
    try {
      return new Runner(options.build(), format).run();
    } catch (RunnerException e) {
      throw new BenchmarkFailedException(
          name + ": " + e.getMessage() + "\n" + format.lastWords(), e);
    }
  }

  private static Sample sample(IterationResult iteration) {
    Map<String, Result> counters = iteration.getSecondaryResults();
    return new Sample(
        counter(counters, "events"),
        counter(counters, "wallNanos"),
        counter(counters, "cpuNanos"),
        counter(counters, "allocatedBytes"));
  }

  private static double counter(Map<String, Result> counters, String key) {
    Result<?> counter = counters.get(key);
    if (counter == null) {
      throw new BenchmarkFailedException("a method does not read the gauge: no " + key);
    }
    return counter.getScore();
  }
}
