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
 * second's worth is owed from then on.
 */
public final class RateLimits {
  private final Map<String, Bucket> buckets = new HashMap<>();

  /**
   * @param eventsPerSecond by publisher; those who are not named have no limit
   */
  public RateLimits(Map<Publisher, Integer> eventsPerSecond) {
    this(eventsPerSecond, TimeMeter.SYSTEM_NANOTIME);
  }

  RateLimits(Map<Publisher, Integer> eventsPerSecond, TimeMeter clock) {
    eventsPerSecond.forEach(
        (publisher, rate) ->
            buckets.put(
                publisher.name(),
                Bucket.builder()
                    .withCustomTimePrecision(clock)
                    .addLimit(
                        limit -> limit.capacity(rate).refillGreedy(rate, Duration.ofSeconds(1)))
                    .build()));
  }

  /** How long a publisher has to wait before its next request; zero if it need not. */
  public Duration toWait(Publisher publisher) {
    Bucket bucket = buckets.get(publisher.name());
    return bucket == null
        ? Duration.ZERO
        : Duration.ofNanos(bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill());
  }

  /** Takes note of what a publisher has sent. */
  public void took(Publisher publisher, long events) {
    Bucket bucket = buckets.get(publisher.name());
    if (bucket != null && events > 0) {
      bucket.consumeIgnoringRateLimits(events);
    }
  }

  /** {@code Retry-After} for a wait: whole seconds, at least one. */
  public static int retryAfterSeconds(Duration wait) {
    long nanos = wait.toNanos() + TimeUnit.SECONDS.toNanos(1) - 1;
    return (int) Math.min(Integer.MAX_VALUE, Math.max(1, nanos / TimeUnit.SECONDS.toNanos(1)));
  }
}
