package io.outlay.client;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class IdsTest {
  @Test
  void growEvenWhereTheClockStepsBack() {
    // Given
    AtomicLong millis = new AtomicLong(1_800_000_000_000L);
    Ids ids = new Ids(() -> Instant.ofEpochMilli(millis.get()));

    // When
    String first = ids.next();
    millis.addAndGet(-3_600_000);
    String second = ids.next();
    millis.addAndGet(7_200_000);
    String third = ids.next();

    // Then
    assertThat(first).isLessThan(second);
    assertThat(second).isLessThan(third);
    UUID id = UUID.fromString(first);
    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
    assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(1_800_000_000_000L);
  }

  @Test
  void areUniqueAcrossThreadsAndGeneratorsOfOneInstant() {
    Ids one = new Ids(() -> Instant.EPOCH);
    Ids other = new Ids(() -> Instant.EPOCH);
    Set<String> seen = ConcurrentHashMap.newKeySet();

    IntStream.range(0, 20_000).parallel().forEach(i -> seen.add((i % 2 == 0 ? one : other).next()));

    assertThat(seen).hasSize(20_000);
  }
}
