package io.outlay.detector.spend;

import org.jspecify.annotations.Nullable;

/** What has spend by hour: a scope or a cell. */
interface HourlySpend {
  /** Slots of a day without a doubled hour. */
  int HOURS = 24;

  /**
   * Pico-USD of a day by local hour: slots 0 to 23; where the clock ran through an hour twice, the
   * second time is 24 slots further on.
   *
   * @return null where nothing is kept for the day
   */
  @Nullable WideSums costs(int epochDay);
}
