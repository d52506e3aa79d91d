package io.outlay.bench.pipeline;

import io.outlay.bench.BenchmarkFailedException;
import io.outlay.bench.Figures;
import io.outlay.bench.Metric;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** How long things took, each from when it should have begun. Safe for concurrent use. */
final class Latencies {
  private static final double NANOS_PER_MILLI = 1e6;

  private final List<Long> nanos = Collections.synchronizedList(new ArrayList<>());

  void add(long took) {
    nanos.add(took);
  }

  int count() {
    return nanos.size();
  }

  /**
   * As a case of a benchmark.
   *
   * @param perSecond events a second while they were taken
   */
  Figures.Case toCase(String name, double perSecond) {
    List<Long> sorted = new ArrayList<>(nanos);
    if (sorted.isEmpty()) {
      throw new BenchmarkFailedException(name + ": nothing arrived");
    }
    Collections.sort(sorted);
    return new Figures.Case(
        name,
        Map.of(
            Metric.EVENTS_PER_SECOND,
            perSecond,
            Metric.P50_MILLIS,
            at(sorted, 0.5),
            Metric.P99_MILLIS,
            at(sorted, 0.99),
            Metric.P999_MILLIS,
            at(sorted, 0.999)));
  }

  private static double at(List<Long> sorted, double share) {
    int index = (int) Math.ceil(share * sorted.size()) - 1;
    return sorted.get(Math.max(0, index)) / NANOS_PER_MILLI;
  }
}
