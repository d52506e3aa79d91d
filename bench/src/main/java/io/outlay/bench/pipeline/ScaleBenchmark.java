package io.outlay.bench.pipeline;

import io.outlay.bench.Benchmark;
import io.outlay.bench.Figures;
import io.outlay.bench.Metric;
import io.outlay.bench.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The topology with one, two and four partitions and as many threads, and with ten times the teams,
 * models, features and ids: how cost grows.
 */
public final class ScaleBenchmark implements Benchmark {
  private static final int EVENTS = 1_000_000;
  private static final int QUICK_EVENTS = 200_000;
  private static final int TENFOLD = 10;

  private final Path root;

  /**
   * @param root of the project
   */
  public ScaleBenchmark(Path root) {
    this.root = root;
  }

  @Override
  public String name() {
    return "scale";
  }

  @Override
  public String description() {
    return "the topology with 1, 2 and 4 partitions and threads, and with ten times the scopes and ids";
  }

  @Override
  public Figures run(boolean quick, Progress progress) {
    Shape shape = Shape.of(quick ? QUICK_EVENTS : EVENTS);
    List<Figures.Case> cases = new ArrayList<>();
    for (int each : new int[] {1, 2, 4}) {
      cases.add(measure(each + " partitions", shape, each, progress));
    }
    cases.add(measure("10x scopes", shape.tenfold(), 4, progress));
    // The same minutes hold ten times the events, so that only ids grow with them.
    cases.add(
        measure(
            "10x ids",
            quick ? shape : shape.with(TENFOLD * shape.events()).over(shape.minutes()),
            4,
            progress));
    return new Figures("4 partitions", cases);
  }

  private Figures.Case measure(String name, Shape shape, int partitions, Progress progress) {
    String configuration =
        "kafka: {partitions: %d}%nstreams: {threads: %d}%n"
            .formatted(partitions, Math.min(partitions, 2));
    try (PipelineStack stack = PipelineStack.start(root, configuration, progress)) {
      progress.step("scale: " + name + ", publishing " + shape.records() + " events");
      Expected expected = Prepared.backlog(stack, shape, progress);
      progress.step("scale: " + name + ", going through them");
      Course course = TopologyBenchmark.course(stack, expected, progress);
      long minutes = KafkaBooks.check(stack, expected);
      Map<Metric, Double> values = new LinkedHashMap<>();
      values.put(Metric.EVENTS_PER_SECOND, course.rate());
      values.put(Metric.WARM_EVENTS_PER_SECOND, course.warmRate());
      values.put(Metric.CPU_MICROS_PER_EVENT, course.cpuMicros(PipelineStack.STREAMS));
      values.put(Metric.WARM_CPU_MICROS_PER_EVENT, course.warmCpuMicros(PipelineStack.STREAMS));
      values.put(Metric.BROKER_CPU_MICROS_PER_EVENT, course.cpuMicros(PipelineStack.KAFKA));
      values.put(Metric.PEAK_MEGABYTES, stack.peakBytes(PipelineStack.STREAMS) / 1e6);
      values.put(Metric.EVENTS_PER_CELL, (double) expected.facts() / minutes);
      return new Figures.Case(name, values);
    }
  }
}
