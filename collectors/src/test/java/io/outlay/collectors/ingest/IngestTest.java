package io.outlay.collectors.ingest;

import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.access.RateLimits;
import io.outlay.collectors.attribution.Attribution;
import io.outlay.collectors.event.JsonFormat;
import io.outlay.collectors.event.NdjsonFormat;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.ingest.IngestOutcome.Answered;
import io.outlay.collectors.ingest.IngestOutcome.Counts;
import io.outlay.collectors.ingest.IngestOutcome.Overloaded;
import io.outlay.collectors.ingest.IngestOutcome.RateLimited;
import io.outlay.collectors.ingest.IngestOutcome.TooLarge;
import io.outlay.collectors.ingest.IngestOutcome.Unavailable;
import io.outlay.collectors.ingest.IngestOutcome.Unreadable;
import io.outlay.schema.UsageEvent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class IngestTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-21T02:00:00Z"));
  private static final int MAX_BODY = 100_000;

  private final MockProducer<byte[], byte[]> producer = Fixtures.producer(true);
  private final UsageWriter writer = writer(producer);
  private final Admission admission = new Admission(4, MAX_BODY);
  private final AtomicLong bytes = new AtomicLong();

  @AfterEach
  void everythingIsGivenBack() {
    assertThat(admission.requests()).isZero();
    assertThat(admission.bytes()).isZero();
  }

  @Test
  void givenHundredEventsOneMalformed_thenNinetyNineAreStoredAndOneErrorSaysAll() throws Exception {
    String body = batch(100, 42);

    IngestOutcome outcome = ingest(body);

    assertThat(outcome)
        .isEqualTo(
            new Answered(
                new Counts(100, 99, 1, 0, 0, 0),
                List.of(new Rejection(42, "e42", "data.tokens.output", "must be >= 0, was -5"))));
    assertThat(producer.history()).hasSize(99);
    UsageEvent first = Fixtures.CODEC.decode(producer.history().get(0).value());
    assertThat(first.getId()).isEqualTo("e0");
    assertThat(first.getIngestedAtMicros()).isEqualTo(CLOCK.millis() * 1_000);
    assertThat(bytes).hasValue(body.length());
    balances(outcome);
  }

  @Test
  void givenNoneValid_thenAllAreListedAndNothingIsSent() throws Exception {
    IngestOutcome outcome = ingest("[{},1]");

    assertThat(outcome.counts().rejected()).isEqualTo(2);
    assertThat(producer.history()).isEmpty();
    balances(outcome);
  }

  @Test
  void givenSameEventTwice_thenBothGoThrough() throws Exception {
    IngestOutcome outcome =
        ingest("[" + Fixtures.event("a", 1) + "," + Fixtures.event("a", 1) + "]");

    assertThat(outcome.counts().accepted()).isEqualTo(2);
    assertThat(producer.history()).hasSize(2);
  }

  @Test
  void givenJsonThatBreaksMidway_thenNothingIsSent() throws Exception {
    IngestOutcome outcome = ingest("[" + Fixtures.event("a", 1) + ",\n" + "{\"id\":}]");

    assertThat(outcome).isInstanceOf(Unreadable.class);
    assertThat(((Unreadable) outcome).line()).isEqualTo(3);
    assertThat(producer.history()).isEmpty();
    balances(outcome);
  }

  @Test
  void givenTooManyEvents_thenTooLargeAndNothingIsSent() throws Exception {
    assertThat(ingest(batch(200, -1))).isInstanceOf(Answered.class);
    producer.clear();

    IngestOutcome outcome = ingest(batch(201, 7));

    assertThat(outcome)
        .isEqualTo(
            new TooLarge(
                "a request must have at most 200 events; send the rest in another", Counts.NONE));
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void givenTooManyBytes_thenTooLargeWhetherAnnouncedOrNot() throws Exception {
    String body = Fixtures.event("a", 1) + " ".repeat(MAX_BODY);

    IngestOutcome announced =
        ingest().ingest(JsonFormat.json(), request(body.length(), untouchable()), bytes::set);
    IngestOutcome found = ingest(body);

    assertThat(announced).isInstanceOf(TooLarge.class).isEqualTo(found);
    assertThat(((TooLarge) found).detail()).startsWith("the body must have at most 100000 bytes");
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void givenKafkaAway_thenUnavailableAndTheBodyIsNotRead() throws Exception {
    Ingest ingest =
        ingest(
            () -> {
              throw new UnavailableException("Kafka does not answer");
            });

    IngestOutcome outcome =
        ingest.ingest(JsonFormat.json(), request(-1, untouchable()), bytes::set);

    assertThat(outcome).isEqualTo(new Unavailable("Kafka does not answer", Counts.NONE));
    balances(outcome);
  }

  @Test
  void givenNoAcknowledgement_thenEveryValidEventIsUnacknowledged() throws Exception {
    UsageWriter silent = writer(Fixtures.producer(false), Duration.ofMillis(100));
    Ingest ingest = ingest(() -> silent);

    IngestOutcome outcome =
        ingest.ingest(JsonFormat.json(), request(-1, stream(batch(10, 3))), bytes::set);

    assertThat(outcome)
        .isEqualTo(
            new Unavailable(
                "the broker did not acknowledge within 100 ms", new Counts(10, 0, 1, 0, 9, 0)));
    balances(outcome);
  }

  @Test
  void givenAllPlacesTaken_thenOverloaded() throws Exception {
    try (Admission.Place a = admission.enter();
        Admission.Place b = admission.enter();
        Admission.Place c = admission.enter();
        Admission.Place d = admission.enter()) {
      assertThat(List.of(a, b, c, d)).doesNotContainNull();
      assertThat(ingest(batch(1, -1))).isInstanceOf(Overloaded.class);
    }
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void givenTooManyBytesInFlight_thenOverloaded() throws Exception {
    try (Admission.Place other = admission.enter()) {
      assertThat(other.hold(MAX_BODY - 10)).isTrue();
      assertThat(ingest(batch(1, -1))).isInstanceOf(Overloaded.class);
    }
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void givenBodyThatStops_thenThatIsPassedOnAndNothingIsSent() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("connection reset");
          }
        };

    assertThatThrownBy(() -> ingest().ingest(JsonFormat.json(), request(-1, broken), bytes::set))
        .isInstanceOf(IOException.class)
        .hasMessage("connection reset");
  }

  @Test
  void givenStreamedFormat_thenWrittenWhileReadWhateverTheSize() throws Exception {
    String lines =
        IntStream.range(0, 5_000)
            .mapToObj(i -> line("e" + i, i % 1_000 == 500 ? -1 : i))
            .collect(Collectors.joining());
    assertThat(lines.length()).isGreaterThan(5 * MAX_BODY);
    Admission wide = new Admission(1, 2 << 20);

    IngestOutcome outcome =
        ingest(wide, Map.of())
            .ingest(new NdjsonFormat(1_000), request(lines.length(), stream(lines)), bytes::set);

    assertThat(outcome.counts()).isEqualTo(new Counts(5_000, 4_995, 5, 0, 0, 0));
    assertThat(producer.history()).hasSize(4_995);
    assertThat(wide.bytes()).isZero();
    balances(outcome);
  }

  @Test
  void givenManyRejections_thenTheFirstAreListedAndAllAreCounted() throws Exception {
    String lines = "oops\n".repeat(2_500);

    IngestOutcome outcome =
        ingest(new Admission(1, 2 << 20), Map.of())
            .ingest(new NdjsonFormat(1_000), request(-1, stream(lines)), bytes::set);

    assertThat(outcome.counts()).isEqualTo(new Counts(2_500, 0, 2_500, 0, 0, 0));
    assertThat(((Answered) outcome).rejections()).hasSize(1_000);
  }

  @Test
  void givenStreamedBodyThatBreaks_thenWhatWasWrittenIsCounted() throws Exception {
    String lines =
        IntStream.range(0, 1_001).mapToObj(i -> line("e" + i, i)).collect(Collectors.joining());
    InputStream broken =
        new SequenceInputStream(
            stream(lines),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("connection reset");
              }
            });
    Admission wide = new Admission(1, 2 << 20);

    IngestOutcome outcome =
        ingest(wide, Map.of()).ingest(new NdjsonFormat(1_000), request(-1, broken), bytes::set);

    assertThat(outcome).isInstanceOf(Unreadable.class);
    assertThat(((Unreadable) outcome).detail()).contains("connection reset");
    assertThat(outcome.counts()).isEqualTo(new Counts(1_000, 1_000, 0, 0, 0, 0));
    assertThat(producer.history()).hasSize(1_000);
    assertThat(wide.bytes()).isZero();
  }

  @Test
  void givenNoRoomForAChunk_thenAStreamedBodyIsNotRead() throws Exception {
    assertThat(ingest().ingest(new NdjsonFormat(1_000), request(-1, untouchable()), bytes::set))
        .isInstanceOf(Overloaded.class);
  }

  @Test
  void givenPublisherThatOwes_thenRateLimitedAndTheBodyIsNotRead() throws Exception {
    Publisher publisher = new Publisher("p", null);
    Ingest ingest = ingest(admission, Map.of(publisher, 1));
    ingest.ingest(
        JsonFormat.json(),
        new Ingest.Request(publisher, ContentEncoding.IDENTITY, -1, stream(batch(100, 3))),
        bytes::set);

    IngestOutcome outcome =
        ingest.ingest(
            JsonFormat.json(),
            new Ingest.Request(publisher, ContentEncoding.IDENTITY, -1, untouchable()),
            bytes::set);

    assertThat(outcome).isInstanceOf(RateLimited.class);
    assertThat(((RateLimited) outcome).retryAfter()).isGreaterThan(Duration.ofSeconds(50));
    assertThat(producer.history()).hasSize(99);
    balances(outcome);
  }

  @Test
  void givenStreamedBodyOfAPublisherThatSendsTooMuch_thenItIsStoppedAndToldWhatIsStored()
      throws Exception {
    Publisher publisher = new Publisher("p", null);
    String lines =
        IntStream.range(0, 5_000).mapToObj(i -> line("e" + i, i)).collect(Collectors.joining());

    IngestOutcome outcome =
        ingest(new Admission(1, 2 << 20), Map.of(publisher, 1_500))
            .ingest(
                new NdjsonFormat(1_000),
                new Ingest.Request(publisher, ContentEncoding.IDENTITY, -1, stream(lines)),
                bytes::set);

    assertThat(outcome).isInstanceOf(RateLimited.class);
    assertThat(outcome.counts().accepted()).isEqualTo(2_000);
    assertThat(producer.history()).hasSize(2_000);
    balances(outcome);
  }

  @Test
  void givenBodiesThatBringNothing_thenTheyArePaidForToo() throws Exception {
    Publisher publisher = new Publisher("p", null);
    Ingest ingest = ingest(admission, Map.of(publisher, 2));
    for (int i = 0; i < 2; i++) {
      ingest.ingest(
          JsonFormat.json(),
          new Ingest.Request(publisher, ContentEncoding.IDENTITY, -1, stream("oops")),
          bytes::set);
    }

    assertThat(
            ingest.ingest(
                JsonFormat.json(),
                new Ingest.Request(publisher, ContentEncoding.IDENTITY, -1, untouchable()),
                bytes::set))
        .isInstanceOf(RateLimited.class);
  }

  @Test
  void givenEventsOfNobody_thenTheyAreCounted() throws Exception {
    String body = Fixtures.event("a", 1).replace("search", "unattributed");

    assertThat(ingest(body).counts()).isEqualTo(new Counts(1, 1, 0, 0, 0, 1));
  }

  @Test
  void givenLimitsOutOfBounds_thenNamed() {
    assertThatThrownBy(() -> new Ingest.Limits(0, 1, Duration.ZERO))
        .hasMessageContaining("collectors.maxBodyBytes");
    assertThatThrownBy(() -> new Ingest.Limits(1, 1, Duration.ofDays(366)))
        .hasMessageContaining("collectors.maxFuture");
    assertThatThrownBy(() -> new KafkaSettings("k:1", "outlay.", 1, Duration.ofMillis(5)))
        .hasMessageContaining("collectors.acknowledgeWithin");
  }

  private static void balances(IngestOutcome outcome) {
    Counts counts = outcome.counts();
    assertThat(counts.received())
        .isEqualTo(
            counts.accepted() + counts.rejected() + counts.ignored() + counts.unacknowledged());
  }

  private IngestOutcome ingest(String body) throws IOException {
    return ingest().ingest(JsonFormat.json(), request(-1, stream(body)), bytes::set);
  }

  private Ingest ingest() {
    return ingest(() -> writer);
  }

  private Ingest ingest(WriterSource writers) {
    return ingest(writers, admission, Map.of());
  }

  private Ingest ingest(Admission other, Map<Publisher, Integer> rates) {
    return ingest(() -> writer, other, rates);
  }

  private static Ingest ingest(
      WriterSource writers, Admission admission, Map<Publisher, Integer> rates) {
    return new Ingest(
        writers, admission, new RateLimits(rates), new Attribution(List.of()), limits(), CLOCK);
  }

  private static Ingest.Request request(long length, InputStream body) {
    return new Ingest.Request(Publisher.ANONYMOUS, ContentEncoding.IDENTITY, length, body);
  }

  private static Ingest.Limits limits() {
    return new Ingest.Limits(MAX_BODY, 200, Duration.ofMinutes(5));
  }

  private static UsageWriter writer(MockProducer<byte[], byte[]> producer) {
    return writer(producer, Duration.ofMinutes(1));
  }

  private static UsageWriter writer(MockProducer<byte[], byte[]> producer, Duration patience) {
    return new UsageWriter("outlay.usage", Fixtures.CODEC, () -> producer, patience, () -> {});
  }

  private static String batch(int events, int malformed) {
    return IntStream.range(0, events)
        .mapToObj(i -> Fixtures.event("e" + i, i == malformed ? -5 : i))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String line(String id, int output) {
    return Fixtures.event(id, output).replace("\n", "") + "\n";
  }

  private static InputStream stream(String body) {
    return new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
  }

  private static InputStream untouchable() {
    return new InputStream() {
      @Override
      public int read() {
        throw new AssertionError("must not be read");
      }
    };
  }
}
