package io.outlay.streams.rollup;

import io.outlay.schema.ScopeRollup;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.usage.Cut;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What one partition adds to the minutes of each scope of each cut between two commits; without
 * cuts, nothing. Not safe for concurrent use; bounded by the scopes and minutes of one commit
 * interval.
 */
public final class ScopeSums {
  private final List<Cut> cuts;
  private final Map<Cell, Sums> cells = new HashMap<>();

  /**
   * @param cuts to add up by
   */
  public ScopeSums(List<Cut> cuts) {
    this.cuts = List.copyOf(cuts);
  }

  /** Adds a fact. */
  public void add(UsageEvent event, Rating rating) {
    for (Cut cut : cuts) {
      sums(event, cut).add(event, rating);
    }
  }

  /** Replaces the rating of a fact that was added before, here or elsewhere. */
  public void replace(UsageEvent event, Rating former, Rating rating) {
    for (Cut cut : cuts) {
      sums(event, cut).replace(event, former, rating);
    }
  }

  /** Hands every sum over, with revision 0, and starts anew. */
  public void drain(Consumer<ScopeRollup> to) {
    cells.forEach(
        (cell, sums) -> to.accept(sums.toRollup(cell.minute, cell.cut.scope(cell.values))));
    cells.clear();
  }

  private Sums sums(UsageEvent event, Cut cut) {
    Cell cell = new Cell(Windows.minute(event.getEventTimeMicros()), cut, cut.valuesOf(event));
    return cells.computeIfAbsent(cell, c -> new Sums());
  }

  private record Cell(long minute, Cut cut, List<String> values) {}
}
