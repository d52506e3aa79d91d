package io.outlay.bench.dedupe;

import io.outlay.bench.Benchmark;
import io.outlay.bench.jmh.JmhBenchmark;
import io.outlay.bench.jmh.JmhBenchmark.Plan;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The benchmark {@code dedupe}. */
public final class DedupeBenchmark {
  /** A table of 10,000,000 ids, beside the half of it that it grew from. */
  private static final int HEAP_MEGABYTES = 1_024;

  private static final Map<String, List<String>> HELD =
      Map.of("held", List.of("1000000", "10000000"));

  private DedupeBenchmark() {}

  /** New ids and known ones, with a million and ten million held. */
  public static Benchmark create() {
    return new JmhBenchmark(
        "dedupe",
        "whether an id has been seen, with 1,000,000 and 10,000,000 held (1 GB of memory)",
        "fresh, 10,000,000 held",
        HEAP_MEGABYTES,
        List.of(new Plan(FreshMethods.class, HELD, 2), new Plan(DuplicateMethods.class, HELD, 2)),
        params ->
            String.format(
                Locale.ROOT,
                "%s, %,d held",
                params.getBenchmark().contains("Fresh") ? "fresh" : "duplicate",
                Long.parseLong(params.getParam("held"))));
  }
}
