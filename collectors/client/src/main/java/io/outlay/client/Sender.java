package io.outlay.client;

import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that sends. It never waits for an answer: requests run asynchronously, a few at a
 * time, and it goes on filling the spool meanwhile. After a failure the collector counts as away
 * until an answer shows otherwise; then only one request at a time is tried, after a backoff.
 */
final class Sender implements Runnable {
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long ADOPT_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** How much longer than the HTTP client's own timeout an answer's body may take. */
  private static final int BODY_TIMEOUT_FACTOR = 2;

  private final Settings settings;
  private final Inbox inbox;
  private final @Nullable Spool spool;
  private final Books books;
  private final Notices notices;
  private final HttpTransport transport;
  private final Backoff backoff;
  private final LongSupplier ticker;
  private final InstantSource clock;

  private final Queue<Landing> landings = new ConcurrentLinkedQueue<>();
  private final Queue<Flush> flushes = new ConcurrentLinkedQueue<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean closing;
  private volatile long closeAtNanos;

  // Touched by the sender's thread only.
  private final Set<Flight> flights = new LinkedHashSet<>();

  /** Batches to be sent before anything new: what failed without a spool, and halves. */
  private final ArrayDeque<List<Entry>> again = new ArrayDeque<>();

  private boolean away;

  /** The collector asked for the present wait. */
  private boolean asked;

  private boolean lastTry;
  private int failures;
  private long notBefore;
  private boolean spoolsTurn;
  private long adoptAt;

  Sender(
      Settings settings,
      Inbox inbox,
      @Nullable Spool spool,
      Books books,
      Notices notices,
      HttpTransport transport,
      Backoff backoff,
      LongSupplier ticker,
      InstantSource clock) {
    this.settings = settings;
    this.inbox = inbox;
    this.spool = spool;
    this.books = books;
    this.notices = notices;
    this.transport = transport;
    this.backoff = backoff;
    this.ticker = ticker;
    this.clock = clock;
    this.notBefore = ticker.getAsLong();
    this.adoptAt = notBefore + ADOPT_NANOS;
  }

  /** A batch under way. */
  private static final class Flight {
    private final List<Entry> entries;
    private final long deadline;
    private @Nullable CompletableFuture<?> future;

    Flight(List<Entry> entries, long deadline) {
      this.entries = entries;
      this.deadline = deadline;
    }
  }

  /** The end of a flight: an answer or a failure. */
  private record Landing(Flight flight, @Nullable Reply reply, @Nullable Throwable failure) {}

  /** Somebody who waits until what was published before is delivered or safe. */
  private static final class Flush {
    private final long sequence;
    private final CountDownLatch done = new CountDownLatch(1);
    private Spool.@Nullable Mark mark;

    Flush(long sequence) {
      this.sequence = sequence;
    }
  }

  // ---- for other threads ----------------------------------------------------------------------

