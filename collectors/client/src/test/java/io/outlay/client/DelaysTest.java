package io.outlay.client;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class DelaysTest {
  private static final Instant NOW = Instant.parse("2026-11-21T02:00:00Z");

  @ParameterizedTest
  @CsvSource({"1, 200", "2, 400", "3, 800", "8, 25600", "9, 30000", "2000000000, 30000"})
  void theCeilingDoublesUpToTheMost(int failures, long ceilingMillis) {
    Duration initial = Duration.ofMillis(200);
    Duration max = Duration.ofSeconds(30);

    assertThat(new Backoff(initial, max, () -> 0.5).delay(failures, null))
        .isEqualTo(Duration.ofMillis(ceilingMillis).dividedBy(2));
    assertThat(new Backoff(initial, max, () -> 0).delay(failures, null)).isEqualTo(Duration.ZERO);
  }

  @Test
  void whatTheCollectorAsksForIsTheLeastAndTenMinutesTheMost() {
    Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(30), () -> 0.5);

    assertThat(backoff.delay(9, Duration.ofSeconds(2))).isEqualTo(Duration.ofMillis(2_100));
    assertThat(backoff.delay(1, Duration.ofDays(9))).isEqualTo(Duration.ofMillis(600_100));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "'7', none, 7",
        "' 0 ', none, 0",
        "'99999999999999999999', none, 999999999",
        "'Sat, 21 Nov 2026 02:01:00 GMT', none, 60",
        // The collector's clock is an hour ahead of ours: its own date counts.
        "'Sat, 21 Nov 2026 03:00:05 GMT', 'Sat, 21 Nov 2026 03:00:00 GMT', 5",
        "'Sat, 21 Nov 2026 01:00:00 GMT', none, 0",
        "'-1', none, none",
        "'soon', none, none",
        "'', none, none"
      })
  void retryAfterIsSecondsOrADate(String value, String date, Long seconds) {
    assertThat(Reply.retryAfter(value, date, NOW))
        .isEqualTo(seconds == null ? null : Duration.ofSeconds(seconds));
  }
}
