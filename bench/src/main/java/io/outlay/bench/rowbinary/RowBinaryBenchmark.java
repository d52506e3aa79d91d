package io.outlay.bench.rowbinary;

import io.outlay.bench.Benchmark;
import io.outlay.bench.jmh.JmhBenchmark;
import io.outlay.bench.jmh.JmhBenchmark.Plan;
import java.util.List;
import java.util.Map;

/** The benchmark {@code rowbinary}. */
public final class RowBinaryBenchmark {
  private static final String FACTS = "facts, 5,000 to an insert";

  private RowBinaryBenchmark() {}

  /** Facts to the bytes of an insert. */
  public static Benchmark create() {
    return new JmhBenchmark(
        "rowbinary",
        "facts read from Avro and written as ClickHouse's RowBinary",
        FACTS,
        512,
        List.of(new Plan(RowMethods.class, Map.of(), 1, true)),
        params -> FACTS);
  }
}
