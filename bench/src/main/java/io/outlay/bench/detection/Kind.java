package io.outlay.bench.detection;

import java.util.Locale;

/** What happens in a series. */
enum Kind {
  /** One cell costs a multiple for some hours. */
  SPIKE(true, 24),
  /** One cell costs a multiple from a day on. */
  LEVEL_SHIFT(true, 24),
  /** One cell grows by some percent a day for weeks. */
  DRIFT(true, 20),
  /** A feature that was not there before. */
  NEW_FEATURE(true, 20),
  /** All cells of a model cost a multiple, for the same requests. */
  PRICE_CHANGE(true, 20),
  /** A feature's requests miss the cache for some hours. */
  CACHE_OUTAGE(true, 20),
  /** One cell doubles from hour to hour until somebody stops it. */
  RUNAWAY_LOOP(true, 24),
  /** Weekends that cost a small part of working days. */
  WEEKEND(false, 16),
  /** Working days like weekends, one to three in a row. */
  HOLIDAY(false, 16),
  /** All cells grow by less than one percent a day. */
  TRAFFIC_GROWTH(false, 16),
  /** Hours or days of which nothing was recorded. */
  MISSING_DATA(false, 16),
  /** Nothing but noise. */
  NORMAL(false, 24);

  private final boolean alarming;
  private final int series;

  Kind(boolean alarming, int series) {
    this.alarming = alarming;
    this.series = series;
  }

  /** Whether somebody should be told. */
  boolean isAlarming() {
    return alarming;
  }

  /** How many series of it there are. */
  int series() {
    return series;
  }

  /** For people. */
  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
