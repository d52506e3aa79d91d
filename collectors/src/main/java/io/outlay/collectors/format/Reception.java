package io.outlay.collectors.format;

import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.attribution.Attribution;
import java.time.Duration;
import java.time.Instant;

/**
 * What holds for every event of a request.
 *
 * @param receivedAt when it came in; the time of events that name none
 * @param maxFuture how much later than that an event may lie
 * @param publisher who sends it
 * @param attribution finds the owner where the source cannot name one
 */
public record Reception(
    Instant receivedAt, Duration maxFuture, Publisher publisher, Attribution attribution) {
  /** {@link #receivedAt()} as events hold it. */
  public long receivedAtMicros() {
    return receivedAt.getEpochSecond() * 1_000_000 + receivedAt.getNano() / 1_000;
  }

  /** Latest time that an event may have, in microseconds since 1970. */
  public long latestMicros() {
    return receivedAtMicros() + maxFuture.toMillis() * 1_000;
  }
}
