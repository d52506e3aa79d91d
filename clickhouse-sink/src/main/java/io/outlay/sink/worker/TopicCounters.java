package io.outlay.sink.worker;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What happened to the records of a topic. Counted when a range is done, so that at any moment
 *
 * <pre>read = inserted + skipped + deadLettered</pre>
 *
 * A range that was inserted by a former owner and is repeated, since its commit is not known, is
 * counted by both: ClickHouse drops the repetition, {@code replayed} counts its records.
 */
public final class TopicCounters {
  private final LongAdder read = new LongAdder();
  private final LongAdder inserted = new LongAdder();
  private final LongAdder skipped = new LongAdder();
  private final LongAdder deadLettered = new LongAdder();
  private final LongAdder replayed = new LongAdder();
  private final LongAdder batches = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final AtomicLong lag = new AtomicLong();

  /** Records of ranges that are done. */
  public LongAdder read() {
    return read;
  }

  /** Rows that ClickHouse acknowledged. */
  public LongAdder inserted() {
    return inserted;
  }

  /** Records that have no row by their nature. */
  public LongAdder skipped() {
    return skipped;
  }

  /** Records that went to the dead letters. */
  public LongAdder deadLettered() {
    return deadLettered;
  }

  /** Records among those read whose range had been planned before this worker got it. */
  public LongAdder replayed() {
    return replayed;
  }

  /** Ranges that are done. */
  public LongAdder batches() {
    return batches;
  }

  /** Offsets that the topic's retention removed before they were read. */
  public LongAdder lost() {
    return lost;
  }

  /** Records that wait in the topic, as far as this worker knows. */
  public AtomicLong lag() {
    return lag;
  }
}
