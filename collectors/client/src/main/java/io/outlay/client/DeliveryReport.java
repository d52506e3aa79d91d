package io.outlay.client;

/**
 * What became of the events of a client, at one moment. Always: {@code published + recovered =
 * delivered + rejected + dropped + queued + spooled}.
 *
 * @param published calls of {@code publish}
 * @param recovered events found in the spool that earlier processes left
 * @param delivered acknowledged by the collector
 * @param rejected refused before sending or by the collector
 * @param dropped lost for want of room, after closing, or by damage to the spool's files
 * @param queued in memory or on the way, not acknowledged
 * @param spooled on disk, not acknowledged
 * @param damaged places in the recovered spool where something unreadable was skipped; how many
 *     events that was, if any, nobody can tell, hence it is no part of the equation
 */
public record DeliveryReport(
    long published,
    long recovered,
    long delivered,
    long rejected,
    long dropped,
    long queued,
    long spooled,
    long damaged) {
  /** Events that the collector has yet to acknowledge. */
  public long undelivered() {
    return queued + spooled;
  }
}
