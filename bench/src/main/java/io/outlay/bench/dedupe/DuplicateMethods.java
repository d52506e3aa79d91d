package io.outlay.bench.dedupe;

import io.outlay.bench.jmh.Gauge;
import io.outlay.streams.dedupe.SeenIds;
import io.outlay.streams.dedupe.SeenIds.Sighting;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Sees ids again, any of those that are held. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
public class DuplicateMethods {
  private static final int BATCH = 40_000;

  /** Ids held. */
  @Param("1000000")
  public long held;

  private final SplittableRandom random = new SplittableRandom(1);
  private SeenIds seen;

  /** Fills the table. */
  @Setup(Level.Trial)
  public void fill() {
    seen = HeldIds.of(held);
  }

  /** Sees a batch, and counts that none was new. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void see(Gauge gauge) {
    int duplicates = 0;
    gauge.start();
    for (int i = 0; i < BATCH; i++) {
      long number = random.nextLong(held);
      if (HeldIds.see(seen, number, held + i) == Sighting.DUPLICATE) {
        duplicates++;
      }
    }
    gauge.stop(BATCH);
    if (duplicates != BATCH) {
      throw new IllegalStateException("of " + BATCH + " ids held " + duplicates + " were known");
    }
  }
}
