package io.outlay.collectors.ingest;

import io.outlay.collectors.format.Rejection;
import java.util.List;

/**
 * What became of a request. For every one of them, {@link #received()} = {@link #accepted()} +
 * {@link #rejected()} + {@link #unacknowledged()}.
 */
public sealed interface IngestOutcome {
  /** Events that are stored and will be counted exactly once. */
  default int accepted() {
    return 0;
  }

  /** Events that break a rule and are not stored. */
  default int rejected() {
    return 0;
  }

  /** Valid events of which the broker did not acknowledge all; they may be stored or not. */
  default int unacknowledged() {
    return 0;
  }

  /**
   * Events of the request, if it could be read to its end; 0 if not, and if it was not read at all.
   */
  default int received() {
    return 0;
  }

  /** Read, and every valid event acknowledged. */
  record Answered(int received, int accepted, List<Rejection> rejections) implements IngestOutcome {
    @Override
    public int rejected() {
      return rejections.size();
    }
  }

  /** Not of its format; nothing was sent. Line and column from 1, 0 where there are none. */
  record Unreadable(String detail, int line, int column) implements IngestOutcome {}

  /** More bytes or events than are allowed; nothing was sent. */
  record TooLarge(String detail) implements IngestOutcome {}

  /** Too much in flight; nothing was sent. */
  record Overloaded(String detail) implements IngestOutcome {}

  /** Kafka or the registry is away, or did not acknowledge everything in time. */
  record Unavailable(String detail, int received, int rejected, int unacknowledged)
      implements IngestOutcome {}
}
