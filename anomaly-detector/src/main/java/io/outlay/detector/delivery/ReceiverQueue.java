package io.outlay.detector.delivery;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * One receiver's queue and the thread that empties it: a receiver that hangs delays no other.
 *
 * <p>Messages taken = delivered + failed + pending, at any time between two attempts.
 */
public final class ReceiverQueue implements AutoCloseable {
  /** Most messages that wait for one receiver. */
  public static final int CAPACITY = 10_000;

  private static final Logger LOG = System.getLogger(ReceiverQueue.class.getName());
  private static final Duration RECORD_AGAIN = Duration.ofSeconds(1);
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final long CLOSE_MILLIS = 2_000;

  private final String name;
  private final Transport transport;
  private final DeliveryLedger ledger;
  private final RetryPolicy policy;
  private final Clock clock;
  private final Outbox outbox = new Outbox(CAPACITY);
  private final LongAdder attempts = new LongAdder();
  private final LongAdder delivered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Thread thread;
  private boolean gone;
  private volatile boolean closed;

  /**
   * @param name of the receiver
   */
  public ReceiverQueue(
      String name, Transport transport, DeliveryLedger ledger, RetryPolicy policy, Clock clock) {
    this.name = name;
    this.transport = transport;
    this.ledger = ledger;
    this.policy = policy;
    this.clock = clock;
    this.thread = new Thread(this::run, "receiver-" + name);
    this.thread.setDaemon(true);
  }

  /** Starts to deliver. */
  public void start() {
    thread.start();
  }

  /** Takes a message, which is durably owed already; returns at once. */
  public void enqueue(Message message) {
    synchronized (outbox) {
      if (outbox.offer(message, clock.instant())) {
        outbox.notifyAll();
        return;
      }
    }
    // It stays owed in the ledger: the next start delivers it.
    LOG.log(Level.ERROR, "receiver {0}: no room for {1}", name, message.id());
  }

  /** Name of the receiver. */
  public String name() {
    return name;
  }

  /** Messages that wait. */
  public int pending() {
    synchronized (outbox) {
      return outbox.size();
    }
  }

  /** Attempts made. */
  public long attempts() {
    return attempts.sum();
  }

  /** Messages that the receiver has. */
  public long delivered() {
    return delivered.sum();
  }

  /** Messages given up. */
  public long failed() {
    return failed.sum();
  }

  /** Ends; what waits stays owed. An attempt under way is broken off. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closed) {
        if (!step()) {
          await();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void await() throws InterruptedException {
    synchronized (outbox) {
      Instant now = clock.instant();
      Duration wait = outbox.nextDue().map(due -> Duration.between(now, due)).orElse(IDLE);
      long millis = Math.min(wait.toMillis() + 1, IDLE.toMillis());
      if (millis > 0) {
        outbox.wait(millis);
      }
    }
  }

  /**
   * Handles the message whose time has come.
   *
   * @return false if there is none
   */
  boolean step() throws InterruptedException {
    Optional<Outbox.Item> due;
    synchronized (outbox) {
      due = outbox.due(clock.instant());
    }
    if (due.isEmpty()) {
      return false;
    }
    Outbox.Item item = due.get();
    if (item.unrecorded() == null) {
      attempt(item);
    }
    Runnable entry = item.unrecorded();
    if (entry != null) {
      settle(item, entry);
    }
    return true;
  }

  private void attempt(Outbox.Item item) throws InterruptedException {
    Message message = item.message();
    if (gone) {
      giveUp(item, "the receiver answered 410 Gone to an earlier message");
      return;
    }
    item.attempted();
    attempts.increment();
    Outcome outcome;
    try {
      outcome = transport.send(message);
    } catch (RuntimeException e) {
      outcome = new Outcome.Failed(e.toString(), Duration.ZERO);
    }
    Instant now = clock.instant();
    int made = item.attempts();
    if (outcome instanceof Outcome.Accepted) {
      delivered.increment();
      LOG.log(Level.INFO, "receiver {0}: delivered {1}, attempt {2}", name, message.id(), made);
      item.record(() -> ledger.delivered(message, made, now));
    } else if (outcome instanceof Outcome.Gone) {
      gone = true;
      giveUp(item, "the receiver answered 410 Gone");
      synchronized (outbox) {
        outbox.hurry(now);
      }
    } else if (outcome instanceof Outcome.Failed failure) {
      Duration delay = policy.delay(made, failure.notBefore());
      if (!now.plus(delay).isBefore(message.owedSince().plus(policy.expiry()))) {
        giveUp(item, failure.reason() + "; too old to be tried again");
        return;
      }
      LOG.log(
          Level.WARNING,
          "receiver {0}: {1} failed, attempt {2}: {3}; again in {4}",
          name,
          message.id(),
          made,
          failure.reason(),
          delay);
      synchronized (outbox) {
        outbox.later(item, now.plus(delay));
      }
    }
  }

  private void giveUp(Outbox.Item item, String reason) {
    Message message = item.message();
    int made = item.attempts();
    Instant now = clock.instant();
    failed.increment();
    LOG.log(Level.ERROR, "receiver {0}: gave up {1}: {2}", name, message.id(), reason);
    item.record(() -> ledger.failed(message, made, reason, now));
  }

  private void settle(Outbox.Item item, Runnable entry) {
    try {
      entry.run();
    } catch (RuntimeException e) {
      LOG.log(
          Level.WARNING,
          "receiver {0}: the outcome of {1} is not written yet: {2}",
          name,
          item.message().id(),
          e);
      synchronized (outbox) {
        outbox.later(item, clock.instant().plus(RECORD_AGAIN));
      }
      return;
    }
    synchronized (outbox) {
      outbox.done(item, clock.instant());
    }
  }
}
