package io.outlay.detector.rule;

import io.outlay.detector.spend.ScopeSpend;
import io.outlay.detector.spend.Signal;
import io.outlay.detector.spend.Stretch;

/**
 * What earlier windows have to hold a ratio against.
 *
 * @param windows that have any of what is divided by
 * @param count of what is divided by, in all of them
 */
record Before(int windows, long count) {
  /** Of a scope. */
  static Before of(ScopeSpend scope, Signal denominator, Frame frame) {
    int windows = 0;
    long sum = 0;
    for (Stretch earlier : frame.earlier()) {
      long count = scope.count(denominator, earlier);
      if (count > 0) {
        windows++;
        sum += count;
      }
    }
    return new Before(windows, sum);
  }
}
