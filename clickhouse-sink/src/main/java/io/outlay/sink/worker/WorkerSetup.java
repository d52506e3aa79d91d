package io.outlay.sink.worker;

import io.outlay.health.Status;
import io.outlay.sink.row.RowEncoder;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a worker works with.
 *
 * @param encoders by full topic name; only for this worker
 * @param counters by full topic name
 * @param store where batches go
 * @param inserts runs what blocks until a batch is stored
 * @param registry told whether the schema registry answers when it is needed
 * @param oldestInsertNanos told how long the oldest insert has been under way
 * @param progressAt told, as {@link System#nanoTime}, when something was stored last, or when
 *     nothing waited to be
 */
record WorkerSetup(
    Map<String, RowEncoder> encoders,
    Map<String, TopicCounters> counters,
    Session.Store store,
    Executor inserts,
    Limits limits,
    DeadLetters deadLetters,
    Status registry,
    AtomicLong oldestInsertNanos,
    AtomicLong progressAt) {}
