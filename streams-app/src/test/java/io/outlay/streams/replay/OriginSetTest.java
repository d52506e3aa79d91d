package io.outlay.streams.replay;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class OriginSetTest {
  @Test
  void itHoldsWhatASetHolds() {
    Random random = new Random(7);
    Set<Long> expected = new HashSet<>();
    OriginSet places = new OriginSet();

    for (int i = 0; i < 200_000; i++) {
      long place = OriginSet.place(random.nextInt(12), random.nextInt(10_000));
      assertThat(places.add(place)).isEqualTo(expected.add(place));
    }

    assertThat(places.size()).isEqualTo(expected.size());
  }

  @Test
  void everyPlaceIsInOneShareAndSharesAreAboutEqual() {
    int[] shares = new int[7];
    for (long offset = 0; offset < 70_000; offset++) {
      shares[OriginSet.share(OriginSet.place(3, offset), shares.length)]++;
    }

    assertThat(Arrays.stream(shares).boxed())
        .allSatisfy(share -> assertThat(share).isBetween(9_500, 10_500));
  }

  @Test
  void placesOfPartitionsDiffer() {
    assertThat(OriginSet.place(0, 0)).isNotZero();
    assertThat(OriginSet.place(1, 0)).isNotEqualTo(OriginSet.place(0, 1L << 47));
    assertThat(OriginSet.place(Short.MAX_VALUE, (1L << 48) - 2)).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 'partition must be below 32768, was -1'",
    "32768, 0, 'partition must be below 32768, was 32768'",
    "0, -1, 'offset must be below 2^48 - 1, was -1'",
    "0, 281474976710655, 'offset must be below 2^48 - 1, was 281474976710655'",
  })
  void whatIsNoPlaceIsNamed(int partition, long offset, String message) {
    assertThatThrownBy(() -> OriginSet.place(partition, offset))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
