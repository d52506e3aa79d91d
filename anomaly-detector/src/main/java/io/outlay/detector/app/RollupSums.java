package io.outlay.detector.app;

import io.outlay.detector.incident.Micros;
import io.outlay.detector.spend.Signal;
import io.outlay.detector.spend.Sums;
import io.outlay.schema.CostRollup;
import io.outlay.schema.ScopeRollup;

/** The sums of a rollup, as the store takes them. */
final class RollupSums {
  private RollupSums() {}

  /** Of a cell. */
  static Sums of(CostRollup rollup) {
    return Sums.of(rollup.getCost(), Micros.toInstant(rollup.getLastEventMicros()))
        .count(Signal.REQUESTS, rollup.getRequests())
        .count(Signal.EVENTS, rollup.getEvents())
        .count(Signal.STATUS_EVENTS, rollup.getStatusEvents())
        .count(Signal.ERRORS, rollup.getErrors())
        .count(Signal.LATENCY_EVENTS, rollup.getLatencyEvents())
        .count(Signal.LATENCY_MILLIS, rollup.getLatencyMillis())
        .count(Signal.GPU_MILLIS, rollup.getGpuMillis())
        .count(Signal.GPU_MEASURED_MILLIS, rollup.getGpuMeasuredMillis())
        .count(Signal.GPU_BUSY_MILLIS, rollup.getGpuBusyMillis())
        .gpuIdle(rollup.getGpuIdleCost())
        .count(Signal.CACHE_LOOKUPS, rollup.getCacheLookups())
        .count(Signal.CACHE_HITS, rollup.getCacheHits())
        .count(Signal.SCORE_EVENTS, rollup.getScoreEvents())
        .count(Signal.SCORE_MILLIONTHS, rollup.getScoreMillionths())
        .build();
  }

  /** Of a scope. */
  static Sums of(ScopeRollup rollup) {
    return Sums.of(rollup.getCost(), Micros.toInstant(rollup.getLastEventMicros()))
        .count(Signal.REQUESTS, rollup.getRequests())
        .count(Signal.EVENTS, rollup.getEvents())
        .count(Signal.STATUS_EVENTS, rollup.getStatusEvents())
        .count(Signal.ERRORS, rollup.getErrors())
        .count(Signal.LATENCY_EVENTS, rollup.getLatencyEvents())
        .count(Signal.LATENCY_MILLIS, rollup.getLatencyMillis())
        .count(Signal.GPU_MILLIS, rollup.getGpuMillis())
        .count(Signal.GPU_MEASURED_MILLIS, rollup.getGpuMeasuredMillis())
        .count(Signal.GPU_BUSY_MILLIS, rollup.getGpuBusyMillis())
        .gpuIdle(rollup.getGpuIdleCost())
        .count(Signal.CACHE_LOOKUPS, rollup.getCacheLookups())
        .count(Signal.CACHE_HITS, rollup.getCacheHits())
        .count(Signal.SCORE_EVENTS, rollup.getScoreEvents())
        .count(Signal.SCORE_MILLIONTHS, rollup.getScoreMillionths())
        .build();
  }
}