  /** Waits until all that was published before is delivered, rejected or safe, or time is over. */
  void flush(Duration timeout) {
    Flush flush = new Flush(inbox.lastSequence());
    flushes.add(flush);
    inbox.ring();
    try {
      if (ended.getCount() == 0) {
        flushes.remove(flush);
      } else if (!flush.done.await(nanos(timeout), TimeUnit.NANOSECONDS)) {
        flushes.remove(flush);
      }
    } catch (InterruptedException e) {
      flushes.remove(flush);
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the sender at the latest after the timeout, and waits a grace longer for that. */
  void close(Duration timeout, Duration grace) {
    closeAtNanos = ticker.getAsLong() + nanos(timeout);
    closing = true;
    inbox.close();
    try {
      if (!ended.await(nanos(timeout.plus(grace)), TimeUnit.NANOSECONDS)) {
        notices.problem("the client did not end in time; what is in memory may be lost", null);
      }
    } catch (InterruptedException e) {
      // Whoever interrupts is in a hurry: save what there is, now.
      closeAtNanos = ticker.getAsLong();
      inbox.ring();
      Thread.currentThread().interrupt();
    }
  }

  private static long nanos(Duration duration) {
    Duration longest = Duration.ofDays(365);
    return duration.compareTo(longest) > 0 ? longest.toNanos() : Math.max(0, duration.toNanos());
  }

  // ---- the loop -------------------------------------------------------------------------------

  @Override
  public void run() {
    try {
      if (spool != null) {
        spool.recover(ticker.getAsLong());
      }
      boolean failed = false;
      while (!isOver()) {
        try {
          step();
          inbox.await(failed ? TimeUnit.SECONDS.toNanos(1) : idleNanos());
          failed = false;
        } catch (InterruptedException e) {
          notices.problem("the sender was interrupted, and goes on", null);
        } catch (RuntimeException | Error e) {
          failed = true;
          notices.problem("the sender failed, and goes on", e);
        }
      }
      end();
    } finally {
      ended.countDown();
      flushes.forEach(flush -> flush.done.countDown());
    }
  }

  private void step() {
    for (Landing landing = landings.poll(); landing != null; landing = landings.poll()) {
      land(landing);
    }
    expire();
    spill();
    launch();
    for (Iterator<Flush> all = flushes.iterator(); all.hasNext(); ) {
      Flush flush = all.next();
      if (isDone(flush)) {
        all.remove();
        flush.done.countDown();
      }
    }
    if (spool != null && ticker.getAsLong() - adoptAt >= 0) {
      adoptAt = ticker.getAsLong() + ADOPT_NANOS;
      if (!away && spool.allSettled()) {
        spool.adopt(ticker.getAsLong());
      }
    }
  }

  private boolean isOver() {
    if (!closing) {
      return false;
    }
    if (ticker.getAsLong() - closeAtNanos >= 0) {
      return true;
    }
    boolean memoryEmpty = oldestInMemory() == Long.MAX_VALUE;
    return memoryEmpty && landings.isEmpty() && (spool == null || away || spool.allSettled());
  }

  private long idleNanos() {
    long now = ticker.getAsLong();
    long wait = IDLE_NANOS;
    if (closing) {
      wait = Math.min(wait, closeAtNanos - now);
    }
    for (Flight flight : flights) {
      wait = Math.min(wait, flight.deadline - now);
    }
    if (flights.size() < limit()) {
      long due = again.isEmpty() ? Math.min(inboxDueIn(now), spoolDueIn(now)) : 0;
      if (due != Long.MAX_VALUE) {
        wait = Math.min(wait, Math.max(due, notBefore - now));
      }
    }
    return wait;
  }

  // ---- sending --------------------------------------------------------------------------------

  private void launch() {
    if (closing && !lastTry && !asked && failures > 0) {
      // One last try without waiting, unless the collector asked for the wait.
      notBefore = ticker.getAsLong();
      lastTry = true;
    }
    while (flights.size() < limit() && ticker.getAsLong() - notBefore >= 0) {
      List<Entry> batch = next();
      if (batch.isEmpty()) {
        return;
      }
      Flight flight =
          new Flight(
              batch, ticker.getAsLong() + BODY_TIMEOUT_FACTOR * nanos(settings.requestTimeout()));
      flights.add(flight);
      try {
        CompletableFuture<HttpResponse<byte[]>> future = transport.post(batch);
        flight.future = future;
        CompletableFuture<?> unused =
            future.whenComplete(
                (response, failure) -> {
                  Reply reply =
                      response == null
                          ? null
                          : Reply.of(
                              response.statusCode(),
                              response.headers(),
                              response.body(),
                              clock.instant());
                  landings.add(new Landing(flight, reply, failure));
                  inbox.ring();
                });
      } catch (RuntimeException e) {
        landings.add(new Landing(flight, null, e));
        inbox.ring();
      }
    }
  }

  private int limit() {
    return away ? 1 : settings.maxInFlight();
  }

  /** The next batch that is due; memory and spool take turns. Empty if there is none. */
  private List<Entry> next() {
    List<Entry> left = again.poll();
    if (left != null) {
      return left;
    }
    long now = ticker.getAsLong();
    boolean spoolDue = spoolDueIn(now) == 0;
    boolean inboxDue = inboxDueIn(now) == 0;
    if (spool != null && spoolDue && (spoolsTurn || !inboxDue)) {
      spoolsTurn = false;
      return spool.read(settings.maxBatchEvents(), settings.maxBatchBytes() - 1_024L, now);
    }
    spoolsTurn = true;
    List<Entry> batch = new ArrayList<>();
    if (inboxDue) {
      inbox.take(batch);
    }
    return batch;
  }

  private long inboxDueIn(long now) {
    return inbox.dueIn(now, lingerNanos());
  }

  private long spoolDueIn(long now) {
    return spool == null ? Long.MAX_VALUE : spool.dueIn(now, lingerNanos());
  }

  private long lingerNanos() {
    return closing || !flushes.isEmpty() ? 0 : settings.linger().toNanos();
  }

  // ---- answers --------------------------------------------------------------------------------

  private void land(Landing landing) {
    Flight flight = landing.flight();
    if (!flights.remove(flight)) {
      return; // given up before
    }
    Reply reply = landing.reply();
    Verdict verdict =
        reply == null
            ? new Verdict.Unavailable(reason(landing.failure()), null)
            : Verdict.of(reply, flight.entries.size());
    if (verdict instanceof Verdict.Settled settled) {
      present();
      settle(flight.entries, settled.rejections());
    } else if (verdict instanceof Verdict.Indigestible indigestible) {
      present();
      divide(flight.entries, indigestible);
    } else if (verdict instanceof Verdict.Refused refused) {
      Duration delay = backoff.spread(settings.refusedBackoff());
      if (absent(delay)) {
        notices.refused(refused.status(), refused.detail(), delay);
      }
      keep(flight.entries);
    } else if (verdict instanceof Verdict.Unavailable unavailable) {
      Duration delay = backoff.delay(failures + 1, unavailable.retryAfter());
      if (absent(delay)) {
        asked = unavailable.retryAfter() != null;
        notices.retrying(unavailable.reason(), delay);
      }
      keep(flight.entries);
    }
  }

  private static String reason(@Nullable Throwable failure) {
    Throwable cause = failure;
    while (cause != null && cause.getMessage() == null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause);
  }

  /** Requests that hang past every timeout, such as in the middle of an answer. */
  private void expire() {
    long now = ticker.getAsLong();
    for (Flight flight : List.copyOf(flights)) {
      if (now - flight.deadline >= 0) {
        cancel(flight);
        land(new Landing(flight, null, new HttpTimeoutException("no whole answer")));
      }
    }
  }

  private static void cancel(Flight flight) {
    CompletableFuture<?> future = flight.future;
    if (future != null) {
      future.cancel(true);
    }
  }

  private void present() {
    away = false;
    failures = 0;
    notBefore = ticker.getAsLong();
  }

  /** False if this only repeats what a request of the same moment has shown. */
  private boolean absent(Duration delay) {
    boolean news = !away || ticker.getAsLong() - notBefore >= 0;
    away = true;
    if (news) {
      failures++;
      notBefore = ticker.getAsLong() + delay.toNanos();
    }
    return news;
  }

  private void settle(List<Entry> entries, Map<Integer, Rejection> rejections) {
    int delivered = 0;
    int freed = 0;
    long weight = 0;
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      Rejection rejection = rejections.get(i);
      books.move(
          entry.origin() == null ? Books.Place.QUEUED : Books.Place.SPOOLED,
          rejection == null ? Books.Place.DELIVERED : Books.Place.REJECTED,
          1);
      if (rejection == null) {
        delivered++;
      } else {
        notices.rejected(
            rejection.id() != null
                ? rejection
                : new Rejection(entry.id(), rejection.field(), rejection.error(), true));
      }
      SpoolRange origin = entry.origin();
      if (origin == null) {
        freed++;
        weight += entry.weight();
      } else if (origin.settleOne() && spool != null) {
        spool.settled(origin);
      }
    }
    inbox.release(freed, weight);
    if (delivered > 0) {
      notices.delivered(delivered);
    }
  }

  /** Halves a batch that the collector cannot take as a whole, until the guilty event is alone. */
  private void divide(List<Entry> entries, Verdict.Indigestible verdict) {
    int size = entries.size();
    if (size == 1) {
      String error = "was refused: HTTP " + verdict.status() + " " + verdict.detail();
      settle(entries, Map.of(0, new Rejection(entries.get(0).id(), "$", error, true)));
      return;
    }
    again.addFirst(List.copyOf(entries.subList(size / 2, size)));
    again.addFirst(List.copyOf(entries.subList(0, size / 2)));
  }

  /** Events that were not delivered: to disk where that is possible, else to be sent again. */
  private void keep(List<Entry> entries) {
    List<Entry> left = spool == null ? entries : toSpool(entries);
    if (!left.isEmpty()) {
      again.addLast(left);
    }
  }

  // ---- spooling -------------------------------------------------------------------------------

  /** Moves memory to disk while the collector is away, or too slow for the publishers. */
  private void spill() {
    boolean slow = flights.size() >= limit() && inbox.isHalfFull();
    if (spool == null || !(away || slow)) {
      return;
    }
    while (!inbox.isEmpty()) {
      List<Entry> batch = new ArrayList<>();
      inbox.take(batch);
      List<Entry> left = toSpool(batch);
      if (!left.isEmpty()) {
        again.addLast(left);
        return;
      }
    }
  }

  /** Appends what is only in memory, as far as there is room; the rest is returned. */
  private List<Entry> toSpool(List<Entry> entries) {
    List<Entry> memory = entries.stream().filter(entry -> entry.origin() == null).toList();
    if (spool == null || memory.isEmpty()) {
      return entries;
    }
    int appended = spool.appendAll(memory, ticker.getAsLong());
    if (appended == 0) {
      return entries;
    }
    List<Entry> safe = memory.subList(0, appended);
    books.move(Books.Place.QUEUED, Books.Place.SPOOLED, appended);
    inbox.release(appended, safe.stream().mapToLong(Entry::weight).sum());
    notices.spooled(safe.stream().map(Entry::id).toList());
    List<Entry> left =
        new ArrayList<>(entries.stream().filter(entry -> entry.origin() != null).toList());
    left.addAll(memory.subList(appended, memory.size()));
    return left;
  }

  // ---- flushing and ending --------------------------------------------------------------------

  private boolean isDone(Flush flush) {
    if (oldestInMemory() <= flush.sequence) {
      return false;
    }
    if (spool == null) {
      return true;
    }
    // Set only now: what was in memory when the flush began may have gone to disk since.
    Spool.Mark mark = flush.mark;
    if (mark == null) {
      mark = spool.end();
      flush.mark = mark;
    }
    return away || spool.settledTo(mark);
  }

  private long oldestInMemory() {
    long oldest = inbox.oldestSequence();
    for (Flight flight : flights) {
      oldest = Math.min(oldest, oldest(flight.entries));
    }
    for (List<Entry> entries : again) {
      oldest = Math.min(oldest, oldest(entries));
    }
    return oldest;
  }

  private static long oldest(List<Entry> entries) {
    long oldest = Long.MAX_VALUE;
    for (Entry entry : entries) {
      if (entry.origin() == null) {
        oldest = Math.min(oldest, entry.sequence());
      }
    }
    return oldest;
  }

  /** Saves what is in memory if it can, and lets go of everything. */
  private void end() {
    inbox.close();
    for (Landing landing = landings.poll(); landing != null; landing = landings.poll()) {
      land(landing);
    }
    for (Flight flight : flights) {
      cancel(flight);
      again.addLast(flight.entries);
    }
    flights.clear();
    if (spool != null) {
      for (List<Entry> entries = again.poll(); entries != null; entries = again.poll()) {
        toSpool(entries);
      }
      while (!inbox.isEmpty()) {
        List<Entry> batch = new ArrayList<>();
        inbox.take(batch);
        toSpool(batch);
      }
      spool.close();
    }
  }
}
