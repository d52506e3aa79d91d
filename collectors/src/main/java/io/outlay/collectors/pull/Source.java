package io.outlay.collectors.pull;

/** Where a target is read from. */
@FunctionalInterface
interface Source {
  /**
   * Reads all of it.
   *
   * @throws PullException if it does not answer, not in time, not well, or with too much
   * @throws InterruptedException if the collector stops meanwhile
   */
  Content read() throws PullException, InterruptedException;
}
