package io.outlay.streams.rollup;

import io.outlay.schema.RollupWindow;
import io.outlay.topic.WindowKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Collects deltas of minutes into the windows that they change, between two commits. Not safe for
 * concurrent use; bounded by the scopes and windows of one commit interval.
 *
 * @param <R> what is summed up
 */
public final class WindowSums<R extends SpecificRecordBase> {
  private final RollupType<R> type;
  private final Windows windows;
  private final Map<WindowKey, R> changed = new LinkedHashMap<>();

  /**
   * @param windows alignment of hours and days
   */
  public WindowSums(RollupType<R> type, Windows windows) {
    this.type = type;
    this.windows = windows;
  }

  /** Takes a delta of a minute. */
  public void add(R delta) {
    long minute = type.start(delta);
    for (RollupWindow window : type.windows()) {
      long start = windows.start(window, minute);
      R sum =
          changed.computeIfAbsent(
              type.key(delta, window, start), key -> type.zero(delta, window, start));
      type.add(sum, delta);
    }
  }

  /** Hands every change over and starts anew. */
  public void drain(BiConsumer<WindowKey, R> to) {
    changed.forEach(to);
    changed.clear();
  }
}
