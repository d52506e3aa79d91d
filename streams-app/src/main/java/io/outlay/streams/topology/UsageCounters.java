package io.outlay.streams.topology;

import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.PricingStatus;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * What became of the records read: {@code read = facts (by pricing status) + duplicates + dead
 * letters (by reason)}. Counts processing, so that work done again after a crash counts again.
 */
public final class UsageCounters {
  private final LongAdder read = new LongAdder();
  private final LongAdder duplicates = new LongAdder();
  private final LongAdder replays = new LongAdder();
  private final Map<PricingStatus, LongAdder> facts = new EnumMap<>(PricingStatus.class);
  private final UnpricedCounters unpriced = new UnpricedCounters();
  private final Map<DeadLetterReason, LongAdder> deadLetters =
      new EnumMap<>(DeadLetterReason.class);

  public UsageCounters() {
    for (PricingStatus status : PricingStatus.values()) {
      facts.put(status, new LongAdder());
    }
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      deadLetters.put(reason, new LongAdder());
    }
  }

  /** Records read from the usage topic. */
  public LongAdder read() {
    return read;
  }

  /** Records whose event had been seen at another offset. */
  public LongAdder duplicates() {
    return duplicates;
  }

  /** Records read again that had been the first of their event; counted among the facts too. */
  public LongAdder replays() {
    return replays;
  }

  /** Facts written. */
  public LongAdder facts(PricingStatus status) {
    return facts.get(status);
  }

  /** The unpriced among the facts, by what has no price. */
  public UnpricedCounters unpriced() {
    return unpriced;
  }

  /** Dead letters written. */
  public LongAdder deadLetters(DeadLetterReason reason) {
    return deadLetters.get(reason);
  }
}
