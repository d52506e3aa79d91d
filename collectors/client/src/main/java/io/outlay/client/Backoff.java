package io.outlay.client;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait after failures in a row: exponential with full jitter, so that clients that
 * failed together do not come back together. What the collector asks for is the least.
 */
final class Backoff {
  /** Longest wait that a collector can ask for. */
  static final Duration MAX_RETRY_AFTER = Duration.ofMinutes(10);

  private static final int MAX_DOUBLINGS = 30;

  private final long initialNanos;
  private final long maxNanos;
  private final DoubleSupplier random;

  /**
   * @param random 0 (inclusive) to 1 (exclusive)
   */
  Backoff(Duration initial, Duration max, DoubleSupplier random) {
    this.initialNanos = initial.toNanos();
    this.maxNanos = max.toNanos();
    this.random = random;
  }

  /**
   * @param failures in a row, from 1
   * @param retryAfter what the collector asked for, if it did
   */
  Duration delay(int failures, @Nullable Duration retryAfter) {
    if (retryAfter != null) {
      Duration asked = retryAfter.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : retryAfter;
      return asked.plusNanos(jittered(initialNanos));
    }
    int doublings = Math.min(failures - 1, MAX_DOUBLINGS);
    long ceiling = initialNanos > maxNanos >> doublings ? maxNanos : initialNanos << doublings;
    return Duration.ofNanos(jittered(ceiling));
  }

  /** Between half of the time and the whole of it. */
  Duration spread(Duration whole) {
    long half = whole.toNanos() / 2;
    return Duration.ofNanos(half + jittered(half));
  }

  private long jittered(long ceiling) {
    return (long) (random.getAsDouble() * ceiling);
  }
}
