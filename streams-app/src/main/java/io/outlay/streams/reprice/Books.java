package io.outlay.streams.reprice;

import io.outlay.schema.Repricing;
import java.util.List;

/**
 * What a repricing writes to. There is one writer: whoever opens the books takes them from the one
 * before, whose next transaction fails.
 */
public interface Books extends AutoCloseable {
  /**
   * Writes all of it or nothing.
   *
   * @param facts at their new revision
   * @param changes of rollups
   * @param progress how far the repricing has come with this
   * @throws StoreAwayException if it is not known to be written; the books cannot be used any more
   */
  void write(List<Fact> facts, RollupChanges changes, Repricing progress);

  @Override
  void close();
}
