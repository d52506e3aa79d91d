package io.outlay.client;

import java.time.Duration;

/** Bounds and times of a client, all checked by the builder. */
record Settings(
    int maxBatchEvents,
    int maxBatchBytes,
    Duration linger,
    int maxQueueEvents,
    long maxQueueBytes,
    int maxInFlight,
    Duration requestTimeout,
    Duration initialBackoff,
    Duration maxBackoff,
    Duration refusedBackoff,
    SpoolMode spoolMode) {}
