package io.outlay.detector.delivery;

import java.time.Instant;

/**
 * Remembers durably what became of messages. Called from the receivers' threads. If a call throws,
 * the outcome is not remembered and the call is made again later; the message is not sent again.
 */
public interface DeliveryLedger {
  /** The receiver has the message. */
  void delivered(Message message, int attempts, Instant at);

  /** The message was given up. */
  void failed(Message message, int attempts, String reason, Instant at);
}
