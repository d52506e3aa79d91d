package io.outlay.streams.dedupe;

import io.outlay.streams.dedupe.SeenIds.Sighting;
import io.outlay.usage.EventKey;
import java.time.Duration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SeenIdsTest {
  private static final long HORIZON = Duration.ofHours(24).toMillis();
  private static final EventKey KEY = EventKey.of("checkout", "1");

  private final SeenIds seen = new SeenIds(HORIZON);

  @Test
  void anIdIsFirstOnceAndADuplicateEverAfter() {
    assertThat(seen.see(KEY, 10, 1_000)).isEqualTo(Sighting.FIRST);
    assertThat(seen.see(KEY, 11, 2_000)).isEqualTo(Sighting.DUPLICATE);
    assertThat(seen.see(KEY, 12, 3_000)).isEqualTo(Sighting.DUPLICATE);
    assertThat(seen.size()).isEqualTo(1);
  }

  @Test
  void theSameRecordReadAgainIsAReplayNotADuplicate() {
    seen.see(KEY, 10, 1_000);

    assertThat(seen.see(KEY, 10, 1_000)).isEqualTo(Sighting.REPLAY);
  }

  @Test
  void manyIdsAreAllRememberedAsTheTableGrows() {
    int count = 200_000;
    for (int i = 0; i < count; i++) {
      assertThat(seen.see(EventKey.of("s", "id-" + i), i, i)).isEqualTo(Sighting.FIRST);
    }
    for (int i = 0; i < count; i++) {
      assertThat(seen.see(EventKey.of("s", "id-" + i), count + i, count))
          .isEqualTo(Sighting.DUPLICATE);
    }
    assertThat(seen.size()).isEqualTo(count);
  }

  @Test
  void idsThatDifferInOneHalfOnlyAreDistinct() {
    assertThat(seen.see(1, 1, 0, 0)).isEqualTo(Sighting.FIRST);
    assertThat(seen.see(2, 1, 1, 0)).isEqualTo(Sighting.FIRST);
    assertThat(seen.see(1, 2, 2, 0)).isEqualTo(Sighting.FIRST);
    assertThat(seen.see(0, 0, 3, 0)).isEqualTo(Sighting.FIRST);
    assertThat(seen.see(0, 0, 4, 0)).isEqualTo(Sighting.DUPLICATE);
  }

  @Test
  void idsWithinTheHorizonStayAndOlderOnesGo() {
    long step = HORIZON / SeenIds.BUCKETS;
    for (int i = 0; i < 100; i++) {
      seen.see(EventKey.of("s", "id-" + i), i, i * step);
    }

    seen.expire(60 * step);

    assertThat(seen.size()).isEqualTo(40);
    assertThat(seen.see(EventKey.of("s", "id-59"), 200, 100 * step)).isEqualTo(Sighting.FIRST);
    assertThat(seen.see(EventKey.of("s", "id-60"), 201, 100 * step)).isEqualTo(Sighting.DUPLICATE);
  }

  @Test
  void aHorizonOfNothingIsRefused() {
    assertThatThrownBy(() -> new SeenIds(0))
        .hasMessageContaining("horizon")
        .hasMessageContaining("0");
  }

  @Test
  void aBlockBringsItsIdsBack() {
    IdBlock block = new IdBlock();
    assertThat(block.isEmpty()).isTrue();
    for (int i = 0; i < 1_000; i++) {
      block.add(i, -i, 500 + i, 1_000 + i);
    }
    assertThat(block.key()).isEqualTo(IdBlock.key(1_999, 500));

    IdBlock.restore(block.drain(), seen);

    assertThat(block.isEmpty()).isTrue();
    assertThat(seen.size()).isEqualTo(1_000);
    assertThat(seen.see(7, -7, 507, 0)).isEqualTo(Sighting.REPLAY);
    assertThat(seen.see(8, -8, 9_999, 0)).isEqualTo(Sighting.DUPLICATE);
  }

  @Test
  void aValueThatIsNoBlockIsRefused() {
    assertThatThrownBy(() -> IdBlock.restore(new byte[] {2, 0, 0, 0, 0, 0, 0, 0, 0}, seen))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> IdBlock.restore(new byte[12], seen))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
