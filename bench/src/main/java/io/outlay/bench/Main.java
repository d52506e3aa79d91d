package io.outlay.bench;

import io.outlay.bench.codec.CodecBenchmark;
import io.outlay.bench.dedupe.DedupeBenchmark;
import io.outlay.bench.detection.DetectionBenchmark;
import io.outlay.bench.pipeline.DrainBenchmark;
import io.outlay.bench.pipeline.ScaleBenchmark;
import io.outlay.bench.pipeline.SteadyBenchmark;
import io.outlay.bench.pipeline.TopologyBenchmark;
import io.outlay.bench.rating.RatingBenchmark;
import io.outlay.bench.rowbinary.RowBinaryBenchmark;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;

/** What {@code ./outlay bench} runs. */
public final class Main {
  /** System property by which the launcher says that somebody is looking. */
  private static final String TERMINAL_PROPERTY = "launcher.terminal";

  /** System property by which the launcher says where the project is. */
  private static final String ROOT_PROPERTY = "launcher.root";

  private Main() {}

  /** All benchmarks, in the order in which they are listed and run. */
  static List<Benchmark> benchmarks() {
    Path root = Path.of(System.getProperty(ROOT_PROPERTY, "."));
    return List.of(
        RatingBenchmark.create(),
        CodecBenchmark.create(),
        DedupeBenchmark.create(),
        RowBinaryBenchmark.create(),
        DetectionBenchmark.create(root),
        new TopologyBenchmark(root),
        new DrainBenchmark(root),
        new ScaleBenchmark(root),
        new SteadyBenchmark(root));
  }

  /** Runs the command. */
  public static void main(String[] args) {
    CommandLine command =
        BenchCommand.commandLine(benchmarks(), Boolean.getBoolean(TERMINAL_PROPERTY));
    command.setOut(writer(FileDescriptor.out));
    command.setErr(writer(FileDescriptor.err));
    System.exit(command.execute(args));
  }

  /** UTF-8 whatever the locale. */
  private static PrintWriter writer(FileDescriptor file) {
    return new PrintWriter(new FileOutputStream(file), true, StandardCharsets.UTF_8);
  }
}
