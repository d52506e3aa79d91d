package io.outlay.bench.jmh;

import io.outlay.bench.Metric;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What the {@link Gauge} read in one iteration.
 *
 * @param events ≥ 1
 */
record Sample(double events, double wallNanos, double cpuNanos, double allocatedBytes) {
  Sample {
    if (!(events >= 1)) {
      throw new IllegalArgumentException("an iteration must have events, had " + events);
    }
  }

  /**
   * The figures of a case: of each fork the median of its iterations, of these the median. A single
   * fork's error is that of its iterations.
   *
   * @param forks iterations of each fork, at least one of each
   */
  static Map<Metric, Double> figures(List<List<Sample>> forks) {
    double[] nanos = medians(forks, s -> s.wallNanos / s.events);
    double nanosPerEvent = median(nanos);
    double[] spread =
        forks.size() > 1
            ? nanos
            : forks.get(0).stream().mapToDouble(s -> s.wallNanos / s.events).toArray();
    Map<Metric, Double> figures = new EnumMap<>(Metric.class);
    figures.put(Metric.EVENTS_PER_SECOND, 1e9 / nanosPerEvent);
    figures.put(Metric.NANOS_PER_EVENT, nanosPerEvent);
    figures.put(
        Metric.NANOS_ERROR,
        (Arrays.stream(spread).max().orElseThrow() - Arrays.stream(spread).min().orElseThrow())
            / 2);
    figures.put(
        Metric.CPU_MICROS_PER_EVENT, median(medians(forks, s -> s.cpuNanos / s.events)) / 1e3);
    figures.put(
        Metric.ALLOCATED_BYTES_PER_EVENT, median(medians(forks, s -> s.allocatedBytes / s.events)));
    return figures;
  }

  private static double[] medians(List<List<Sample>> forks, ToDoubleFunction<Sample> figure) {
    return forks.stream()
        .mapToDouble(fork -> median(fork.stream().mapToDouble(figure).toArray()))
        .toArray();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
