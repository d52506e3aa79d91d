package io.outlay.client;

import io.outlay.money.Money;
import io.outlay.usage.UsageRules;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BoundsTest {
  @Test
  void areThoseOfTheCollector() {
    assertThat(Bounds.MAX_ID_LENGTH).isEqualTo(UsageRules.MAX_ID_LENGTH);
    assertThat(Bounds.MAX_DIMENSION_LENGTH).isEqualTo(UsageRules.MAX_DIMENSION_LENGTH);
    assertThat(Bounds.MAX_TAGS).isEqualTo(UsageRules.MAX_TAGS);
    assertThat(Bounds.MAX_TAG_NAME_LENGTH).isEqualTo(UsageRules.MAX_TAG_NAME_LENGTH);
    assertThat(Bounds.MAX_TOKENS).isEqualTo(UsageRules.MAX_TOKENS);
    assertThat(Bounds.MAX_REQUESTS).isEqualTo(UsageRules.MAX_REQUESTS);
    assertThat(Bounds.MAX_SECONDS * 1_000_000).isEqualTo(UsageRules.MAX_MICROS);
    assertThat(Bounds.MAX_BYTES).isEqualTo(UsageRules.MAX_BYTES);
    assertThat(Bounds.MAX_LATENCY_MS).isEqualTo(UsageRules.MAX_LATENCY_MS);
    assertThat(Bounds.AMOUNT_SCALE).isEqualTo(Money.SCALE);
    assertThat(Bounds.AMOUNT_SCALE + Bounds.AMOUNT_DIGITS)
        .isEqualTo(Long.toString(Money.MAX_PICO).length());
    assertThat(micros(Bounds.MIN_TIME)).isEqualTo(UsageRules.MIN_TIME_MICROS);
    assertThat(micros(Bounds.MAX_TIME)).isEqualTo(UsageRules.MAX_TIME_MICROS);
    assertThat(Bounds.PURCHASE_OPTIONS).isEqualTo(UsageRules.PURCHASE_OPTIONS);
    assertThat(Bounds.CACHE_LAYERS).isEqualTo(UsageRules.CACHE_LAYERS);
    assertThat(Bounds.STORAGE_TIERS).isEqualTo(UsageRules.STORAGE_TIERS);
    assertThat(Bounds.NETWORK_PATHS).isEqualTo(UsageRules.NETWORK_PATHS);
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }
}
