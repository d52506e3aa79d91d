package io.outlay.collectors.ingest;

import io.outlay.collectors.format.Rejection;
import java.time.Duration;
import java.util.List;

/** What became of a request. */
public sealed interface IngestOutcome {
  /** What became of the request's events; all zero if it was not read, or none of it taken. */
  default Counts counts() {
    return Counts.NONE;
  }

  /**
   * What became of events.
   *
   * @param received {@code accepted + rejected + ignored + unacknowledged}
   * @param accepted stored; they will be counted exactly once
   * @param rejected break a rule and are not stored
   * @param ignored in order, but no usage
   * @param unacknowledged valid, but the broker did not acknowledge all of them; stored or not
   * @param unattributed those among the accepted that no team could be named for
   */
  record Counts(
      long received,
      long accepted,
      long rejected,
      long ignored,
      long unacknowledged,
      long unattributed) {
    static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0);
  }

  /**
   * Read, and every valid event acknowledged.
   *
   * @param rejections the first of them
   */
  record Answered(Counts counts, List<Rejection> rejections) implements IngestOutcome {}

  /** Not of its format, from a line and column on; 0 where there are none. */
  record Unreadable(String detail, int line, int column, Counts counts) implements IngestOutcome {}

  /** More bytes or events than are allowed. */
  record TooLarge(String detail, Counts counts) implements IngestOutcome {}

  /** Too much in flight. */
  record Overloaded(String detail, Counts counts) implements IngestOutcome {}

  /** The publisher sends more than it may; nothing more was read. */
  record RateLimited(String detail, Duration retryAfter, Counts counts) implements IngestOutcome {}

  /** Kafka or the registry is away, or did not acknowledge everything in time. */
  record Unavailable(String detail, Counts counts) implements IngestOutcome {}
}
