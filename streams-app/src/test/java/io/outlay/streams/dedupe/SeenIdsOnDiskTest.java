package io.outlay.streams.dedupe;

import io.outlay.streams.dedupe.SeenIds.Sighting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** More ids than memory has room for: answers are those of a table that holds all of them. */
class SeenIdsOnDiskTest {
  private static final long HORIZON = Duration.ofHours(24).toMillis();
  private static final long STEP = HORIZON / SeenIds.BUCKETS;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void givenAnyMixOfFreshOldAndRepeatedIds_thenTheAnswersAreThoseOfMemory(long seed) {
    Random random = new Random(seed);
    SeenIds memory = new SeenIds(HORIZON);
    SeenIds disk = new SeenIds(HORIZON, 100 + random.nextInt(400), directory);
    List<long[]> ids = new ArrayList<>();
    long time = 0;
    for (int offset = 0; offset < 60_000; offset++) {
      time += random.nextInt((int) (HORIZON / 20_000));
      if (offset % 5_000 == 4_999) {
        memory.expire(time - HORIZON);
        disk.expire(time - HORIZON);
      }
      long[] id = {random.nextLong(), random.nextLong(), offset};
      if (!ids.isEmpty() && random.nextInt(4) == 0) {
        id = ids.get(random.nextInt(ids.size())).clone();
        id[2] = random.nextInt(3) == 0 ? id[2] : offset;
      } else {
        ids.add(id);
      }

      assertThat(disk.see(id[0], id[1], id[2], time))
          .as("offset %s", offset)
          .isEqualTo(memory.see(id[0], id[1], id[2], time));
    }
  }

  @Test
  void givenManyIds_thenFewFilesHoldThem() throws IOException {
    SeenIds seen = new SeenIds(HORIZON, 64, directory);
    Random random = new Random(1);
    int count = 64 * 1_000;
    for (int i = 0; i < count; i++) {
      seen.see(random.nextLong(), random.nextLong(), i, 0);
    }

    assertThat(seen.size()).isEqualTo(count);
    // 1,000 runs of 64: in base 8 that is 1750, each with its filter.
    assertThat(files()).hasSize(2 * (1 + 7 + 5 + 0));
    random = new Random(1);
    for (int i = 0; i < count; i++) {
      assertThat(seen.see(random.nextLong(), random.nextLong(), count + i, 0))
          .isEqualTo(Sighting.DUPLICATE);
    }
  }

  @Test
  void givenIdsThatAreTooOld_thenTheyAreFreshAgainAndTheirFilesGone() throws IOException {
    SeenIds seen = new SeenIds(HORIZON, 10, directory);
    Random random = new Random(2);
    long[] old = {random.nextLong(), random.nextLong()};
    seen.see(old[0], old[1], 0, 0);
    for (int i = 1; i < 10; i++) {
      seen.see(random.nextLong(), random.nextLong(), i, 0);
    }
    assertThat(files()).hasSize(2);
    assertThat(seen.see(old[0], old[1], 10, HORIZON)).isEqualTo(Sighting.DUPLICATE);

    seen.expire(STEP);

    assertThat(files()).isEmpty();
    assertThat(seen.see(old[0], old[1], 11, HORIZON + STEP)).isEqualTo(Sighting.FIRST);
  }

  @Test
  void givenARunThatHoldsOldAndYoungIds_thenOnlyTheYoungAreKnown() {
    SeenIds seen = new SeenIds(HORIZON, 2, directory);
    seen.see(1, 1, 0, 0);
    seen.see(-2, 2, 1, 30 * STEP);

    seen.expire(20 * STEP);

    assertThat(seen.see(-2, 2, 9, 30 * STEP)).isEqualTo(Sighting.DUPLICATE);
    assertThat(seen.see(1, 1, 10, 30 * STEP)).isEqualTo(Sighting.FIRST);
  }

  @Test
  void givenWhatAnEarlierOneLeft_thenItIsRemoved_andNothingElseIs() throws IOException {
    Files.writeString(directory.resolve("7.ids"), "left");
    Files.writeString(directory.resolve("7.ids.filter"), "left");
    Files.writeString(directory.resolve("other"), "kept");

    SeenIds seen = new SeenIds(HORIZON, 1, directory);
    seen.see(1, 1, 0, 0);
    assertThat(files()).containsExactly("0.ids", "0.ids.filter", "other");
    seen.close();

    assertThat(files()).containsExactly("other");
  }

  @Test
  void givenDirectoryThatCannotBe_thenItIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");

    assertThatThrownBy(() -> new SeenIds(HORIZON, 1, file.resolve("ids")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot keep ids in " + file);
  }

  @Test
  void givenFilterOfManyIds_thenItKnowsAllAndMistakesFew() {
    int count = 100_000;
    IdFilter filter = new IdFilter(directory.resolve("filter"), count);
    Random random = new Random(3);
    for (int i = 0; i < count; i++) {
      filter.put(random.nextLong());
    }
    random = new Random(3);
    for (int i = 0; i < count; i++) {
      assertThat(filter.mayHold(random.nextLong())).isTrue();
    }
    int mistaken = 0;
    for (int i = 0; i < count; i++) {
      mistaken += filter.mayHold(random.nextLong()) ? 1 : 0;
    }
    assertThat(mistaken).isLessThan(count / 200);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
