package io.outlay.streams.rollup;

import io.outlay.schema.CostRollup;
import io.outlay.schema.RollupWindow;
import io.outlay.topic.RollupKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Collects deltas of minutes into the minute, hour and day that they change, between two commits.
 * Not safe for concurrent use; bounded by the scopes and windows of one commit interval.
 */
public final class WindowSums {
  private final Windows windows;
  private final Map<RollupKey, CostRollup> changed = new LinkedHashMap<>();

  /**
   * @param windows alignment of hours and days
   */
  public WindowSums(Windows windows) {
    this.windows = windows;
  }

  /** Takes a delta of a minute. */
  public void add(CostRollup delta) {
    long minute = delta.getWindowStartMicros();
    add(delta, RollupWindow.MINUTE, minute);
    add(delta, RollupWindow.HOUR, windows.hour(minute));
    add(delta, RollupWindow.DAY, windows.day(minute));
  }

  /** Hands every change over and starts anew. */
  public void drain(BiConsumer<RollupKey, CostRollup> to) {
    changed.forEach(to);
    changed.clear();
  }

  private void add(CostRollup delta, RollupWindow window, long start) {
    RollupKey key =
        new RollupKey(window, start, delta.getTeam(), delta.getModel(), delta.getFeature());
    changed.merge(key, at(delta, window, start), WindowSums::plus);
  }

  private static CostRollup at(CostRollup delta, RollupWindow window, long start) {
    CostRollup copy = plus(delta, EMPTY);
    copy.setWindow(window);
    copy.setWindowStartMicros(start);
    return copy;
  }

  private static final CostRollup EMPTY =
      new CostRollup(
          RollupWindow.MINUTE,
          0L,
          "",
          "",
          "",
          0L,
          0L,
          java.math.BigDecimal.valueOf(0, io.outlay.money.Money.SCALE),
          java.math.BigDecimal.valueOf(0, io.outlay.money.Money.SCALE),
          java.math.BigDecimal.valueOf(0, io.outlay.money.Money.SCALE),
          0L,
          0L,
          0L,
          0L,
          Long.MIN_VALUE);

  /** The sum of two rollups of one key; the revision is the greater one's. */
  public static CostRollup plus(CostRollup a, CostRollup b) {
    return new CostRollup(
        a.getWindow(),
        a.getWindowStartMicros(),
        a.getTeam(),
        a.getModel(),
        a.getFeature(),
        a.getEvents() + b.getEvents(),
        a.getUnpricedEvents() + b.getUnpricedEvents(),
        a.getCost().add(b.getCost()),
        a.getListCost().add(b.getListCost()),
        a.getAvoidedCost().add(b.getAvoidedCost()),
        a.getRequests() + b.getRequests(),
        a.getInputTokens() + b.getInputTokens(),
        a.getOutputTokens() + b.getOutputTokens(),
        Math.max(a.getRevision(), b.getRevision()),
        Math.max(a.getLastEventMicros(), b.getLastEventMicros()));
  }
}
