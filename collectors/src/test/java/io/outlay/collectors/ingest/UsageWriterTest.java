package io.outlay.collectors.ingest;

import io.outlay.schema.LlmUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.EventKey;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class UsageWriterTest {
  private static final Duration SOON = Duration.ofMillis(100);
  private static final Duration LATER = Duration.ofSeconds(30);

  private final MockProducer<byte[], byte[]> producer = Fixtures.producer(false);
  private final MockProducer<byte[], byte[]> successor = Fixtures.producer(true);
  private final Queue<MockProducer<byte[], byte[]>> producers =
      new ArrayDeque<>(List.of(producer, successor));
  private final AtomicInteger acknowledged = new AtomicInteger();

  @Test
  void givenEvent_thenKeyIsTheEventKeyAndValueTheEvent() {
    UsageEvent event = event("a");
    ProducerRecord<byte[], byte[]> record = writer(SOON).record(event);

    assertThat(record.topic()).isEqualTo("outlay.usage");
    assertThat(record.key()).isEqualTo(EventKey.of("test", "a").toBytes());
    assertThat(record.timestamp()).isNull();
    assertThat(record.partition()).isNull();
    assertThat(Fixtures.CODEC.decode(record.value())).isEqualTo(event);
  }

  @Test
  void givenAllAcknowledged_thenReturnsOnlyThen() throws Exception {
    UsageWriter writer = writer(LATER);
    CompletableFuture<Void> append = append(writer, "a", "b");
    await().until(() -> producer.history().size() == 2);
    producer.completeNext();
    assertThat(append).isNotDone();
    producer.completeNext();

    assertThat(append).succeedsWithin(Duration.ofSeconds(5));
    assertThat(acknowledged).hasValue(1);
  }

  @Test
  void givenNoAcknowledgement_thenUnavailableInTime() {
    assertThatThrownBy(() -> append(writer(SOON), List.of("a")))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("the broker did not acknowledge within 100 ms");
    assertThat(acknowledged).hasValue(0);
  }

  @Test
  void givenPartAcknowledged_thenUnavailable() {
    UsageWriter writer = writer(LATER);
    CompletableFuture<Void> append = append(writer, "a", "b");
    await().until(() -> producer.history().size() == 2);
    producer.completeNext();
    producer.errorNext(new NotLeaderOrFollowerException("moved"));

    assertThat(append)
        .failsWithin(Duration.ofSeconds(5))
        .withThrowableThat()
        .withRootCauseInstanceOf(NotLeaderOrFollowerException.class);
    assertThat(producer.closed()).isFalse();
  }

  @Test
  void givenFirstRecordFailsAtOnce_thenTheOthersAreNotSent() {
    AtomicInteger sent = new AtomicInteger();
    MockProducer<byte[], byte[]> away =
        new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
          @Override
          public synchronized Future<RecordMetadata> send(
              ProducerRecord<byte[], byte[]> record, Callback callback) {
            sent.incrementAndGet();
            callback.onCompletion(null, new TimeoutException("no metadata"));
            return CompletableFuture.failedFuture(new TimeoutException("no metadata"));
          }
        };
    UsageWriter writer =
        new UsageWriter("outlay.usage", Fixtures.CODEC, () -> away, LATER, () -> {});

    assertThatThrownBy(() -> append(writer, List.of("a", "b", "c")))
        .isInstanceOf(UnavailableException.class);
    assertThat(sent).hasValue(1);
  }

  @Test
  void givenProducerThatRefuses_thenReplacedAndTheNextRequestSucceeds() throws Exception {
    producer.sendException = new KafkaException("a previous request has failed with errors");
    UsageWriter writer = writer(LATER);

    assertThatThrownBy(() -> append(writer, List.of("a"))).isInstanceOf(UnavailableException.class);
    assertThat(producer.closed()).isTrue();

    append(writer, List.of("a"));
    assertThat(successor.history()).hasSize(1);
  }

  @Test
  void givenFatalFailure_thenReplaced() throws Exception {
    UsageWriter writer = writer(LATER);
    CompletableFuture<Void> append = append(writer, "a");
    await().until(() -> producer.history().size() == 1);
    producer.errorNext(new ClusterAuthorizationException("no"));

    assertThat(append).failsWithin(Duration.ofSeconds(5));
    assertThat(producer.closed()).isTrue();
    append(writer, List.of("b"));
    assertThat(successor.history()).hasSize(1);
  }

  @Test
  void givenClosed_thenUnavailableAndNoNewProducer() {
    UsageWriter writer = writer(LATER);
    writer.close();

    assertThatThrownBy(() -> append(writer, List.of("a"))).isInstanceOf(UnavailableException.class);
    assertThat(producers).hasSize(1);
  }

  @Test
  void givenNothing_thenNothingIsAsked() throws Exception {
    writer(SOON).append(List.of());

    assertThat(producer.history()).isEmpty();
  }

  private UsageWriter writer(Duration within) {
    return new UsageWriter(
        "outlay.usage", Fixtures.CODEC, producers::remove, within, acknowledged::incrementAndGet);
  }

  private static void append(UsageWriter writer, List<String> ids) throws UnavailableException {
    writer.append(ids.stream().map(id -> writer.record(event(id))).toList());
  }

  private static CompletableFuture<Void> append(UsageWriter writer, String... ids) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                append(writer, List.of(ids));
                done.complete(null);
              } catch (UnavailableException e) {
                done.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  private static UsageEvent event(String id) {
    LlmUsage llm =
        LlmUsage.newBuilder()
            .setProvider("openai")
            .setModel("gpt-4o")
            .setTokens(TokenCounts.newBuilder().setInput(1).build())
            .build();
    return UsageEvent.newBuilder()
        .setId(id)
        .setSource("test")
        .setEventTimeMicros(1_800_000_000_000_000L)
        .setIngestedAtMicros(1_800_000_000_000_000L)
        .setTeam("search")
        .setTags(Map.of())
        .setDetail(llm)
        .build();
  }
}
