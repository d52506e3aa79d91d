package io.outlay.streams.ledger;

import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.LedgerEntry;
import io.outlay.schema.PricingStatus;
import io.outlay.serde.CostRecordEncoder.Rating;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LedgerTest {
  private static final int PARTITION = 3;
  private static final long TIME = 7;

  private final Ledger ledger = new Ledger(PARTITION, null);

  @Test
  void givenOneRecordOfEachOutcome_whenWritten_thenEachIsCountedOnceAndTheSumsAreThose() {
    fact(ledger, 0, PricingStatus.PRICED, 1_000_000_000_001L, 5L);
    fact(ledger, 1, PricingStatus.UNPRICED, 0, null);
    fact(ledger, 2, PricingStatus.FREE, 0, -9L);
    ledger.read(3);
    ledger.duplicate();
    ledger.read(4);
    ledger.deadLetter(DeadLetterReason.TOO_LATE);

    LedgerEntry entry = ledger.nextEntry(TIME);

    assertThat(entry.getPartition()).isEqualTo(PARTITION);
    assertThat(entry.getNextOffset()).isEqualTo(5);
    assertThat(entry.getRecords()).isEqualTo(5);
    assertThat(entry.getPriced()).isEqualTo(1);
    assertThat(entry.getUnpriced()).isEqualTo(1);
    assertThat(entry.getFree()).isEqualTo(1);
    assertThat(entry.getDuplicates()).isEqualTo(1);
    assertThat(entry.getDeadLetters()).isEqualTo(Map.of("too_late", 1L));
    assertThat(entry.getSkippedOffsets()).isZero();
    assertThat(entry.getFirstSkippedOffset()).isEqualTo(-1);
    assertThat(entry.getCost()).hasToString("1.000000000001");
    assertThat(entry.getListCost()).hasToString("1.000000000010");
    assertThat(entry.getAvoidedCost()).hasToString("-4E-12");
    assertThat(entry.getRevision()).isEqualTo(1);
    assertThat(entry.getTimeMicros()).isEqualTo(TIME);
  }

  @Test
  void givenAnEntry_whenTakenUpAgain_thenCountsSumsAndRevisionGoOn() {
    fact(ledger, 0, PricingStatus.PRICED, 2, 3L);
    fact(ledger, 5, PricingStatus.PRICED, 2, 3L);
    ledger.read(6);
    ledger.deadLetter(DeadLetterReason.INVALID);
    ledger.read(6);
    LedgerEntry former = ledger.nextEntry(TIME);

    Ledger restored = new Ledger(PARTITION, former);
    assertThat(restored.isChanged()).isFalse();
    fact(restored, 7, PricingStatus.FREE, 40, 50L);
    LedgerEntry entry = restored.nextEntry(TIME + 1);
    fact(ledger, 7, PricingStatus.FREE, 40, 50L);

    assertThat(entry).isEqualTo(ledger.nextEntry(TIME + 1));
    assertThat(entry.getRevision()).isEqualTo(2);
    assertThat(entry.getCost()).hasToString("4.4E-11");
    assertThat(entry.getDeadLetters()).isEqualTo(Map.of("invalid", 1L));
    assertThat(entry.getReplays()).isEqualTo(1);
  }

  @Test
  void givenGaps_whenReadPast_thenTheyAreCountedAndTheFirstIsNamed() {
    fact(ledger, 2, PricingStatus.PRICED, 1, null);
    fact(ledger, 3, PricingStatus.PRICED, 1, null);
    fact(ledger, 10, PricingStatus.PRICED, 1, null);

    LedgerEntry entry = ledger.nextEntry(TIME);

    assertThat(entry.getRecords()).isEqualTo(3);
    assertThat(entry.getSkippedOffsets()).isEqualTo(8);
    assertThat(entry.getFirstSkippedOffset()).isZero();
    assertThat(entry.getNextOffset()).isEqualTo(entry.getRecords() + entry.getSkippedOffsets());
  }

  @Test
  void givenOffsetsThatWereSetBack_whenReadAgain_thenOnlyReplaysGrow() {
    fact(ledger, 0, PricingStatus.PRICED, 1, 1L);
    ledger.read(1);
    ledger.deadLetter(DeadLetterReason.INVALID);
    ledger.read(2);
    ledger.duplicate();
    LedgerEntry before = ledger.nextEntry(TIME);

    fact(ledger, 0, PricingStatus.PRICED, 1, 1L);
    ledger.read(1);
    ledger.deadLetter(DeadLetterReason.INVALID);
    ledger.read(2);
    ledger.duplicate();
    LedgerEntry after = ledger.nextEntry(TIME);

    assertThat(after.getReplays()).isEqualTo(3);
    after.setReplays(0);
    after.setRevision(before.getRevision());
    assertThat(after).isEqualTo(before);
  }

  @Test
  void givenNothingRead_whenAsked_thenThereIsNothingToWrite() {
    assertThat(ledger.isChanged()).isFalse();
    ledger.read(0);
    assertThat(ledger.isChanged()).isTrue();
    ledger.duplicate();
    ledger.nextEntry(TIME);
    assertThat(ledger.isChanged()).isFalse();
  }

  private static void fact(
      Ledger ledger, long offset, PricingStatus status, long costPico, @Nullable Long avoided) {
    ledger.read(offset);
    ledger.fact(
        new Rating(status, "", "", 0, costPico, costPico + 3, avoided, null, null, 1, TIME));
  }
}
