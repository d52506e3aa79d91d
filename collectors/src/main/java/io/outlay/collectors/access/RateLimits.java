package io.outlay.collectors.access;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Events per second, by publisher. How many events a request has is known only once it has been
 * read, so a request is let in while its publisher owes nothing, and what it brought beyond a
 * second's worth is owed from then on, up to a minute's worth.
 */
public final class RateLimits {
  private static final long MAX_DEBT_SECONDS = 60;

  private final Map<String, Limit> limits = new HashMap<>();

  private record Limit(Bucket bucket, long maxDebt) {}

  /**
   * @param eventsPerSecond by publisher; those who are not named have no limit
   */
  public RateLimits(Map<Publisher, Integer> eventsPerSecond) {
    this(eventsPerSecond, TimeMeter.SYSTEM_NANOTIME);
  }

  RateLimits(Map<Publisher, Integer> eventsPerSecond, TimeMeter clock) {
    eventsPerSecond.forEach(
        (publisher, rate) ->
            limits.put(
                publisher.name(),
                new Limit(
                    Bucket.builder()
                        .withCustomTimePrecision(clock)
                        .addLimit(
                            limit -> limit.capacity(rate).refillGreedy(rate, Duration.ofSeconds(1)))
                        .build(),
                    rate * MAX_DEBT_SECONDS)));
  }

  /** How long a publisher has to wait before its next request; zero if it need not. */
  public Duration toWait(Publisher publisher) {
    Limit limit = limits.get(publisher.name());
    return limit == null
        ? Duration.ZERO
        : Duration.ofNanos(limit.bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill());
  }

  /** Takes note of what a publisher has sent. */
  public void took(Publisher publisher, long events) {
    Limit limit = limits.get(publisher.name());
    if (limit == null || events <= 0) {
      return;
    }
    long room = limit.bucket.getAvailableTokens() + limit.maxDebt;
    if (room > 0) {
      limit.bucket.consumeIgnoringRateLimits(Math.min(events, room));
    }
  }

  /** {@code Retry-After} for a wait: whole seconds, at least one. */
  public static int retryAfterSeconds(Duration wait) {
    long nanos = wait.toNanos() + TimeUnit.SECONDS.toNanos(1) - 1;
    return (int) Math.min(Integer.MAX_VALUE, Math.max(1, nanos / TimeUnit.SECONDS.toNanos(1)));
  }
}
