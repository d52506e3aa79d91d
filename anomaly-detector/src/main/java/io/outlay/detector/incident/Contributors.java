package io.outlay.detector.incident;

import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Knows who contributed to a change of spend, by the dimensions that rollups do not have. */
public interface Contributors {
  /** Knows nothing. */
  Contributors NONE = comparison -> CompletableFuture.completedFuture(List.of());

  /**
   * The largest contributors of each dimension, largest first. Returns at once; the answer comes
   * later, or fails, or never comes.
   */
  CompletableFuture<List<Explanation.Cause>> ask(Comparison comparison);
}
