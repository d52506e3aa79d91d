package io.outlay.bench.rating;

import io.outlay.bench.Benchmark;
import io.outlay.bench.jmh.JmhBenchmark;
import io.outlay.bench.jmh.JmhBenchmark.Plan;
import java.util.List;
import java.util.Map;

/** The benchmark {@code rating}. */
public final class RatingBenchmark {
  private static final String MIX = "mix";
  private static final String MODELS = "models";

  private RatingBenchmark() {}

  /** Every mix with 3,000 models, and with fewer those that show how the cost grows. */
  public static Benchmark create() {
    return new JmhBenchmark(
        "rating",
        "an event's cost from the price that held, with 3,000, 300 and 50 models",
        "mixed, 3000 models",
        512,
        List.of(
            plan(true, "3000", "mixed", RateMethods.UNSEEN),
            plan(false, "3000", "chat", "snapshot", "gateway", "unknown", "gpu", "storage"),
            plan(false, "300", "mixed"),
            plan(true, "50", "mixed")),
        params -> params.getParam(MIX) + ", " + params.getParam(MODELS) + " models");
  }

  private static Plan plan(boolean quick, String models, String... mixes) {
    return new Plan(
        RateMethods.class,
        Map.of(MODELS, List.of(models), MIX, List.of(mixes)),
        mixes.length,
        quick);
  }
}
