package io.outlay.sink.insert;

import io.outlay.health.Status;
import io.outlay.sink.batch.Batch;
import io.outlay.sink.row.RowWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/**
 * Inserts batches, one table partition after the other, each until ClickHouse says that it is in. A
 * repetition sends the same bytes under the same token, so that it does nothing if the first try
 * was applied and only its answer was lost. Safe for concurrent use.
 */
public final class Inserter {
  private final Target target;
  private final Status reachable;
  private final Status accepted;
  private final Backoff backoff;
  private final Backoff repairBackoff;
  private final LongAdder retries;
  private final LongConsumer latencyNanos;

  /**
   * @param reachable told whether ClickHouse answers
   * @param accepted told whether ClickHouse takes this inserter's rows when it answers
   * @param backoff waits while ClickHouse is away or busy
   * @param repairBackoff waits while somebody has to repair something
   * @param retries counts repetitions
   * @param latencyNanos told how long each successful insert took
   */
  public Inserter(
      Target target,
      Status reachable,
      Status accepted,
      Backoff backoff,
      Backoff repairBackoff,
      LongAdder retries,
      LongConsumer latencyNanos) {
    this.target = target;
    this.reachable = reachable;
    this.accepted = accepted;
    this.backoff = backoff;
    this.repairBackoff = repairBackoff;
    this.retries = retries;
    this.latencyNanos = latencyNanos;
  }

  /**
   * Inserts the rows of a batch.
   *
   * @param abandoned once it is at zero, no further try is started
   * @return whether all of them are in; if not, the batch was abandoned and some of them may be
   * @throws InterruptedException if the thread is to end
   */
  public boolean insert(Batch batch, CountDownLatch abandoned) throws InterruptedException {
    for (Map.Entry<String, RowWriter> part : batch.rows().partitions().entrySet()) {
      if (part.getValue().rows() > 0
          && !insert(batch, part.getValue(), batch.token(part.getKey()), abandoned)) {
        return false;
      }
    }
    return true;
  }

  private boolean insert(Batch batch, RowWriter rows, String token, CountDownLatch abandoned)
      throws InterruptedException {
    for (int failures = 0; abandoned.getCount() > 0; ) {
      long start = System.nanoTime();
      try {
        target.insert(batch.encoder().table(), batch.encoder().columns(), rows, token);
        latencyNanos.accept(System.nanoTime() - start);
        reachable.works();
        accepted.works();
        return true;
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        failures++;
        retries.increment();
        Duration wait = failed(e, failures);
        if (abandoned.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
          return false;
        }
      }
    }
    return false;
  }

  private Duration failed(Exception thrown, int failures) {
    Failure failure = Failure.of(thrown);
    if (failure == Failure.AWAY) {
      reachable.failed(message(thrown));
    } else {
      reachable.works();
      accepted.failed(message(thrown));
    }
    return (failure == Failure.REFUSED ? repairBackoff : backoff).after(failures);
  }

  private static String message(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null
        && (cause.getMessage() == null
            || cause instanceof java.util.concurrent.ExecutionException)) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage().strip();
  }
}
