package io.outlay.sink.insert;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before a repetition: doubling from a start to an end, less up to a fifth at
 * random so that instances do not knock at once.
 *
 * @param first wait after the first failure
 * @param longest no wait is longer
 */
public record Backoff(Duration first, Duration longest) {
  private static final int MAX_DOUBLINGS = 20;

  public Backoff {
    if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "a backoff grows from > 0, was " + first + " to " + longest);
    }
  }

  /**
   * The wait after some failures in a row.
   *
   * @param failures ≥ 1
   */
  public Duration after(int failures) {
    long doubled = first.toMillis() << Math.min(failures - 1, MAX_DOUBLINGS);
    long millis = Math.min(doubled, longest.toMillis());
    return Duration.ofMillis(millis - ThreadLocalRandom.current().nextLong(1 + millis / 5));
  }
}
