package io.outlay.collectors.ingest;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what is in flight: requests, because each holds a thread until the broker has answered,
 * and the bytes of their bodies, because what they become is held in memory for as long. Whoever
 * does not get in is told to come back; nobody queues.
 */
public final class Admission {
  private final int maxRequests;
  private final long maxBytes;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  /**
   * @param maxRequests at once, ≥ 1
   * @param maxBytes of all their bodies together, ≥ 1
   */
  public Admission(int maxRequests, long maxBytes) {
    if (maxRequests < 1 || maxBytes < 1) {
      throw new IllegalArgumentException(
          "must admit at least one of each, was " + maxRequests + " requests, " + maxBytes + " B");
    }
    this.maxRequests = maxRequests;
    this.maxBytes = maxBytes;
  }

  /** A place for a request, or null if all are taken. */
  @Nullable Place enter() {
    if (requests.incrementAndGet() > maxRequests) {
      requests.decrementAndGet();
      return null;
    }
    return new Place();
  }

  /** Requests in flight. */
  public int requests() {
    return requests.get();
  }

  /** Body bytes in flight. */
  public long bytes() {
    return bytes.get();
  }

  /** A request's place, given back on {@link #close()}. For one thread. */
  final class Place implements AutoCloseable {
    private long held;

    /** Makes room for so many more bytes; false if there is none. */
    boolean hold(long more) {
      if (bytes.addAndGet(more) > maxBytes) {
        bytes.addAndGet(-more);
        return false;
      }
      held += more;
      return true;
    }

    @Override
    public void close() {
      bytes.addAndGet(-held);
      requests.decrementAndGet();
    }
  }
}
