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

  private static final String MILLION = "1000000";
  private static final String TEN_MILLION = "10000000";

  private DedupeBenchmark() {}

  /** New ids and known ones, with a million and ten million held. */
  public static Benchmark create() {
    return new JmhBenchmark(
        "dedupe",
        "whether an id has been seen, with 1,000,000 and 10,000,000 held (1 GB of memory)",
        "fresh, 1,000,000 held",
        HEAP_MEGABYTES,
        List.of(
            plan(FreshMethods.class, MILLION, true),
            plan(DuplicateMethods.class, MILLION, true),
            plan(FreshMethods.class, TEN_MILLION, false),
            plan(DuplicateMethods.class, TEN_MILLION, false)),
        params ->
            String.format(
                Locale.ROOT,
                "%s, %,d held",
                params.getBenchmark().contains("Fresh") ? "fresh" : "duplicate",
                Long.parseLong(params.getParam("held"))));
  }

  private static Plan plan(Class<?> type, String held, boolean quick) {
    return new Plan(type, Map.of("held", List.of(held)), 1, quick);
  }
}
