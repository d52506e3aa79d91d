package io.outlay.streams.reprice;

import io.outlay.money.Money;
import io.outlay.schema.Repricing;
import io.outlay.schema.RepricingFilter;
import io.outlay.schema.RepricingState;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.rollup.OpenWindows;
import io.outlay.usage.Cut;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out repricings one after another, those that were interrupted first, on the one instance
 * that leads; and, by itself, for facts without a price whenever the price book has changed.
 */
public final class Repricer implements AutoCloseable {
  /** Who asks for repricings that nobody asked for. */
  public static final String ITSELF = "outlay";

  private static final Logger LOG = LoggerFactory.getLogger(Repricer.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  private static final Duration RETRY = Duration.ofSeconds(3);
  private static final Duration SCAN_EVERY = Duration.ofMinutes(10);
  private static final int MAX_FAILURES = 3;
  private static final int FACTS_PER_WRITE = 10_000;
  private static final int ID_CHARACTERS = 8;
  private static final BigDecimal ZERO = Money.toUsd(0);

  private final Setting setting;
  private final Thread worker = new Thread(this::work, "repricer");
  private final LongAdder changed = new LongAdder();
  private volatile @Nullable Repricing running;
  private volatile String trouble = "";
  private volatile boolean closed;

  // Only the worker's:
  private @Nullable PriceBook seenBook;
  private @Nullable PriceBook scannedBook;
  private long unpricedLeft;
  private long scannedNanos;
  private String failing = "";
  private int failures;

  /**
   * What it works with.
   *
   * @param prices the current book
   * @param books opens the books
   * @param cuts whose sums follow too
   * @param leads whether this instance is the one
   */
  public record Setting(
      FactStore facts,
      RepricingLog log,
      Supplier<PriceBook> prices,
      Supplier<Books> books,
      Arrivals arrivals,
      OpenWindows windows,
      List<Cut> cuts,
      ZoneId zone,
      BooleanSupplier leads,
      Clock clock) {}

  public Repricer(Setting setting) {
    this.setting = setting;
    worker.setDaemon(true);
  }

  /** Begins, in the background. */
  public void start() {
    worker.start();
  }

  /** The repricing that this instance is at, as far as it has come; null if it is at none. */
  public @Nullable Repricing running() {
    return running;
  }

  /** What keeps it from working; empty if nothing does. */
  public String trouble() {
    return trouble;
  }

  /** Facts that were given another rating since the start. */
  public LongAdder changed() {
    return changed;
  }

  /**
   * A repricing that waits for its turn.
   *
   * @throws StoreAwayException if it is not known to be written
   */
  public Repricing request(RepricingFilter filter, boolean dryRun, String by, String reason) {
    Repricing repricing = create(filter, dryRun, by, reason);
    setting.log().request(repricing);
    return repricing;
  }

  @Override
  public void close() {
    closed = true;
    worker.interrupt();
    try {
      worker.join(Duration.ofSeconds(10).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    while (!closed) {
      Duration pause = LOOK_EVERY;
      try {
        step();
        trouble = "";
      } catch (StoreAwayException e) {
        if (trouble.isEmpty() && !closed) {
          LOG.warn("repricing has to wait: {}", e.getMessage());
        }
        trouble = String.valueOf(e.getMessage());
        pause = RETRY;
      } catch (CancellationException e) {
        LOG.info("the repricing stops here and goes on where the first partition is rated");
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("repricing failed, trying again", e);
        trouble = String.valueOf(e.getMessage());
        pause = RETRY;
      } finally {
        running = null;
      }
      try {
        Thread.sleep(pause.toMillis());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Carries out what is due, if anything is. */
  void step() throws InterruptedException {
    if (!setting.leads().getAsBoolean()) {
      scannedBook = null;
      return;
    }
    Repricing next = firstUnfinished();
    if (next != null) {
      run(Repricing.newBuilder(next).build(), true);
      return;
    }
    PriceBook book = setting.prices().get();
    boolean steady = book == seenBook;
    seenBook = book;
    boolean dueAgain = System.nanoTime() - scannedNanos > SCAN_EVERY.toNanos();
    if (!steady || (book == scannedBook && !dueAgain)) {
      return;
    }
    long unpriced = setting.facts().unpriced();
    if (unpriced > 0 && (book != scannedBook || unpriced != unpricedLeft)) {
      run(
          create(
              RepricingFilter.newBuilder().setUnpricedOnly(true).build(),
              false,
              ITSELF,
              "the price book has changed"),
          false);
      unpriced = setting.facts().unpriced();
    }
    unpricedLeft = unpriced;
    scannedBook = book;
    scannedNanos = System.nanoTime();
  }

  private @Nullable Repricing firstUnfinished() {
    List<Repricing> all = setting.log().all();
    for (int i = all.size() - 1; i >= 0; i--) {
      RepricingState state = all.get(i).getState();
      if (state == RepricingState.REQUESTED || state == RepricingState.RUNNING) {
        return all.get(i);
      }
    }
    return null;
  }

  private void run(Repricing job, boolean asked) throws InterruptedException {
    long before = job.getFactsChanged();
    try (Books books = setting.books().get()) {
      // Whoever had the books before may have finished its last write only now.
      Repricing written = setting.log().find(job.getId());
      Repricing current = written == null ? job : Repricing.newBuilder(written).build();
      if (current.getState() == RepricingState.DONE
          || current.getState() == RepricingState.FAILED) {
        return;
      }
      before = current.getFactsChanged();
      RepricingRun run =
          new RepricingRun(
              new RepricingRun.Setting(
                  setting.facts(),
                  setting.prices().get(),
                  setting.windows(),
                  setting.cuts(),
                  setting.zone(),
                  books,
                  setting.arrivals(),
                  FACTS_PER_WRITE,
                  setting.clock()),
              current,
              this::tell);
      try {
        Repricing done = run.run(asked);
        changed.add(done.getDryRun() ? 0 : done.getFactsChanged() - before);
        failures = 0;
        if (asked || done.getFactsChanged() > 0) {
          LOG.info(
              "repricing {} is done: {} of {} facts {} another rating, {} USD before, {} USD now",
              done.getId(),
              done.getFactsChanged(),
              done.getFactsRead(),
              done.getDryRun() ? "would have" : "have",
              done.getOldCost(),
              done.getNewCost());
        }
      } catch (StoreAwayException | CancellationException e) {
        throw e;
      } catch (RuntimeException e) {
        failures = current.getId().equals(failing) ? failures + 1 : 1;
        failing = current.getId();
        if (!asked || failures < MAX_FAILURES) {
          throw e;
        }
        giveUp(current, books, e);
      }
    }
  }

  private void giveUp(Repricing job, Books books, RuntimeException cause) {
    LOG.error("repricing {} is given up", job.getId(), cause);
    job.setState(RepricingState.FAILED);
    job.setError(String.valueOf(cause.getMessage()));
    job.setFinishedAtMicros(now());
    books.write(List.of(), new RollupChanges(List.of(), List.of(), List.of(), List.of()), job);
  }

  private void tell(Repricing progress) {
    if (closed || !setting.leads().getAsBoolean()) {
      throw new CancellationException();
    }
    running = progress;
  }

  private Repricing create(RepricingFilter filter, boolean dryRun, String by, String reason) {
    Instant now = setting.clock().instant();
    return Repricing.newBuilder()
        .setId(
            now.truncatedTo(ChronoUnit.SECONDS).toString().replaceAll("[-:]", "")
                + "-"
                + UUID.randomUUID().toString().substring(0, ID_CHARACTERS))
        .setState(RepricingState.REQUESTED)
        .setDryRun(dryRun)
        .setFilter(filter)
        .setRequestedBy(by)
        .setReason(reason)
        .setRequestedAtMicros(now())
        .setOldCost(ZERO)
        .setNewCost(ZERO)
        .setOldListCost(ZERO)
        .setNewListCost(ZERO)
        .setOldAvoidedCost(ZERO)
        .setNewAvoidedCost(ZERO)
        .setShares(List.of())
        .build();
  }

  private long now() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, setting.clock().instant());
  }
}
