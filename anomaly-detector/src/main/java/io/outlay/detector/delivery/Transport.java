package io.outlay.detector.delivery;

/** Sends to one receiver. */
public interface Transport {
  /**
   * Makes one attempt; takes a bounded time.
   *
   * @throws InterruptedException if the program ends; the message remains owed
   */
  Outcome send(Message message) throws InterruptedException;
}
