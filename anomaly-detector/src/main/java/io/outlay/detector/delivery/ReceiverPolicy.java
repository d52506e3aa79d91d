package io.outlay.detector.delivery;

import org.jspecify.annotations.Nullable;

/**
 * How a receiver's queue deals with failure.
 *
 * @param collapse whether a receiver that fails gets only the newest message of a group
 * @param fallback receiver that is told instead; null for none
 * @param fallbackAfter failed attempts of a message before that, ≥ 1
 */
public record ReceiverPolicy(
    RetryPolicy retry, boolean collapse, @Nullable String fallback, int fallbackAfter) {
  /** Each message until it is settled, and no other receiver. */
  public static ReceiverPolicy plain(RetryPolicy retry) {
    return new ReceiverPolicy(retry, false, null, 1);
  }
}
