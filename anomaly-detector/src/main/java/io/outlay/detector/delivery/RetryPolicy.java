package io.outlay.detector.delivery;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * When a failed message is tried again: after twice the time of the last wait, give or take a
 * quarter so that receivers are not met in step, and never before the receiver asks for.
 *
 * @param first wait after the first failure
 * @param longest wait
 * @param expiry age at which a message is given up, once it was tried by this process
 * @param random from 0 to 1
 */
public record RetryPolicy(
    Duration first, Duration longest, Duration expiry, DoubleSupplier random) {
  private static final int MAX_DOUBLINGS = 30;

  /** First after about a second, then up to a minute. */
  public static RetryPolicy standard(Duration expiry, DoubleSupplier random) {
    return new RetryPolicy(Duration.ofSeconds(1), Duration.ofSeconds(60), expiry, random);
  }

  /**
   * How long to wait.
   *
   * @param failures so far, ≥ 1
   * @param notBefore what the receiver asks for
   */
  Duration delay(int failures, Duration notBefore) {
    long doubled = first.toMillis() << Math.min(failures - 1, MAX_DOUBLINGS);
    long capped = Math.min(doubled, longest.toMillis());
    Duration jittered = Duration.ofMillis(Math.round(capped * (0.75 + random.getAsDouble() / 2)));
    return jittered.compareTo(notBefore) >= 0 ? jittered : notBefore;
  }
}
