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
            new Plan(
                RateMethods.class,
                Map.of(
                    MODELS,
                    List.of("3000"),
                    MIX,
                    List.of(
                        "mixed",
                        "chat",
                        "snapshot",
                        "gateway",
                        "unknown",
                        RateMethods.UNSEEN,
                        "gpu",
                        "storage")),
                8),
            new Plan(
                RateMethods.class,
                Map.of(MODELS, List.of("300", "50"), MIX, List.of("mixed", RateMethods.UNSEEN)),
                4)),
        params -> params.getParam(MIX) + ", " + params.getParam(MODELS) + " models");
  }
}
