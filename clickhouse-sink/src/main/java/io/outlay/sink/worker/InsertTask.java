package io.outlay.sink.worker;

import io.outlay.sink.batch.Batch;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * A batch that is being inserted.
 *
 * @param repeated whether a former owner had announced its range
 * @param abandoned at zero once nobody waits for it
 * @param result true once all of the batch is in, false if it was abandoned
 * @param startNanos when it was handed over
 */
record InsertTask(
    Batch batch,
    boolean repeated,
    CountDownLatch abandoned,
    CompletableFuture<Boolean> result,
    long startNanos) {
  InsertTask(Batch batch, boolean repeated) {
    this(batch, repeated, new CountDownLatch(1), new CompletableFuture<>(), System.nanoTime());
  }
}
