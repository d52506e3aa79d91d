package io.outlay.bench.pipeline;

import java.time.Duration;
import java.util.Map;

/**
 * How far a pipeline had come at one time.
 *
 * @param nanos of {@link System#nanoTime}
 * @param done events that it had gone through
 * @param cpu processor time of each part since its start
 */
record Moment(long nanos, long done, Map<String, Duration> cpu) {
  /** Processor time of a part since another moment, in microseconds. */
  long cpuMicrosSince(Moment earlier, String part) {
    return cpu.get(part).minus(earlier.cpu.get(part)).toNanos() / 1_000;
  }
}
