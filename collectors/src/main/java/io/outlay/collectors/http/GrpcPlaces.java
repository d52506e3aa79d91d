package io.outlay.collectors.http;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the calls whose messages are in memory. A call over gRPC does not say how large its
 * message is, so each counts as the largest; those that find no place wait with their message
 * unread, and those that would wait in too long a queue are turned away.
 */
final class GrpcPlaces {
  private final int maxWaiting;
  private final Queue<Visit> waiting = new ArrayDeque<>();
  private int free;

  /**
   * @param places calls at once, ≥ 1
   * @param maxWaiting calls that may wait, ≥ 0
   */
  GrpcPlaces(int places, int maxWaiting) {
    if (places < 1 || maxWaiting < 0) {
      throw new IllegalArgumentException(
          "must be at least one place and no negative queue, was " + places + ", " + maxWaiting);
    }
    this.free = places;
    this.maxWaiting = maxWaiting;
  }

  /** A call that has a place or waits for one. */
  final class Visit {
    private final Runnable start;
    private boolean gone;

    private Visit(Runnable start) {
      this.start = start;
    }

    /** Gives the place up, or the wait for it; does nothing the second time. */
    void leave() {
      Visit next;
      synchronized (GrpcPlaces.this) {
        if (gone) {
          return;
        }
        gone = true;
        if (waiting.remove(this)) {
          return;
        }
        next = waiting.poll();
        if (next == null) {
          free++;
        }
      }
      if (next != null) {
        next.start.run();
      }
    }
  }

  /**
   * Takes a place, or a place in the queue.
   *
   * @param start run once there is a place, on the thread that gives it
   * @return null if the queue is full
   */
  @Nullable Visit enter(Runnable start) {
    Visit visit = new Visit(start);
    synchronized (this) {
      if (free == 0) {
        return waiting.size() < maxWaiting && waiting.add(visit) ? visit : null;
      }
      free--;
    }
    start.run();
    return visit;
  }
}
