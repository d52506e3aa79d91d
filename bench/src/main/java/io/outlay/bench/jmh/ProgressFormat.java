package io.outlay.bench.jmh;

import io.outlay.bench.Progress;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.IterationType;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Turns what JMH says into progress, and keeps its last words for the case that it fails. */
final class ProgressFormat implements OutputFormat {
  private static final int KEPT = 16_000;

  private final String benchmark;
  private final Function<BenchmarkParams, String> label;
  private final int cases;
  private final Progress progress;
  private final StringBuilder words = new StringBuilder();
  private String shown = "";
  private int number;

  ProgressFormat(
      String benchmark, Function<BenchmarkParams, String> label, int cases, Progress progress) {
    this.benchmark = benchmark;
    this.label = label;
    this.cases = cases;
    this.progress = progress;
  }

  /** The end of what JMH and its processes have printed, without its settings and the frames. */
  String lastWords() {
    return words
        .toString()
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#") && !line.startsWith("\tat "))
        .collect(Collectors.joining("\n"));
  }

  @Override
  public void startBenchmark(BenchmarkParams params) {
    String name = label.apply(params);
    if (!name.equals(shown)) {
      shown = name;
      number++;
      words.setLength(0);
      progress.step("measuring " + benchmark + " " + number + "/" + cases + ": " + name);
    }
  }

  @Override
  public void iteration(BenchmarkParams params, IterationParams iteration, int count) {
    progress.detail(
        "measuring "
            + benchmark
            + " "
            + number
            + "/"
            + cases
            + ": "
            + shown
            + (iteration.getType() == IterationType.WARMUP
                ? ", warming up"
                : ", " + count + "/" + iteration.getCount()));
  }

  @Override
  public void iterationResult(
      BenchmarkParams params, IterationParams iteration, int count, IterationResult result) {}

  @Override
  public void endBenchmark(BenchmarkResult result) {}

  @Override
  public void startRun() {}

  @Override
  public void endRun(Collection<RunResult> result) {}

  @Override
  public void print(String text) {
    words.append(text);
    words.delete(0, Math.max(0, words.length() - KEPT));
  }

  @Override
  public void println(String text) {
    print(text + "\n");
  }

  @Override
  public void verbosePrintln(String text) {}

  @Override
  public void write(int b) {
    print(String.valueOf((char) b));
  }

  @Override
  public void write(byte[] bytes) {
    print(new String(bytes, StandardCharsets.UTF_8));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
