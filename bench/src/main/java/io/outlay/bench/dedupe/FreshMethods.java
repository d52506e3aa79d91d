package io.outlay.bench.dedupe;

import io.outlay.bench.jmh.Gauge;
import io.outlay.streams.dedupe.SeenIds;
import io.outlay.streams.dedupe.SeenIds.Sighting;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Sees ids for the first time. What has been seen stays, so that each batch gets a table of its
 * own; a batch is small enough for the table not to grow.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
public class FreshMethods {
  private static final int BATCH = 40_000;

  /** Ids held before. */
  @Param("1000000")
  public long held;

  private SeenIds seen;

  /** Fills a table. */
  @Setup(Level.Invocation)
  public void fill() {
    seen = null; // two do not fit
    seen = HeldIds.of(held);
  }

  /** Sees a batch, and counts that all were new. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void see(Gauge gauge) {
    int first = 0;
    gauge.start();
    for (long number = held; number < held + BATCH; number++) {
      if (HeldIds.see(seen, number, number) == Sighting.FIRST) {
        first++;
      }
    }
    gauge.stop(BATCH);
    if (first != BATCH || seen.size() != held + BATCH) {
      throw new IllegalStateException("of " + BATCH + " new ids " + first + " were new");
    }
  }
}
