package io.outlay.client;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The queue between publishers and the sender, and the sender's bell. Bounded by events and bytes;
 * what was taken out counts until it is {@link #release released}, so that the bounds hold for
 * batches under way as well. Publishers hold the lock for an instant only.
 */
final class Inbox {
  private final int maxEvents;
  private final long maxBytes;
  private final int batchEvents;
  private final long batchBytes;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition bell = lock.newCondition();
  private final ArrayDeque<Entry> queue = new ArrayDeque<>();
  private long queuedBytes;
  private int heldEvents;
  private long heldBytes;
  private long sequence;
  private boolean closed;
  private boolean rung;

  Inbox(Settings settings) {
    this.maxEvents = settings.maxQueueEvents();
    this.maxBytes = settings.maxQueueBytes();
    this.batchEvents = settings.maxBatchEvents();
    this.batchBytes = settings.maxBatchBytes();
  }

  /** False if there is no room or the client is closed. */
  boolean offer(String id, byte[] json, long nowNanos) {
    lock.lock();
    try {
      Entry entry = new Entry(id, json, null, sequence + 1, nowNanos);
      if (closed || heldEvents >= maxEvents || heldBytes + entry.weight() > maxBytes) {
        return false;
      }
      boolean first = queue.isEmpty();
      boolean hadRoom = !isHalfFullLocked();
      boolean wasShort = queue.size() < batchEvents && queuedBytes < batchBytes;
      sequence++;
      queue.add(entry);
      queuedBytes += json.length;
      heldEvents++;
      heldBytes += entry.weight();
      boolean batchIsDue = queue.size() >= batchEvents || queuedBytes >= batchBytes;
      if (first || (wasShort && batchIsDue) || (hadRoom && isHalfFullLocked())) {
        ringLocked();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Moves the oldest entries that fit one batch; at least one if there is any. */
  void take(List<Entry> into) {
    lock.lock();
    try {
      long bytes = 2;
      for (Entry entry = queue.peek(); entry != null; entry = queue.peek()) {
        bytes += entry.json().length + 1;
        if (!into.isEmpty() && (into.size() >= batchEvents || bytes > batchBytes)) {
          return;
        }
        into.add(queue.remove());
        queuedBytes -= entry.json().length;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives back the room of entries that are settled or on disk. */
  void release(int events, long weight) {
    lock.lock();
    try {
      heldEvents -= events;
      heldBytes -= weight;
    } finally {
      lock.unlock();
    }
  }

  boolean isEmpty() {
    lock.lock();
    try {
      return queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the publishers are about to run out of room. */
  boolean isHalfFull() {
    lock.lock();
    try {
      return isHalfFullLocked();
    } finally {
      lock.unlock();
    }
  }

  private boolean isHalfFullLocked() {
    return heldEvents >= maxEvents / 2 || heldBytes >= maxBytes / 2;
  }

  /** Nanoseconds until a batch is due: 0 if one is, {@code Long.MAX_VALUE} if nothing waits. */
  long dueIn(long nowNanos, long lingerNanos) {
    lock.lock();
    try {
      Entry head = queue.peek();
      if (head == null) {
        return Long.MAX_VALUE;
      }
      if (queue.size() >= batchEvents || queuedBytes >= batchBytes) {
        return 0;
      }
      return Math.max(0, head.sinceNanos() + lingerNanos - nowNanos);
    } finally {
      lock.unlock();
    }
  }

  long lastSequence() {
    lock.lock();
    try {
      return sequence;
    } finally {
      lock.unlock();
    }
  }

  /** Sequence of the oldest entry, {@code Long.MAX_VALUE} if nothing waits. */
  long oldestSequence() {
    lock.lock();
    try {
      Entry head = queue.peek();
      return head == null ? Long.MAX_VALUE : head.sequence();
    } finally {
      lock.unlock();
    }
  }

  /** From now on nothing is taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      ringLocked();
    } finally {
      lock.unlock();
    }
  }

  /** Wakes the sender, or keeps it from falling asleep. */
  void ring() {
    lock.lock();
    try {
      ringLocked();
    } finally {
      lock.unlock();
    }
  }

  /** Sleeps until the bell rings or the time is over. */
  void await(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (!rung && left > 0) {
        left = bell.awaitNanos(left);
      }
      rung = false;
    } finally {
      lock.unlock();
    }
  }

  private void ringLocked() {
    rung = true;
    bell.signal();
  }
}
