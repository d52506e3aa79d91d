package io.outlay.bench.jmh;

import io.outlay.bench.Metric;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SampleTest {
  @Test
  void givenForks_whenSummedUp_thenTheMedianOfTheirMediansCounts() {
    Map<Metric, Double> figures =
        Sample.figures(List.of(fork(100, 9_000, 200), fork(400, 500, 600), fork(300, 300, 1)));

    assertThat(figures)
        .containsEntry(Metric.NANOS_PER_EVENT, 300.0)
        .containsEntry(Metric.EVENTS_PER_SECOND, 1e9 / 300)
        .containsEntry(Metric.NANOS_ERROR, 150.0)
        .containsEntry(Metric.CPU_MICROS_PER_EVENT, 0.15)
        .containsEntry(Metric.ALLOCATED_BYTES_PER_EVENT, 64.0);
  }

  @Test
  void givenOneFork_whenSummedUp_thenTheErrorIsThatOfItsIterations() {
    Map<Metric, Double> figures = Sample.figures(List.of(fork(100, 200, 300, 500)));

    assertThat(figures)
        .containsEntry(Metric.NANOS_PER_EVENT, 250.0)
        .containsEntry(Metric.NANOS_ERROR, 200.0);
  }

  @Test
  void givenAnIterationWithoutEvents_whenMade_thenItIsRefused() {
    assertThatThrownBy(() -> new Sample(0, 1, 1, 1)).hasMessageContaining("events");
  }

  /** Iterations of ten events, each of which takes so long by the clock, half of it computing. */
  private static List<Sample> fork(double... nanosPerEvent) {
    return DoubleStream.of(nanosPerEvent)
        .mapToObj(nanos -> new Sample(10, nanos * 10, nanos * 5, 640))
        .toList();
  }
}
