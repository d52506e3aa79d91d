package io.outlay.client;

import org.jspecify.annotations.Nullable;

/**
 * What became of a call of {@link OutlayClient#publish}.
 *
 * @param status where the event is now
 * @param id of the event; null where it has none because it could not be read
 * @param field of a rejected event: path of the first wrong field; else null
 * @param reason why the event was rejected or dropped; else null
 */
public record PublishResult(
    Status status, @Nullable String id, @Nullable String field, @Nullable String reason) {
  /** Where an event is after publishing. */
  public enum Status {
    /** In memory, to be sent; lost if the process dies before that. */
    QUEUED,
    /** On disk, to be sent; survives the death of the process. */
    SPOOLED,
    /** Nowhere: the collector would refuse it. */
    REJECTED,
    /** Nowhere: there was no room, or the client is closed. */
    DROPPED
  }

  /** Whether the client will deliver the event. */
  public boolean taken() {
    return status == Status.QUEUED || status == Status.SPOOLED;
  }
}
