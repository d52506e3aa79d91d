package io.outlay.topic;

/** Key of sums over a window: the start of the window first, so that keys sort by time. */
public sealed interface WindowKey permits RollupKey, ScopeKey {
  /** The Kafka key. */
  byte[] toBytes();

  /** The scope alone: where all its windows meet. */
  byte[] scopeBytes();
}
