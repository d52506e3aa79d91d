package io.outlay.detector.delivery;

/** Sends to one receiver. */
@FunctionalInterface
public interface Transport extends AutoCloseable {
  /**
   * Makes one attempt; takes a bounded time.
   *
   * @throws InterruptedException if the program ends; the message remains owed
   */
  Outcome send(Message message) throws InterruptedException;

  /** Ends what is under way. */
  @Override
  default void close() {}
}
