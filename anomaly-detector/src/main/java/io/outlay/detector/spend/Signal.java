package io.outlay.detector.spend;

import java.util.Arrays;
import java.util.List;

/** What is counted beside spend; each a sum over facts. */
public enum Signal {
  /** Requests. */
  REQUESTS,
  /** Facts. */
  EVENTS,
  /** Facts that say how a call ended. */
  STATUS_EVENTS,
  /** Facts among them that do not say that it went well. */
  ERRORS,
  /** Facts that say how long a call took. */
  LATENCY_EVENTS,
  /** How long they took together, milliseconds. */
  LATENCY_MILLIS,
  /** Accelerator time, milliseconds. */
  GPU_MILLIS,
  /** Accelerator time whose utilisation is known, milliseconds. */
  GPU_MEASURED_MILLIS,
  /** The same time weighted with its utilisation, milliseconds. */
  GPU_BUSY_MILLIS,
  /** What the idle part of that time cost, pico-USD; wider than the others. */
  GPU_IDLE_PICO_USD,
  /** Looks into caches. */
  CACHE_LOOKUPS,
  /** Looks among them that found something. */
  CACHE_HITS,
  /** Quality scores. */
  SCORE_EVENTS,
  /** Sum of the quality scores, millionths. */
  SCORE_MILLIONTHS;

  /** All of them, by ordinal. */
  static final List<Signal> ALL = Arrays.asList(values());
}
