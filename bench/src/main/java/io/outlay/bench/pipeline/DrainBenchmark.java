package io.outlay.bench.pipeline;

import io.outlay.bench.Benchmark;
import io.outlay.bench.BenchmarkFailedException;
import io.outlay.bench.Figures;
import io.outlay.bench.Metric;
import io.outlay.bench.Progress;
import io.outlay.embedded.stack.StackException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A backlog of usage all the way into ClickHouse, held against the floor of the same run: the same
 * bytes copied in transactions, and the same facts inserted raw.
 */
public final class DrainBenchmark implements Benchmark {
  private static final int EVENTS = 5_000_000;
  private static final int QUICK_EVENTS = 500_000;
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final List<String> PARTS =
      List.of(
          PipelineStack.STREAMS, PipelineStack.KAFKA, PipelineStack.SINK, PipelineStack.CLICKHOUSE);

  private final Path root;

  /**
   * @param root of the project
   */
  public DrainBenchmark(Path root) {
    this.root = root;
  }

  @Override
  public String name() {
    return "drain";
  }

  @Override
  public String description() {
    return "a backlog of usage deduplicated, rated, added up and in ClickHouse; and the floor of the same run";
  }

  @Override
  public Figures run(boolean quick, Progress progress) {
    Shape shape = Shape.of(quick ? QUICK_EVENTS : EVENTS);
    try (PipelineStack stack = PipelineStack.start(root, null, progress)) {
      stack.up(PipelineStack.CLICKHOUSE);
      progress.step("drain: publishing " + shape.records() + " events");
      Expected expected = Prepared.backlog(stack, shape, progress);
      long kafkaBefore = stack.diskBytes(PipelineStack.KAFKA, "");
      progress.step("drain: going through them");
      Course course = course(stack, expected, progress);
      check(stack, expected);
      Map<Metric, Double> drained = new EnumMap<>(Metric.class);
      double cpu = PARTS.stream().mapToDouble(course::cpuMicros).sum();
      double warm = PARTS.stream().mapToDouble(course::warmCpuMicros).sum();
      drained.put(Metric.EVENTS_PER_SECOND, course.rate());
      drained.put(Metric.WARM_EVENTS_PER_SECOND, course.warmRate());
      drained.put(Metric.CPU_MICROS_PER_EVENT, cpu);
      drained.put(Metric.WARM_CPU_MICROS_PER_EVENT, warm);
      drained.put(Metric.STREAMS_CPU_MICROS_PER_EVENT, course.cpuMicros(PipelineStack.STREAMS));
      drained.put(Metric.BROKER_CPU_MICROS_PER_EVENT, course.cpuMicros(PipelineStack.KAFKA));
      drained.put(Metric.SINK_CPU_MICROS_PER_EVENT, course.cpuMicros(PipelineStack.SINK));
      drained.put(
          Metric.CLICKHOUSE_CPU_MICROS_PER_EVENT, course.cpuMicros(PipelineStack.CLICKHOUSE));
      drained.put(Metric.PEAK_MEGABYTES, PARTS.stream().mapToLong(stack::peakBytes).sum() / 1e6);
      drained.put(
          Metric.KAFKA_BYTES_PER_EVENT,
          (double) stack.diskBytes(PipelineStack.KAFKA, "") / expected.records());
      drained.put(Metric.USAGE_BYTES_PER_EVENT, (double) kafkaBefore / expected.records());
      drained.put(
          Metric.STATE_BYTES_PER_EVENT,
          (double) stack.diskBytes("streams", "") / expected.records());
      drained.put(
          Metric.CLICKHOUSE_BYTES_PER_EVENT,
          number(
                  stack,
                  "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table IN"
                      + " ('usage_costs_store', 'cost_rollups_store')")
              / expected.facts());
      stack.down(PipelineStack.STREAMS, PipelineStack.SINK);
      Floor floor = new Floor(stack, progress);
      Floor.Cost consume = floor.consume(expected.records());
      Floor.Cost copy = floor.copy(expected.records());
      Floor.Cost insert = floor.insert();
      drained.put(Metric.OF_FLOOR, cpu / (copy.cpuMicros() + insert.cpuMicros()));
      return new Figures(
          "drained",
          List.of(
              new Figures.Case("drained", drained),
              of("floor: consume", consume),
              of("floor: copy in transactions", copy),
              of("floor: insert raw", insert)));
    }
  }

  private static Figures.Case of(String name, Floor.Cost cost) {
    return new Figures.Case(
        name,
        Map.of(
            Metric.EVENTS_PER_SECOND,
            cost.perSecond(),
            Metric.CPU_MICROS_PER_EVENT,
            cost.cpuMicros()));
  }

  /** Starts streams-app and the sink, and watches facts arrive. */
  static Course course(PipelineStack stack, Expected expected, Progress progress) {
    Thread start =
        new Thread(() -> stack.up(PipelineStack.STREAMS, PipelineStack.SINK), "start-programs");
    start.start();
    double records = (double) expected.records() / expected.facts();
    return Course.watch(
        stack,
        PARTS,
        expected.records(),
        () -> Math.round(facts(stack) * records),
        () ->
            number(stack, "SELECT sum(events) FROM cost_rollups WHERE window = 'day'")
                == expected.facts(),
        PATIENCE,
        progress);
  }

  /** Rows of facts; 0 before there is a table. */
  private static double facts(PipelineStack stack) {
    return number(
        stack, "SELECT sum(rows) FROM system.parts WHERE active AND table = 'usage_costs_store'");
  }

  private static void check(PipelineStack stack, Expected expected) {
    for (String sum :
        List.of(
            "SELECT count(), sum(cost) FROM usage_costs",
            "SELECT sum(events), sum(cost) FROM cost_rollups WHERE window = 'minute'",
            "SELECT sum(events), sum(cost) FROM cost_rollups WHERE window = 'hour'",
            "SELECT sum(events), sum(cost) FROM cost_rollups WHERE window = 'day'")) {
      String[] found = text(stack, sum).strip().split("\t");
      if (Long.parseLong(found[0]) != expected.facts()
          || new BigDecimal(found[1]).compareTo(expected.cost()) != 0) {
        throw new BenchmarkFailedException(
            String.format(
                "%s: %s events of %s USD, expected %d of %s",
                sum, found[0], found[1], expected.facts(), expected.cost()));
      }
    }
  }

  private static double number(PipelineStack stack, String sql) {
    String text = text(stack, sql).strip();
    return text.isEmpty() ? 0 : Double.parseDouble(text);
  }

  private static String text(PipelineStack stack, String sql) {
    try {
      return stack.clickhouse().text(sql, "TabSeparated");
    } catch (StackException e) {
      if (String.valueOf(e.getMessage()).contains("UNKNOWN_")) {
        return ""; // no table and no database before the sink has started
      }
      throw new BenchmarkFailedException("ClickHouse says: " + e.getMessage());
    } catch (IOException e) {
      throw new BenchmarkFailedException("ClickHouse does not answer: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkFailedException("interrupted while measuring");
    }
  }
}
