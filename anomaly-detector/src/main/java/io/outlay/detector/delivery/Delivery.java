package io.outlay.detector.delivery;

import java.time.Duration;
import java.time.Instant;

/**
 * An attempt that was made.
 *
 * @param at when it began
 * @param incident id of the incident
 * @param attempt number of the attempt at this message by this process, from 1
 * @param test whether it was fired to try the receiver out
 */
public record Delivery(
    Instant at,
    String receiver,
    String messageId,
    String incident,
    int attempt,
    boolean test,
    Outcome outcome,
    Duration latency) {}
