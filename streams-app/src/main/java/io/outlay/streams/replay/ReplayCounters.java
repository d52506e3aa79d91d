package io.outlay.streams.replay;

import io.outlay.schema.DeadLetterReason;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Dead letters that this program sent through again, by the reason they had. */
public final class ReplayCounters {
  private final Map<DeadLetterReason, LongAdder> replayed = new EnumMap<>(DeadLetterReason.class);

  public ReplayCounters() {
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      replayed.put(reason, new LongAdder());
    }
  }

  /** Counts when the transaction is through. */
  public LongAdder replayed(DeadLetterReason reason) {
    return replayed.get(reason);
  }
}
