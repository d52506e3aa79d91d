package io.outlay.client;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class SpoolTest {
  private static final long MAX_BYTES = 1 << 20;
  private static final int BATCH_BYTES = 64 << 10;

  @TempDir Path directory;

  private final List<Spool> open = new ArrayList<>();
  private Books books = new Books();

  @AfterEach
  void closeAll() {
    open.forEach(Spool::close);
  }

  @Test
  void readsBackOldestFirstAcrossSegmentsAndDeletesWhatIsSettled() throws IOException {
    // Given
    Spool spool = spool();
    List<String> written = fill(spool, 0, 300, 2_000);
    assertThat(files()).hasSizeGreaterThan(3);

    // When
    List<String> read = new ArrayList<>();
    for (List<Entry> batch = next(spool); !batch.isEmpty(); batch = next(spool)) {
      batch.forEach(entry -> read.add(entry.id()));
      settle(spool, batch);
    }

    // Then
    assertThat(read).isEqualTo(written);
    assertThat(spool.allSettled()).isTrue();
    spool.close();
    open.clear();
    assertThat(files()).isEmpty();
  }

  @Test
  void staysWithinItsBoundOnDiskAndHasRoomAgainOnceDelivered() throws IOException {
    // Given
    Spool spool = spool();

    // When
    List<String> written = fill(spool, 0, 10_000, 5_000);

    // Then
    assertThat(written).hasSizeBetween(190, 209);
    assertThat(bytesOnDisk()).isBetween(MAX_BYTES * 9 / 10, MAX_BYTES);
    for (int i = 0; i < 3; i++) {
      settle(spool, next(spool));
    }
    assertThat(fill(spool, 10_000, 10_000, 5_000)).isNotEmpty();
    assertThat(bytesOnDisk()).isLessThanOrEqualTo(MAX_BYTES);
  }

  @Test
  void aRestartGoesOnWhereDeliveryEnded() {
    // Given
    Spool first = spool();
    List<String> written = fill(first, 0, 100, 500);
    List<Entry> delivered = first.read(40, BATCH_BYTES, 0);
    List<Entry> underWay = first.read(30, BATCH_BYTES, 0);
    assertThat(underWay).hasSize(30);
    settle(first, delivered);

    // When
    first.close();
    open.clear();
    Spool second = reopened();

    // Then
    assertThat(drain(second)).isEqualTo(written.subList(40, 100));
    assertThat(books.report().recovered()).isEqualTo(60);
  }

  @Test
  void partsSettledOutOfOrderDoNotMoveThePositionPastAnOpenOne() {
    // Given
    Spool first = spool();
    List<String> written = fill(first, 0, 30, 500);
    first.read(10, BATCH_BYTES, 0);
    List<Entry> second = first.read(10, BATCH_BYTES, 0);

    // When
    settle(first, second);
    first.close();
    open.clear();

    // Then
    assertThat(drain(reopened())).isEqualTo(written);
  }

  /** What kill -9 or a loss of power can leave: the last record cut at any byte. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 11, 12, 40, 200, 511})
  void aTornLastRecordCostsOnlyItself(int cut) throws IOException {
    // Given
    Spool first = spool();
    List<String> written = fill(first, 0, 20, 500);
    first.close();
    open.clear();
    Path file = files().get(0);
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(raw.length() - cut);
    }

    // When
    Spool second = reopened();
    fill(second, 100, 1, 500);

    // Then
    List<String> expected = new ArrayList<>(written.subList(0, 19));
    expected.add("id-100");
    assertThat(drain(second)).isEqualTo(expected);
    assertThat(books.report().recovered()).isEqualTo(19);
    assertThat(books.report().damaged()).isEqualTo(1);
  }

  /** Offsets within the sixth record: marker, length, checksum, id, JSON. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3, 4, 7, 8, 11, 13, 14, 20, 300})
  void aDamagedRecordIsSkippedAndCounted(int offset) throws IOException {
    // Given
    Spool first = spool();
    List<String> written = fill(first, 0, 20, 500);
    first.close();
    open.clear();
    Path file = files().get(0);
    long record = (Files.size(file) - Segment.HEADER) / 20;
    flip(file, Segment.HEADER + 5 * record + offset);

    // When
    Spool second = reopened();

    // Then
    List<String> expected = new ArrayList<>(written);
    expected.remove(5);
    assertThat(drain(second)).isEqualTo(expected);
    assertThat(books.report().damaged()).isEqualTo(1);
    assertThat(second.allSettled()).isTrue();
  }

  @Test
  void aDamagedHeaderMeansFromTheStart() throws IOException {
    // Given
    Spool first = spool();
    List<String> written = fill(first, 0, 20, 500);
    settle(first, first.read(10, BATCH_BYTES, 0));
    first.close();
    open.clear();
    flip(files().get(0), 12);

    // Then
    assertThat(drain(reopened())).isEqualTo(written);
  }

  /** Damage that happens after the events were counted as spooled must not unbalance the books. */
  @Test
  void whatCannotBeReadBackIsDroppedFromTheBooks() throws IOException {
    // Given
    Spool spool = spool();
    for (int i = 0; i < 20; i++) {
      books.published(Books.Place.SPOOLED);
    }
    fill(spool, 0, 20, 500);
    Path file = files().get(0);
    long record = (Files.size(file) - Segment.HEADER) / 20;
    flip(file, Segment.HEADER + 5 * record + 100);

    // When
    List<Entry> batch = next(spool);
    settle(spool, batch);
    books.move(Books.Place.SPOOLED, Books.Place.DELIVERED, batch.size());
    spool.close();
    open.clear();

    // Then
    DeliveryReport report = books.report();
    assertThat(report.delivered()).isEqualTo(19);
    assertThat(report.dropped()).isEqualTo(1);
    assertThat(report.spooled()).isZero();
  }

  @Test
  void garbageInPlaceOfASegmentIsToleratedAndGoesAway() throws IOException {
    // Given
    Path slot = Files.createDirectories(directory.resolve("spool-0"));
    Files.write(Segment.path(slot, 3), new byte[100_000]);
    Files.write(Segment.path(slot, 4), new byte[0]);
    Files.writeString(slot.resolve("readme.txt"), "not ours");

    // When
    Spool spool = reopened();
    List<String> written = fill(spool, 0, 5, 100);

    // Then
    assertThat(drain(spool)).isEqualTo(written);
    assertThat(books.report().damaged()).isEqualTo(1);
    assertThat(Files.exists(slot.resolve("readme.txt"))).isTrue();
  }

  @Test
  void aSegmentOfALaterVersionIsLeftAlone() throws IOException {
    // Given
    Spool first = spool();
    fill(first, 0, 5, 100);
    first.close();
    open.clear();
    Path file = files().get(0);
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(7);
      raw.write('2');
    }

    // When
    Spool second = reopened();
    List<String> written = fill(second, 5, 5, 100);

    // Then
    assertThat(drain(second)).isEqualTo(written);
    assertThat(file).exists();
  }

  @Test
  void twoClientsOfOneDirectoryHoldSlotsOfTheirOwn() {
    // Given
    Spool first = spool();
    Spool second = spool();
    List<String> ofFirst = fill(first, 0, 10, 100);
    List<String> ofSecond = fill(second, 10, 10, 100);

    // When
    second.adopt(0);

    // Then: a living client's events are left alone
    assertThat(drain(second)).isEqualTo(ofSecond);
    assertThat(drain(first)).isEqualTo(ofFirst);
  }

  @Test
  void theSlotsOfTheDeadAreAdoptedWithTheirPosition() {
    // Given
    Spool first = spool();
    Spool second = spool();
    List<String> left = fill(second, 0, 50, 500);
    settle(second, second.read(20, BATCH_BYTES, 0));

    // When
    second.close();
    open.remove(second);
    first.adopt(0);

    // Then
    assertThat(drain(first)).isEqualTo(left.subList(20, 50));
    assertThat(books.report().recovered()).isEqualTo(30);
  }

  /** Clients are called from threads that are being interrupted; a channel would close under us. */
  @Test
  void anInterruptedThreadCanAppend() {
    Spool spool = spool();
    Thread.currentThread().interrupt();
    try {
      assertThat(fill(spool, 0, 3, 100)).hasSize(3);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(fill(spool, 3, 3, 100)).hasSize(3);
    assertThat(drain(spool)).hasSize(6);
  }

  @Test
  void aRecordLargerThanAReadIsReadWhole() {
    Spool spool = spool();
    List<String> written = fill(spool, 0, 3, 300_000);

    assertThat(drain(spool)).isEqualTo(written);
  }

  // ---- helpers --------------------------------------------------------------------------------

  private Spool spool() {
    Spool spool =
        Spool.open(
            directory, MAX_BYTES, true, 500, books, new Notices(new ClientListener() {}), () -> {});
    open.add(spool);
    return spool;
  }

  private Spool reopened() {
    books = new Books();
    Spool spool = spool();
    spool.recover(0);
    return spool;
  }

  private static List<String> fill(Spool spool, int from, int count, int jsonBytes) {
    List<String> ids = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      String json = "{\"n\":\"" + "x".repeat(jsonBytes) + "\"}";
      if (!spool.append("id-" + i, json.getBytes(StandardCharsets.UTF_8), 0)) {
        break;
      }
      ids.add("id-" + i);
    }
    return ids;
  }

  private static List<Entry> next(Spool spool) {
    return spool.read(500, BATCH_BYTES, 0);
  }

  private static List<String> drain(Spool spool) {
    List<String> ids = new ArrayList<>();
    for (List<Entry> batch = next(spool); !batch.isEmpty(); batch = next(spool)) {
      batch.forEach(entry -> ids.add(entry.id()));
      settle(spool, batch);
    }
    return ids;
  }

  private static void settle(Spool spool, List<Entry> batch) {
    for (Entry entry : batch) {
      SpoolRange range = entry.origin();
      if (range != null && range.settleOne()) {
        spool.settled(range);
      }
    }
  }

  private static void flip(Path file, long offset) throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(offset);
      int was = raw.read();
      raw.seek(offset);
      raw.write(was ^ 0x55);
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(path -> path.toString().endsWith(".spool")).sorted().toList();
    }
  }

  private long bytesOnDisk() throws IOException {
    long sum = 0;
    for (Path file : files()) {
      sum += Files.size(file);
    }
    return sum;
  }
}
