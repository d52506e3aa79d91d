package io.outlay.collectors.access;

import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RateLimitsTest {
  private static final Publisher LIMITED = new Publisher("limited", null);
  private static final Publisher OTHER = new Publisher("other", null);

  private final AtomicLong nanos = new AtomicLong(1);
  private final RateLimits rates =
      new RateLimits(
          Map.of(LIMITED, 100),
          new TimeMeter() {
            @Override
            public long currentTimeNanos() {
              return nanos.get();
            }

            @Override
            public boolean isWallClockBased() {
              return false;
            }
          });

  @Test
  void givenWithinASecondsWorth_thenNoWait() {
    rates.took(LIMITED, 99);

    assertThat(rates.toWait(LIMITED)).isZero();
  }

  @Test
  void givenMore_thenWaitUntilItIsPaidBack() {
    rates.took(LIMITED, 500);

    assertThat(rates.toWait(LIMITED)).isBetween(Duration.ofMillis(4000), Duration.ofMillis(4020));
    nanos.addAndGet(Duration.ofMillis(4020).toNanos());
    assertThat(rates.toWait(LIMITED)).isZero();
  }

  @Test
  void givenVeryMuchMore_thenTheDebtEndsAtAMinutesWorth() {
    rates.took(LIMITED, 1_000_000_000);
    rates.took(LIMITED, 1_000_000_000);

    assertThat(rates.toWait(LIMITED)).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(61));
  }

  @Test
  void givenPublisherWithoutLimit_thenNeverAWait() {
    rates.took(OTHER, Integer.MAX_VALUE);
    rates.took(LIMITED, 0);

    assertThat(rates.toWait(OTHER)).isZero();
    assertThat(rates.toWait(LIMITED)).isZero();
  }

  @Test
  void retryAfterIsWholeSecondsAndNeverZero() {
    assertThat(RateLimits.retryAfterSeconds(Duration.ofMillis(1))).isEqualTo(1);
    assertThat(RateLimits.retryAfterSeconds(Duration.ofMillis(1000))).isEqualTo(1);
    assertThat(RateLimits.retryAfterSeconds(Duration.ofMillis(1001))).isEqualTo(2);
    assertThat(RateLimits.retryAfterSeconds(Duration.ofDays(100_000))).isPositive();
  }
}
