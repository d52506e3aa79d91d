package io.outlay.detector.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last {@value #KEPT} attempts at all receivers, in memory. Safe for concurrent use. */
public final class DeliveryLog {
  /** Attempts that are remembered. */
  public static final int KEPT = 1_000;

  private final Deque<Delivery> deliveries = new ArrayDeque<>();

  synchronized void add(Delivery delivery) {
    if (deliveries.size() == KEPT) {
      deliveries.removeFirst();
    }
    deliveries.addLast(delivery);
  }

  /**
   * The last attempts, newest first.
   *
   * @param receiver null for all
   */
  public synchronized List<Delivery> latest(@Nullable String receiver, int limit) {
    List<Delivery> latest = new ArrayList<>();
    for (Iterator<Delivery> newest = deliveries.descendingIterator();
        newest.hasNext() && latest.size() < limit; ) {
      Delivery delivery = newest.next();
      if (receiver == null || receiver.equals(delivery.receiver())) {
        latest.add(delivery);
      }
    }
    return latest;
  }
}
