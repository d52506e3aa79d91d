package io.outlay.collectors.format;

import java.time.Duration;
import java.time.Instant;

/**
 * What holds for every event of a request.
 *
 * @param receivedAt when it came in; the time of events that name none
 * @param maxFuture how much later than that an event may lie
 */
public record Reception(Instant receivedAt, Duration maxFuture) {}
