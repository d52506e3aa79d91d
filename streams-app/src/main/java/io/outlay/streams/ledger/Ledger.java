package io.outlay.streams.ledger;

import io.outlay.money.Money;
import io.outlay.money.WideSum;
import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.LedgerEntry;
import io.outlay.schema.PricingStatus;
import io.outlay.serde.CostRecordEncoder.Rating;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The running totals of one partition of the usage, since its first record. For each record, {@link
 * #read} comes first and then exactly one of the others, so that
 *
 * <pre>
 * nextOffset = records + skippedOffsets
 * records    = facts (by pricing status) + duplicates + dead letters (by reason)
 * </pre>
 *
 * <p>Every offset is counted once, whatever is read again: a record at an offset that is counted
 * already only adds to {@code replays}. Mutable, for one thread; its size does not grow.
 */
public final class Ledger {
  private static final PricingStatus[] STATUSES = PricingStatus.values();
  private static final DeadLetterReason[] REASONS = DeadLetterReason.values();

  private final int partition;
  private final long[] facts = new long[STATUSES.length];
  private final long[] deadLetters = new long[REASONS.length];
  private final BigDecimal formerCost;
  private final BigDecimal formerListCost;
  private final BigDecimal formerAvoidedCost;
  private final WideSum cost = new WideSum();
  private final WideSum listCost = new WideSum();
  private final WideSum avoidedCost = new WideSum();
  private long nextOffset;
  private long records;
  private long skippedOffsets;
  private long firstSkippedOffset = -1;
  private long duplicates;
  private long replays;
  private long revision;
  private boolean counting;
  private boolean changed;

  /**
   * @param former where the totals stood; null for a partition that was never read
   */
  public Ledger(int partition, @Nullable LedgerEntry former) {
    this.partition = partition;
    if (former == null) {
      formerCost = BigDecimal.valueOf(0, Money.SCALE);
      formerListCost = formerCost;
      formerAvoidedCost = formerCost;
      return;
    }
    formerCost = former.getCost();
    formerListCost = former.getListCost();
    formerAvoidedCost = former.getAvoidedCost();
    nextOffset = former.getNextOffset();
    records = former.getRecords();
    skippedOffsets = former.getSkippedOffsets();
    firstSkippedOffset = former.getFirstSkippedOffset();
    facts[PricingStatus.PRICED.ordinal()] = former.getPriced();
    facts[PricingStatus.UNPRICED.ordinal()] = former.getUnpriced();
    facts[PricingStatus.FREE.ordinal()] = former.getFree();
    duplicates = former.getDuplicates();
    replays = former.getReplays();
    for (DeadLetterReason reason : REASONS) {
      deadLetters[reason.ordinal()] = former.getDeadLetters().getOrDefault(name(reason), 0L);
    }
    revision = former.getRevision();
  }

  /** Takes note of the record at an offset; what became of it is to follow. */
  public void read(long offset) {
    changed = true;
    counting = offset >= nextOffset;
    if (!counting) {
      replays++;
      return;
    }
    if (offset > nextOffset) {
      skippedOffsets += offset - nextOffset;
      firstSkippedOffset = firstSkippedOffset < 0 ? nextOffset : firstSkippedOffset;
    }
    records++;
    nextOffset = offset + 1;
  }

  /** The record became a fact. */
  public void fact(Rating rating) {
    if (counting) {
      facts[rating.status().ordinal()]++;
      cost.add(rating.costPico());
      listCost.add(rating.listCostPico());
      if (rating.avoidedCostPico() != null) {
        avoidedCost.add(rating.avoidedCostPico());
      }
    }
  }

  /** The record's event had been counted at another offset. */
  public void duplicate() {
    if (counting) {
      duplicates++;
    }
  }

  /** The record was set aside. */
  public void deadLetter(DeadLetterReason reason) {
    if (counting) {
      deadLetters[reason.ordinal()]++;
    }
  }

  /** Whether anything was read since the last entry. */
  public boolean isChanged() {
    return changed;
  }

  /**
   * The totals as the next entry.
   *
   * @param timeMicros when it is written
   */
  public LedgerEntry nextEntry(long timeMicros) {
    changed = false;
    revision++;
    Map<String, Long> letters = new HashMap<>();
    for (DeadLetterReason reason : REASONS) {
      if (deadLetters[reason.ordinal()] > 0) {
        letters.put(name(reason), deadLetters[reason.ordinal()]);
      }
    }
    return LedgerEntry.newBuilder()
        .setPartition(partition)
        .setNextOffset(nextOffset)
        .setRecords(records)
        .setSkippedOffsets(skippedOffsets)
        .setFirstSkippedOffset(firstSkippedOffset)
        .setPriced(facts[PricingStatus.PRICED.ordinal()])
        .setUnpriced(facts[PricingStatus.UNPRICED.ordinal()])
        .setFree(facts[PricingStatus.FREE.ordinal()])
        .setDuplicates(duplicates)
        .setReplays(replays)
        .setDeadLetters(letters)
        .setCost(formerCost.add(cost.toUsd()))
        .setListCost(formerListCost.add(listCost.toUsd()))
        .setAvoidedCost(formerAvoidedCost.add(avoidedCost.toUsd()))
        .setRevision(revision)
        .setTimeMicros(timeMicros)
        .build();
  }

  private static String name(DeadLetterReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }
}
