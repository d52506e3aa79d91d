package io.outlay.client;

import java.util.EnumMap;

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

  private final EnumMap<Place, Long> counts = new EnumMap<>(Place.class);
  private long published;
  private long recovered;
  private long damaged;

  synchronized void published(Place place) {
    published++;
    counts.merge(place, 1L, Long::sum);
  }

  synchronized void recovered(long events) {
    recovered += events;
    counts.merge(Place.SPOOLED, events, Long::sum);
  }

  synchronized void damaged(long places) {
    damaged += places;
  }

  synchronized void move(Place from, Place to, long events) {
    counts.merge(from, -events, Long::sum);
    counts.merge(to, events, Long::sum);
  }

  synchronized DeliveryReport report() {
    return new DeliveryReport(
        published,
        recovered,
        count(Place.DELIVERED),
        count(Place.REJECTED),
        count(Place.DROPPED),
        count(Place.QUEUED),
        count(Place.SPOOLED),
        damaged);
  }

  private long count(Place place) {
    return counts.getOrDefault(place, 0L);
  }
}
