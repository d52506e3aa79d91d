package io.outlay.sink.worker;

import java.time.Duration;

/**
 * What bounds a worker.
 *
 * @param batchRows a batch with so many rows takes no more; one poll's records may come on top
 * @param batchBytes a batch of so many bytes takes no more
 * @param bufferedBytes when all batches together, those being inserted included, hold so much,
 *     nothing more is read
 * @param linger how long rows wait for company
 * @param concurrentInserts most inserts under way
 */
public record Limits(
    int batchRows, long batchBytes, long bufferedBytes, Duration linger, int concurrentInserts) {
  public Limits {
    if (batchRows < 1
        || batchBytes < 1
        || bufferedBytes < batchBytes
        || linger.isNegative()
        || concurrentInserts < 1) {
      throw new IllegalArgumentException(
          "limits of a worker: batchRows %d, batchBytes %d, bufferedBytes %d, linger %s, concurrentInserts %d"
              .formatted(batchRows, batchBytes, bufferedBytes, linger, concurrentInserts));
    }
  }
}
