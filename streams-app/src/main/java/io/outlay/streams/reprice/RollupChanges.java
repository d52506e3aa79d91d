package io.outlay.streams.reprice;

import io.outlay.schema.CostRollup;
import io.outlay.schema.ScopeRollup;
import java.util.List;

/**
 * What later ratings change in rollups.
 *
 * @param deltas of minutes that are still kept
 * @param scopeDeltas the same by the scopes of cuts
 * @param rollups that replace those of days that are not kept any more
 * @param scopeRollups the same by the scopes of cuts
 */
public record RollupChanges(
    List<CostRollup> deltas,
    List<ScopeRollup> scopeDeltas,
    List<CostRollup> rollups,
    List<ScopeRollup> scopeRollups) {
  public RollupChanges {
    deltas = List.copyOf(deltas);
    scopeDeltas = List.copyOf(scopeDeltas);
    rollups = List.copyOf(rollups);
    scopeRollups = List.copyOf(scopeRollups);
  }
}
