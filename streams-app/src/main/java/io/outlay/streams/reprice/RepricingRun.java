package io.outlay.streams.reprice;

import io.outlay.schema.CostRollup;
import io.outlay.schema.Repricing;
import io.outlay.schema.RepricingState;
import io.outlay.schema.ScopeRollup;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.rating.Rater;
import io.outlay.streams.rollup.MinuteSums;
import io.outlay.streams.rollup.OpenWindows;
import io.outlay.streams.rollup.ScopeSums;
import io.outlay.usage.Cut;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One repricing from where it stands to its end, day by day. Each fact is read as the store shows
 * it, rated with the book, and, where the rating says something else, written as its next revision,
 * in one transaction with what that changes in the rollups and with the record of the repricing.
 *
 * <p>Nothing is read before everything written earlier is there to be read. Hence a run that was
 * interrupted, taken up again or done twice sees its own work, and changes no fact twice.
 *
 * <p>Rollups of days that events can still change follow by deltas, like those of new facts. The
 * topology has forgotten those of older days: they are summed up anew from the facts at the end.
 *
 * <p>Facts read = unchanged + changed + failed.
 */
public final class RepricingRun {
  private static final int ROLLUPS_PER_WRITE = 5_000;
  private static final Duration TELL_EVERY = Duration.ofSeconds(2);

  private final Setting setting;
  private final Repricing job;
  private final Rater rater;
  private final Differences differences;
  private final List<Fact> corrected = new ArrayList<>();
  private final MinuteSums sums = new MinuteSums();
  private final ScopeSums scopes;
  private final Consumer<Repricing> told;
  private long toldAtMicros;

  /**
   * What a run works with.
   *
   * @param prices one book for the whole run
   * @param cuts whose sums follow too
   * @param zone of days
   * @param books opened for this run
   * @param factsPerWrite most facts of one transaction, ≥ 1
   */
  public record Setting(
      FactStore facts,
      PriceBook prices,
      OpenWindows windows,
      List<Cut> cuts,
      ZoneId zone,
      Books books,
      Arrivals arrivals,
      int factsPerWrite,
      Clock clock) {}

  /**
   * @param job as it was last written; changed by the run
   * @param told handed a copy of the record from time to time and at the end; may throw to end the
   *     run early
   */
  public RepricingRun(Setting setting, Repricing job, Consumer<Repricing> told) {
    this.setting = setting;
    this.job = job;
    this.rater = new Rater(setting.prices());
    this.scopes = new ScopeSums(setting.cuts());
    this.differences = new Differences(job);
    this.told = told;
  }

  /**
   * Runs to the end.
   *
   * @return the record as it stands at the end; not written if the run was asked not to and changed
   *     nothing
   * @throws StoreAwayException if something does not answer; what was written stays, and another
   *     run goes on from there
   * @throws InterruptedException likewise
   */
  public Repricing run(boolean writeEvenIfNothingChanged) throws InterruptedException {
    job.setState(RepricingState.RUNNING);
    if (job.getStartedAtMicros() == null) {
      job.setStartedAtMicros(now());
    }
    tell();
    setting.arrivals().await();
    List<FactStore.Day> days = setting.facts().days(job.getFilter(), date(job.getDoneBefore()));
    long left = days.stream().mapToLong(FactStore.Day::facts).sum();
    // Facts that came since, or that no longer match since they were changed, are not in the total.
    job.setFactsTotal(Math.max(job.getFactsTotal(), left));
    job.setFactsRead(job.getFactsTotal() - left);
    for (FactStore.Day day : days) {
      reprice(day.date());
    }
    rebuildClosedDays();
    differences.into(job);
    if (!job.getDryRun() && job.getFactsChanged() > 0) {
      setting.arrivals().await();
    }
    job.setState(RepricingState.DONE);
    job.setFinishedAtMicros(now());
    job.setFactsTotal(Math.max(job.getFactsTotal(), job.getFactsRead()));
    if (writeEvenIfNothingChanged || job.getFactsChanged() > 0 || job.getFactsFailed() > 0) {
      write(List.of(), List.of());
    }
    tell();
    return job;
  }

