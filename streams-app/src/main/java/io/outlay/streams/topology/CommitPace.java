package io.outlay.streams.topology;

import java.time.Duration;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Asks for commits while there is little to do, so that results are visible at once: the first
 * record after a pause, then one commit an interval. A commit costs the same whether ten records
 * came since the last one or fifty thousand, and every scope that they changed is written once; so
 * while there is much to do nothing is asked for, and the longer interval of Kafka Streams itself
 * holds.
 *
 * <p>A commit is of all tasks of a thread, hence one pace for each thread.
 */
final class CommitPace {
  /** Records of one thread in an interval from which on there is much to do. */
  static final int MUCH = 5_000;

  private final long everyMillis;
  private final ThreadLocal<Since> since = ThreadLocal.withInitial(Since::new);

  /**
   * @param every how often to ask at most
   */
  CommitPace(Duration every) {
    this.everyMillis = every.toMillis();
  }

  private static final class Since {
    private long commitMillis;
    private int records;
  }

  /** A record was taken; may ask the context for a commit. */
  void record(ProcessorContext<?, ?> context) {
    Since last = since.get();
    last.records++;
    if (last.records <= MUCH && context.currentSystemTimeMs() - last.commitMillis >= everyMillis) {
      // Once is enough.
      last.records = MUCH + 1;
      context.commit();
    }
  }

  /** A task of this thread is about to be committed. */
  void committing(ProcessorContext<?, ?> context) {
    Since last = since.get();
    last.commitMillis = context.currentSystemTimeMs();
    last.records = 0;
  }
}
