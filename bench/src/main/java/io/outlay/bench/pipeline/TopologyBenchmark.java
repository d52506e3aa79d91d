package io.outlay.bench.pipeline;

import io.outlay.bench.Benchmark;
import io.outlay.bench.Figures;
import io.outlay.bench.Metric;
import io.outlay.bench.Progress;
import io.outlay.topic.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A backlog of usage through streams-app, as far as Kafka: no sink, no ClickHouse. */
public final class TopologyBenchmark implements Benchmark {
  private static final int EVENTS = 3_000_000;
  private static final int QUICK_EVENTS = 500_000;
  private static final Duration PATIENCE = Duration.ofMinutes(8);

  private final Path root;

  /**
   * @param root of the project
   */
  public TopologyBenchmark(Path root) {
    this.root = root;
  }

  @Override
  public String name() {
    return "topology";
  }

  @Override
  public String description() {
    return "a backlog of usage deduplicated, rated and added up, exactly once, from Kafka to Kafka";
  }

  @Override
  public Figures run(boolean quick, Progress progress) {
    Shape shape = Shape.of(quick ? QUICK_EVENTS : EVENTS);
    try (PipelineStack stack = PipelineStack.start(root, null, progress)) {
      progress.step("topology: publishing " + shape.records() + " events");
      Expected expected = Prepared.backlog(stack, shape, progress);
      progress.step("topology: going through them");
      Course course = course(stack, expected, progress);
      progress.step("topology: comparing the books");
      KafkaBooks.check(stack, expected);
      return new Figures(
          "drained",
          List.of(
              new Figures.Case(
                  "drained",
                  Map.of(
                      Metric.EVENTS_PER_SECOND,
                      course.rate(),
                      Metric.WARM_EVENTS_PER_SECOND,
                      course.warmRate(),
                      Metric.CPU_MICROS_PER_EVENT,
                      course.cpuMicros(PipelineStack.STREAMS),
                      Metric.WARM_CPU_MICROS_PER_EVENT,
                      course.warmCpuMicros(PipelineStack.STREAMS),
                      Metric.BROKER_CPU_MICROS_PER_EVENT,
                      course.cpuMicros(PipelineStack.KAFKA),
                      Metric.PEAK_MEGABYTES,
                      stack.peakBytes(PipelineStack.STREAMS) / 1e6))));
    }
  }

  /** Starts streams-app and watches it. */
  static Course course(PipelineStack stack, Expected expected, Progress progress) {
    Offsets offsets = new Offsets(stack.admin(), Topics.DEFAULT_PREFIX + "streams");
    Thread start = new Thread(() -> stack.up(PipelineStack.STREAMS), "start-streams-app");
    start.start();
    String usage = Topics.USAGE.name(Topics.DEFAULT_PREFIX);
    return Course.watch(
        stack,
        List.of(PipelineStack.STREAMS, PipelineStack.KAFKA),
        expected.records(),
        () -> offsets.committed(usage),
        () -> offsets.isThrough(Topics.ROLLUP_DELTAS.name(Topics.DEFAULT_PREFIX)),
        PATIENCE,
        progress);
  }
}
