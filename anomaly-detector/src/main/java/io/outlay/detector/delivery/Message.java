package io.outlay.detector.delivery;

import java.time.Instant;

/**
 * A notification owed to a receiver. Every attempt sends the same id and the same body.
 *
 * @param group messages of one group are delivered in the order in which they were handed over
 * @param id {@code webhook-id}
 * @param receiver name of the receiver
 * @param owedSince when it became owed
 */
public record Message(
    String group, String id, String receiver, String contentType, String body, Instant owedSince) {}
