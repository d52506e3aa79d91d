package io.outlay.detector.delivery;

import java.time.Instant;
import java.util.List;

/**
 * Remembers durably what became of messages. Called from the receivers' threads. If a call throws,
 * the outcome is not remembered and the call is made again later; the message is not sent again.
 */
public interface DeliveryLedger {
  /** The receiver has the message. */
  void delivered(Message message, int attempts, Instant at);

  /** The message was given up. */
  void failed(Message message, int attempts, String reason, Instant at);

  /**
   * Makes another receiver owed what this one does not get: the message, and those of its group
   * that this receiver was owed after it.
   *
   * @return what has become owed by that, in order; empty if the other is or was owed it anyway
   */
  List<Message> handOver(Message message, String to, Instant at);
}
