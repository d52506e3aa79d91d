package io.outlay.streams.rollup;

import io.outlay.schema.CostRollup;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.usage.Cut;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What one partition adds to the minutes of each scope between two commits: traffic per scope, not
 * per event. Not safe for concurrent use; bounded by the scopes and minutes of one commit interval.
 */
public final class MinuteSums {
  private final Map<Cell, Sums> cells = new HashMap<>();

  /** Adds a fact. */
  public void add(UsageEvent event, Rating rating) {
    sums(event).add(event, rating);
  }

  /** Replaces the rating of a fact that was added before, here or elsewhere. */
  public void replace(UsageEvent event, Rating former, Rating rating) {
    sums(event).replace(event, former, rating);
  }

  private Sums sums(UsageEvent event) {
    Cell cell =
        new Cell(
            Windows.minute(event.getEventTimeMicros()),
            event.getTeam(),
            Cut.model(event),
            event.getFeature());
    return cells.computeIfAbsent(cell, c -> new Sums());
  }

  /** Hands every sum over, with revision 0, and starts anew. */
  public void drain(Consumer<CostRollup> to) {
    cells.forEach(
        (cell, sums) -> to.accept(sums.toRollup(cell.minute, cell.team, cell.model, cell.feature)));
    cells.clear();
  }

  private record Cell(long minute, String team, String model, String feature) {}
}
