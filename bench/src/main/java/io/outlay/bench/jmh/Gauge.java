package io.outlay.bench.jmh;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Measures batches of events from within a benchmark: time by the clock, processor time and bytes
 * allocated, all of the measuring thread alone. JMH's own clock and its allocation profiler would
 * count the making of fresh events between the batches as well, and time by the clock says little
 * on a machine that does other work. JMH clears the counters before each iteration.
 */
@AuxCounters(AuxCounters.Type.EVENTS)
@State(Scope.Thread)
public class Gauge {
  /** Events of the batches. */
  public long events;

  /** Time by the clock. */
  public long wallNanos;

  /** Processor time. */
  public long cpuNanos;

  /** Bytes allocated. */
  public long allocatedBytes;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private long startWall;
  private long startCpu;
  private long startAllocated;

  /** A batch begins. */
  public void start() {
    startAllocated = threads.getCurrentThreadAllocatedBytes();
    startCpu = threads.getCurrentThreadCpuTime();
    startWall = System.nanoTime();
  }

  /** A batch of so many events has ended. */
  public void stop(int batch) {
    wallNanos += System.nanoTime() - startWall;
    cpuNanos += threads.getCurrentThreadCpuTime() - startCpu;
    allocatedBytes += threads.getCurrentThreadAllocatedBytes() - startAllocated;
    events += batch;
  }
}
