package io.outlay.detector.delivery;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One receiver's queue and the thread that empties it: a receiver that hangs delays no other.
 *
 * <p>Messages taken = delivered + failed + superseded + pending, at any time between two attempts;
 * trials are none of them.
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
  private final ReceiverPolicy policy;
  private final DeliveryLog log;
  private final Clock clock;
  private final Outbox outbox = new Outbox(CAPACITY);
  private final LongAdder attempts = new LongAdder();
  private final LongAdder delivered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder superseded = new LongAdder();
  private final LongAdder handedOver = new LongAdder();
  private final Thread thread;
  private Consumer<Message> others = message -> {};
  private boolean failing;
  private volatile boolean gone;
  private volatile @Nullable Delivery lastSuccess;
  private volatile @Nullable Delivery lastFailure;
  private volatile boolean closed;

  /**
   * @param name of the receiver
   */
  public ReceiverQueue(
      String name,
      Transport transport,
      DeliveryLedger ledger,
      ReceiverPolicy policy,
      DeliveryLog log,
      Clock clock) {
    this.name = name;
    this.transport = transport;
    this.ledger = ledger;
    this.policy = policy;
    this.log = log;
    this.clock = clock;
    this.thread = new Thread(this::run, "receiver-" + name);
    this.thread.setDaemon(true);
  }

  /** Where messages of other receivers go; to be called before {@link #start}. */
  void handTo(Consumer<Message> others) {
    this.others = others;
  }

  /** Starts to deliver. */
  public void start() {
    thread.start();
  }

  /**
   * Makes one attempt at a message that nobody is owed.
   *
   * @return completes with the attempt; never, if the queue is closed meanwhile
   */
  public CompletableFuture<Delivery> trial(Message message) {
    CompletableFuture<Delivery> trial = new CompletableFuture<>();
    synchronized (outbox) {
      if (outbox.offer(message, clock.instant(), trial)) {
        outbox.notifyAll();
      } else {
        trial.completeExceptionally(new IllegalStateException("the queue is full"));
      }
    }
    return trial;
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

  /** Messages given up because a newer state of the same incident was owed. */
  public long superseded() {
    return superseded.sum();
  }

  /** Messages that the fallback was told instead. */
  public long handedOver() {
    return handedOver.sum();
  }

  /** Whether it answered 410 and has not taken anything since. */
  public boolean isGone() {
    return gone;
  }

  /** The last attempt that succeeded; null if none did. */
  public @Nullable Delivery lastSuccess() {
    return lastSuccess;
  }

  /** The last attempt that failed; null if none did. */
  public @Nullable Delivery lastFailure() {
    return lastFailure;
  }

  /** Ends; what waits stays owed. An attempt under way is broken off. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE_MILLIS);
      transport.close();
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
    CompletableFuture<Delivery> trial = item.trial();
    if (trial != null) {
      // Also of a receiver that is gone: it may be back.
      Delivery delivery = send(item);
      synchronized (outbox) {
        outbox.done(item, clock.instant());
      }
      trial.complete(delivery);
      return true;
    }
    if (item.unrecorded() == null) {
      newer(item).ifPresent(newer -> supersede(item, newer));
    }
    if (item.unrecorded() == null) {
      attempt(item);
    }
    Runnable entry = item.unrecorded();
    if (entry != null) {
      settle(item, entry);
    }
    return true;
  }

  /**
   * What makes a message needless: a later one of its group, if this one has failed, or the one
   * before it had, or the receiver fails as a whole.
   */
  private Optional<Message> newer(Outbox.Item item) {
    boolean late = failing || item.attempts() > 0 || item.isAfterSuperseded();
    if (!policy.collapse() || !late) {
      return Optional.empty();
    }
    synchronized (outbox) {
      return outbox.newer(item);
    }
  }

  private void supersede(Outbox.Item item, Message newer) {
    Message message = item.message();
    int made = item.attempts();
    Instant now = clock.instant();
    superseded.increment();
    synchronized (outbox) {
      outbox.superseded(item);
    }
    LOG.log(Level.INFO, "receiver {0}: {1} is superseded by {2}", name, message.id(), newer.id());
    item.record(() -> ledger.failed(message, made, "superseded by " + newer.id(), now));
  }

  /** One attempt, whatever comes of it. */
  private Delivery send(Outbox.Item item) throws InterruptedException {
    Message message = item.message();
    item.attempted();
    Instant began = clock.instant();
    Outcome outcome;
    try {
      outcome = transport.send(message);
    } catch (RuntimeException e) {
      outcome = new Outcome.Failed(e.toString());
    }
    Delivery delivery =
        new Delivery(
            began,
            name,
            message.id(),
            message.group(),
            item.attempts(),
            item.trial() != null,
            outcome,
            Duration.between(began, clock.instant()));
    log.add(delivery);
    failing = !(outcome instanceof Outcome.Accepted);
    if (failing) {
      lastFailure = delivery;
      gone |= outcome instanceof Outcome.Gone;
    } else {
      lastSuccess = delivery;
      gone = false;
    }
    return delivery;
  }

  private void attempt(Outbox.Item item) throws InterruptedException {
    Message message = item.message();
    if (gone) {
      giveUp(item, "the receiver answered 410 Gone to an earlier message");
      return;
    }
    attempts.increment();
    Outcome outcome = send(item).outcome();
    Instant now = clock.instant();
    int made = item.attempts();
    if (outcome instanceof Outcome.Accepted) {
      delivered.increment();
      LOG.log(Level.INFO, "receiver {0}: delivered {1}, attempt {2}", name, message.id(), made);
      item.record(() -> ledger.delivered(message, made, now));
    } else if (outcome instanceof Outcome.Gone) {
      giveUp(item, "the receiver answered 410 Gone");
      synchronized (outbox) {
        outbox.hurry(now);
      }
    } else if (outcome instanceof Outcome.Refused refused) {
      giveUp(item, refused.reason());
    } else if (outcome instanceof Outcome.Failed failure) {
      Duration delay = policy.retry().delay(made, failure.notBefore());
      if (!now.plus(delay).isBefore(message.owedSince().plus(policy.retry().expiry()))) {
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
      if (made >= policy.fallbackAfter()) {
        try {
          handOver(item, now);
        } catch (RuntimeException e) {
          // The next failure tries it again.
          LOG.log(
              Level.WARNING, "receiver {0}: no fallback for {1} yet: {2}", name, message.id(), e);
        }
      }
    }
  }

  /** Lets the fallback be told instead, once; the message stays owed here nevertheless. */
  private void handOver(Outbox.Item item, Instant now) {
    String fallback = policy.fallback();
    if (fallback == null || item.isHandedOver()) {
      return;
    }
    Message message = item.message();
    List<Message> owed = ledger.handOver(message, fallback, now);
    item.handedOver();
    handedOver.add(owed.isEmpty() ? 0 : 1);
    LOG.log(Level.WARNING, "receiver {0}: {1} is told to {2}", name, message.id(), fallback);
    owed.forEach(others);
  }

  private void giveUp(Outbox.Item item, String reason) {
    Message message = item.message();
    int made = item.attempts();
    Instant now = clock.instant();
    failed.increment();
    LOG.log(Level.ERROR, "receiver {0}: gave up {1}: {2}", name, message.id(), reason);
    item.record(
        () -> {
          // First, so that nobody is left untold if the program ends in between.
          handOver(item, now);
          ledger.failed(message, made, reason, now);
        });
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