  private void reprice(LocalDate day) {
    boolean closed = start(day) < setting.windows().closedBefore(now());
    setting
        .facts()
        .read(
            job.getFilter(),
            day,
            fact -> {
              reprice(fact, day, closed);
              if (corrected.size() >= setting.factsPerWrite()) {
                write(List.of(), List.of());
              }
              if (now() - toldAtMicros > TELL_EVERY.toMillis() * 1_000) {
                tell();
              }
            });
    job.setDoneBefore(day.plusDays(1).toString());
    if (!corrected.isEmpty()) {
      write(List.of(), List.of());
    }
  }

  private void reprice(Fact fact, LocalDate day, boolean closed) {
    job.setFactsRead(job.getFactsRead() + 1);
    UsageEvent event = fact.usage();
    Rating former = fact.rating();
    Rating rating;
    try {
      long now = now();
      rating = rater.rate(event, now).revised(former.revision() + 1, now);
    } catch (ArithmeticException e) {
      if (job.getFactsFailed() == 0) {
        job.setError(event.getSource() + "/" + event.getId() + ": " + e.getMessage());
      }
      job.setFactsFailed(job.getFactsFailed() + 1);
      return;
    }
    if (rating.saysTheSame(former)) {
      return;
    }
    differences.add(event, former, rating);
    if (job.getDryRun()) {
      return;
    }
    corrected.add(new Fact(event, rating));
    if (!closed) {
      sums.replace(event, former, rating);
      scopes.replace(event, former, rating);
      return;
    }
    if (job.getRebuildFrom().isEmpty()) {
      job.setRebuildFrom(day.toString());
    }
    job.setRebuildTo(day.toString());
  }

  private void rebuildClosedDays() throws InterruptedException {
    LocalDate day = date(job.getRebuildFrom());
    LocalDate last = date(job.getRebuildTo());
    if (day == null || last == null) {
      return;
    }
    setting.arrivals().await();
    List<CostRollup> rollups = new ArrayList<>();
    List<ScopeRollup> scopeRollups = new ArrayList<>();
    for (; !day.isAfter(last); day = day.plusDays(1)) {
      setting
          .facts()
          .wrongRollups(
              day,
              rollup -> {
                rollups.add(rollup);
                if (rollups.size() >= ROLLUPS_PER_WRITE) {
                  write(rollups, List.of());
                  rollups.clear();
                }
              });
      for (Cut cut : setting.cuts()) {
        setting
            .facts()
            .wrongScopeRollups(
                day,
                cut,
                rollup -> {
                  scopeRollups.add(rollup);
                  if (scopeRollups.size() >= ROLLUPS_PER_WRITE) {
                    write(List.of(), scopeRollups);
                    scopeRollups.clear();
                  }
                });
      }
    }
    write(rollups, scopeRollups);
  }

  private void write(List<CostRollup> rollups, List<ScopeRollup> scopeRollups) {
    List<CostRollup> deltas = new ArrayList<>();
    List<ScopeRollup> scopeDeltas = new ArrayList<>();
    sums.drain(deltas::add);
    scopes.drain(scopeDeltas::add);
    differences.into(job);
    setting
        .books()
        .write(corrected, new RollupChanges(deltas, scopeDeltas, rollups, scopeRollups), job);
    corrected.clear();
  }

  private void tell() {
    toldAtMicros = now();
    differences.into(job);
    told.accept(Repricing.newBuilder(job).build());
  }

  private long start(LocalDate day) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, day.atStartOfDay(setting.zone()).toInstant());
  }

  private static @Nullable LocalDate date(String text) {
    return text.isEmpty() ? null : LocalDate.parse(text);
  }

  private long now() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, setting.clock().instant());
  }
}
