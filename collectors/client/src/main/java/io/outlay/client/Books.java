package io.outlay.client;

/**
 * Counts where every event is. An event enters at one place and only ever moves, so that {@code
 * published + recovered} is the sum of the places at any moment.
 */
final class Books {
  /** Where an event can be. */
  enum Place {
    QUEUED,
    SPOOLED,
    DELIVERED,
    REJECTED,
    DROPPED
  }

  private final long[] counts = new long[Place.values().length];
  private long published;
  private long recovered;
  private long damaged;

  synchronized void published(Place place) {
    published++;
    counts[place.ordinal()]++;
  }

  synchronized void recovered(long events) {
    recovered += events;
    counts[Place.SPOOLED.ordinal()] += events;
  }

  synchronized void damaged(long places) {
    damaged += places;
  }

  synchronized void move(Place from, Place to, long events) {
    counts[from.ordinal()] -= events;
    counts[to.ordinal()] += events;
  }

  synchronized DeliveryReport report() {
    return new DeliveryReport(
        published,
        recovered,
        counts[Place.DELIVERED.ordinal()],
        counts[Place.REJECTED.ordinal()],
        counts[Place.DROPPED.ordinal()],
        counts[Place.QUEUED.ordinal()],
        counts[Place.SPOOLED.ordinal()],
        damaged);
  }
}
