package io.outlay.client;

/** When events go to disk. */
public enum SpoolMode {
  /**
   * Events wait in memory; they go to disk, on the client's own thread, when the collector is away
   * or slow and when the client closes. {@code publish} does no I/O. What is in memory when the
   * process is killed is lost.
   */
  WHEN_AWAY,
  /**
   * Every event is appended to a file before {@code publish} returns {@code SPOOLED}, and sent from
   * there. Nothing so reported is lost when the process is killed. {@code publish} costs one write
   * to the operating system's page cache, and a flush to the device with {@code fsync}.
   */
  ALWAYS
}
