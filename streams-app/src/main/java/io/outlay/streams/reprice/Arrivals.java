package io.outlay.streams.reprice;

/** Whether what was written has arrived where facts are read. */
@FunctionalInterface
public interface Arrivals {
  /**
   * Returns once everything that is in the topics now, accepted usage included, is rated, summed up
   * and shown by the store.
   *
   * @throws StoreAwayException if that cannot be found out
   * @throws InterruptedException if interrupted while waiting
   */
  void await() throws InterruptedException;
}
