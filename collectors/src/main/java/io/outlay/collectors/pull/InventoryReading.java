package io.outlay.collectors.pull;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A listing as it was understood, and what it is compared with.
 *
 * @param sent whether all of it has been acknowledged
 * @param modified when the listing was last changed, null if unknown
 * @param held what it lists; empty once sent
 * @param base what the next listing is compared with
 * @param moves since the listing before; empty once sent
 */
record InventoryReading(
    Slot slot,
    boolean sent,
    @Nullable Instant modified,
    List<Holding> held,
    List<Holding> base,
    List<TierMove> moves)
    implements Puller.Kept {
  InventoryReading acknowledged() {
    return new InventoryReading(slot, true, modified, List.of(), base, List.of());
  }
}
