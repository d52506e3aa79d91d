package io.outlay.streams.reprice;

import io.outlay.schema.Repricing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All repricings, as every instance sees them. */
public interface RepricingLog {
  /** All of them, the latest first. */
  List<Repricing> all();

  /** One of them, or null if there is none of that id. */
  @Nullable Repricing find(String id);

  /** Returns once everything that was written before is seen. */
  void catchUp();

  /**
   * Adds one that waits for its turn.
   *
   * @throws StoreAwayException if it is not known to be written
   */
  void request(Repricing repricing);
}
