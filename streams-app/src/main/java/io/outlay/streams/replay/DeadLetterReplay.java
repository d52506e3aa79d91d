package io.outlay.streams.replay;

import io.outlay.schema.CostRecord;
import io.outlay.schema.DeadLetter;
import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.Replay;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.RegistryException;
import io.outlay.serde.UnreadableRecordException;
import io.outlay.streams.rating.PriceBook;
import io.outlay.topic.Topics;
import io.outlay.usage.EventKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends dead letters through again: original key, value and headers to the original topic, and in
 * the same transaction a {@link Replay} that says so. A letter with one is not sent again, so a
 * replay may be repeated, and one that was killed is gone on with by the next. What fails again
 * becomes a letter of its own, to be sent by a later replay.
 *
 * <p>All replays of an installation share one transactional id: the one that begins last ends the
 * others, and sees all that they committed. Found = sent + already sent + skipped.
 *
 * <p>Memory: the places of {@link Setup#placesAtOnce} letters at up to 48 bytes, and one batch.
 * Where there may be more letters and replays than that, both topics are read several times, each
 * time for another share of the letters. Safe for concurrent use; one replay runs at a time.
 */
public final class DeadLetterReplay implements AutoCloseable {
  /** Header that names the dead letter a record was sent from: topic, partition and offset. */
  public static final String HEADER = "outlay-replayed-from";

  /** Letters that a program of a few hundred MB can well remember at a time. */
  public static final int PLACES_AT_ONCE = 1_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterReplay.class);
  private static final int BATCH_RECORDS = 1_000;
  private static final long BATCH_BYTES = 4L << 20;
  private static final Duration POLL = Duration.ofMillis(200);

  private final Setup setup;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile Progress progress = new Progress(false, 0, 0, 0);
  private volatile boolean closed;

  /**
   * What a replay depends on.
   *
   * @param prefix of all topics
   * @param retention how late an event may be
   * @param patience how long Kafka may have nothing to say
   * @param placesAtOnce most letters to remember at a time, ≥ 1; usually {@link #PLACES_AT_ONCE}
   * @param consumers make consumers outside any group, of committed records only
   * @param producers make producers that share one transactional id
   */
  public record Setup(
      String prefix,
      Duration retention,
      Duration patience,
      int placesAtOnce,
      AvroCodec<UsageEvent> usage,
      AvroCodec<CostRecord> costs,
      AvroCodec<DeadLetter> deadLetters,
      AvroCodec<Replay> replays,
      Supplier<Consumer<byte[], byte[]>> consumers,
      Supplier<Producer<byte[], byte[]>> producers,
      Supplier<PriceBook> prices,
      ReplayCounters counters,
      Clock clock) {}

  /**
   * How far the replay is that runs, or the last one got.
   *
   * @param read dead letters looked at
   * @param total dead letters to look at, or slightly more
   * @param sent of them sent again
   */
  public record Progress(boolean running, long read, long total, long sent) {}

  public DeadLetterReplay(Setup setup) {
    this.setup = setup;
  }

  /** How far it is. */
  public Progress progress() {
    return progress;
  }

  /**
   * Looks at every dead letter that is there now and sends those that are asked for and were not
   * sent before.
   *
   * @throws ReplayException if it cannot begin or not be brought to its end; what it sent until
   *     then stays sent, and a repetition sends the rest
   */
  public ReplayReport run(ReplayRequest request) {
    if (!busy.compareAndSet(false, true)) {
      throw new ReplayException(
          ReplayException.Kind.CONFLICT,
          "a replay is running: " + progress.read() + " of " + progress.total() + " letters read");
    }
    Run run = new Run(request);
    try {
      return run.complete();
    } catch (KafkaException | RegistryException e) {
      throw run.gaveUp(e);
    } finally {
      progress = new Progress(false, progress.read(), progress.total(), progress.sent());
      busy.set(false);
    }
  }

  /** Ends the replay that runs, after its current transaction. */
  @Override
  public void close() {
    closed = true;
  }

  /** One replay. */
  private final class Run {
    private final ReplayRequest request;
    private final String topic;
    private final String lettersTopic;
    private final String replaysTopic;
    private final Outlook outlook;
    private final Tally tally = new Tally();
    private final List<Letter> batch = new ArrayList<>();
    private long batchBytes;
    private long committed;
    private long read;
    private long total;
    private OriginSet replayed = new OriginSet();

    Run(ReplayRequest request) {
      this.request = request;
      this.topic = request.topic().name(setup.prefix());
      this.lettersTopic = Topics.DEAD_LETTERS.name(setup.prefix());
      this.replaysTopic = Topics.REPLAYS.name(setup.prefix());
      this.outlook = new Outlook(setup.prices().get(), setup.clock().instant(), setup.retention());
    }

    ReplayReport complete() {
      if (request.dryRun()) {
        try (Consumer<byte[], byte[]> consumer = setup.consumers().get()) {
          readAll(consumer, null);
        }
      } else {
        Producer<byte[], byte[]> producer = setup.producers().get();
        try (Consumer<byte[], byte[]> consumer = setup.consumers().get()) {
          // Ends whatever another replay has open, so that all it did is seen and no more follows.
          producer.initTransactions();
          readAll(consumer, producer);
        } finally {
          producer.close(Duration.ofSeconds(1));
        }
        LOG.info(
            "{} dead letters of {} were sent again for {}: {}",
            committed,
            topic,
            request.by().isEmpty() ? "somebody" : request.by(),
            request.why().isEmpty() ? "no reason given" : request.why());
      }
      return tally.report(request, topic);
    }

    private void readAll(
        Consumer<byte[], byte[]> consumer, @Nullable Producer<byte[], byte[]> producer) {
      Map<TopicPartition, Long> replayEnds = ends(consumer, replaysTopic);
      Map<TopicPartition, Long> letterEnds = ends(consumer, lettersTopic);
      long letters = span(consumer, letterEnds);
      long shares =
          Math.max(1, ceilDiv(letters + span(consumer, replayEnds), setup.placesAtOnce()));
      total = letters * shares;
      tell();
      for (int share = 0; share < shares; share++) {
        replayed = new OriginSet();
        int mine = share;
        int of = (int) shares;
        read(consumer, replayEnds, record -> remember(record, mine, of));
        read(consumer, letterEnds, record -> consider(record, mine, of, producer));
        flush(producer);
      }
    }

    private void remember(ConsumerRecord<byte[], byte[]> record, int share, int shares) {
      try {
        Replay replay = setup.replays().decode(value(record));
        if (replay.getTopic().equals(topic)) {
          long place = OriginSet.place(replay.getPartition(), replay.getOffset());
          if (OriginSet.share(place, shares) == share) {
            replayed.add(place);
          }
        }
      } catch (UnreadableRecordException | IllegalArgumentException e) {
        // To go on could send a letter twice.
        throw stopped(
            ReplayException.Kind.UNAVAILABLE,
            at(record) + " is no record of a replay: " + e.getMessage(),
            e);
      }
    }

    private void consider(
        ConsumerRecord<byte[], byte[]> record,
        int share,
        int shares,
        @Nullable Producer<byte[], byte[]> producer) {
      read++;
      Letter letter = letter(record, share);
      if (letter == null || OriginSet.share(letter.place(), shares) != share) {
        return;
      }
      tally.found(letter);
      if (!replayed.add(letter.place())) {
        tally.alreadySent(letter);
        return;
      }
      String obstacle = obstacle(letter);
      if (obstacle != null) {
        tally.skipped(letter, lettersTopic, obstacle);
        return;
      }
      batch.add(letter);
      batchBytes += record.serializedValueSize();
      if (batch.size() >= BATCH_RECORDS || batchBytes >= BATCH_BYTES) {
        flush(producer);
      }
    }

    /** The letter of a record, if it is one that is asked for. */
    private @Nullable Letter letter(ConsumerRecord<byte[], byte[]> record, int share) {
      DeadLetter value;
      long place;
      try {
        value = setup.deadLetters().decode(value(record));
        place = OriginSet.place(value.getPartition(), value.getOffset());
      } catch (UnreadableRecordException | IllegalArgumentException e) {
        if (share == 0) {
          LOG.warn("{} is no dead letter and is left out: {}", at(record), e.getMessage());
          tally.unreadable();
        }
        return null;
      }
      if (!value.getTopic().equals(topic) || !request.wants(value.getReason())) {
        return null;
      }
      Letter letter = new Letter(record.partition(), record.offset(), place, value, event(value));
      if (!request.wants(letter.failedAt())) {
        return null;
      }
      boolean fromSource =
          request.source() == null
              || (letter.event() != null && request.source().equals(letter.event().getSource()));
      return fromSource ? letter : null;
    }

    private @Nullable UsageEvent event(DeadLetter letter) {
      byte[] value = Letter.bytes(letter.getValue());
      if (value == null) {
        return null;
      }
      try {
        return request.topic().equals(Topics.USAGE)
            ? setup.usage().decode(value)
            : setup.costs().decode(value).getUsage();
      } catch (UnreadableRecordException e) {
        return null;
      }
    }

    private @Nullable String obstacle(Letter letter) {
      DeadLetterReason reason = letter.value().getReason();
      if (reason == DeadLetterReason.TOO_LATE && !request.reasons().contains(reason)) {
        return "too late; is sent only if that reason is asked for by name";
      }
      if (letter.value().getValue() == null) {
        return "its value was not kept";
      }
      if (reason == DeadLetterReason.WRONG_KEY && letter.event() == null) {
        return "its event cannot be read, so its right key is not known";
      }
      return null;
    }

    private void flush(@Nullable Producer<byte[], byte[]> producer) {
      List<Letter> letters = List.copyOf(batch);
      batch.clear();
      batchBytes = 0;
      if (closed) {
        throw stopped(ReplayException.Kind.UNAVAILABLE, "this program stops", null);
      }
      if (producer == null) {
        letters.forEach(letter -> sent(letter, "would be sent"));
      } else if (!letters.isEmpty()) {
        send(producer, letters);
      }
      tell();
    }

    /** In one transaction; in several if a record among them is larger than the broker takes. */
    private void send(Producer<byte[], byte[]> producer, List<Letter> letters) {
      AtomicReference<Exception> failure = new AtomicReference<>();
      try {
        producer.beginTransaction();
        for (Letter letter : letters) {
          send(producer, original(letter), failure);
          send(producer, replay(letter), failure);
        }
        producer.commitTransaction();
      } catch (KafkaException e) {
        Exception first = failure.get() == null ? e : failure.get();
        if (isFenced(e) || isFenced(first)) {
          throw stopped(
              ReplayException.Kind.CONFLICT,
              "another replay has begun, or the broker gave the transaction up",
              e);
        }
        abort(producer);
        if (!(first instanceof RecordTooLargeException)) {
          throw stopped(
              ReplayException.Kind.UNAVAILABLE, String.valueOf(first.getMessage()), first);
        }
        sendApart(producer, letters);
        return;
      }
      for (Letter letter : letters) {
        setup.counters().replayed(letter.value().getReason()).increment();
        sent(letter, "sent");
      }
      committed += letters.size();
    }

    private void sendApart(Producer<byte[], byte[]> producer, List<Letter> letters) {
      if (letters.size() == 1) {
        tally.skipped(
            letters.get(0), lettersTopic, "with its header it is larger than the topic takes");
        return;
      }
      int half = letters.size() / 2;
      send(producer, letters.subList(0, half));
      send(producer, letters.subList(half, letters.size()));
    }

    private void send(
        Producer<byte[], byte[]> producer,
        ProducerRecord<byte[], byte[]> record,
        AtomicReference<Exception> failure) {
      // The commit fails if any of them does.
      var unused =
          producer.send(
              record,
              (metadata, exception) -> {
                if (exception != null) {
                  failure.compareAndSet(null, exception);
                }
              });
    }

    private ProducerRecord<byte[], byte[]> original(Letter letter) {
      RecordHeaders headers = new RecordHeaders();
      for (Map.Entry<String, ByteBuffer> header : letter.value().getHeaders().entrySet()) {
        if (!header.getKey().equals(HEADER)) {
          headers.add(header.getKey(), Letter.bytes(header.getValue()));
        }
      }
      headers.add(
          HEADER,
          (lettersTopic + "/" + letter.partition() + "/" + letter.offset())
              .getBytes(StandardCharsets.UTF_8));
      byte[] key = isKeyWrong(letter) ? rightKey(letter) : Letter.bytes(letter.value().getKey());
      return new ProducerRecord<>(
          topic, null, key, Letter.bytes(letter.value().getValue()), headers);
    }

    private ProducerRecord<byte[], byte[]> replay(Letter letter) {
      DeadLetter value = letter.value();
      Replay replay =
          Replay.newBuilder()
              .setTopic(topic)
              .setPartition(value.getPartition())
              .setOffset(value.getOffset())
              .setReason(value.getReason())
              .setDeadLetterPartition(letter.partition())
              .setDeadLetterOffset(letter.offset())
              .setKeyCorrected(isKeyWrong(letter))
              .setReplayedAtMicros(
                  ChronoUnit.MICROS.between(Instant.EPOCH, setup.clock().instant()))
              .setReplayedBy(request.by())
              .setWhy(request.why())
              .build();
      return new ProducerRecord<>(
          replaysTopic,
          letter.original().getBytes(StandardCharsets.UTF_8),
          setup.replays().encode(replay));
    }

    private boolean isKeyWrong(Letter letter) {
      return letter.value().getReason() == DeadLetterReason.WRONG_KEY
          && !Arrays.equals(rightKey(letter), Letter.bytes(letter.value().getKey()));
    }

    private byte[] rightKey(Letter letter) {
      UsageEvent event = letter.event();
      if (event == null) {
        throw new IllegalStateException("letters without an event were skipped");
      }
      return EventKey.of(event.getSource(), event.getId()).toBytes();
    }

    private void sent(Letter letter, String outcome) {
      DeadLetterReason again =
          request.topic().equals(Topics.USAGE) ? outlook.of(letter.event()) : null;
      tally.sent(
          letter,
          lettersTopic,
          again != null,
          again == null ? outcome : outcome + "; will be set aside again: " + Tally.lower(again));
    }

    /** From the beginning to the ends. */
    private void read(
        Consumer<byte[], byte[]> consumer,
        Map<TopicPartition, Long> ends,
        java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> reader) {
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      long left = left(consumer, ends);
      long progressNanos = System.nanoTime();
      while (left > 0) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()))) {
            reader.accept(record);
          }
        }
        tell();
        if (closed) {
          throw stopped(ReplayException.Kind.UNAVAILABLE, "this program stops", null);
        }
        long now = left(consumer, ends);
        if (now < left) {
          left = now;
          progressNanos = System.nanoTime();
        } else if (System.nanoTime() - progressNanos >= setup.patience().toNanos()) {
          throw stopped(
              ReplayException.Kind.UNAVAILABLE,
              "no record of " + ends.keySet() + " for " + setup.patience().toSeconds() + " s",
              null);
        }
      }
    }

    private static long left(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
      long left = 0;
      List<TopicPartition> done = new ArrayList<>();
      for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
        long behind = end.getValue() - consumer.position(end.getKey());
        left += Math.max(0, behind);
        if (behind <= 0) {
          done.add(end.getKey());
        }
      }
      // What comes after the end is not asked for.
      consumer.pause(done);
      return left;
    }

    private static Map<TopicPartition, Long> ends(Consumer<byte[], byte[]> consumer, String topic) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList();
      return new HashMap<>(consumer.endOffsets(partitions));
    }

    private static long span(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
      Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(ends.keySet());
      return ends.entrySet().stream()
          .mapToLong(end -> end.getValue() - beginnings.get(end.getKey()))
          .sum();
    }

    private void abort(Producer<byte[], byte[]> producer) {
      try {
        producer.abortTransaction();
      } catch (KafkaException | IllegalStateException e) {
        LOG.warn("cannot abort the transaction, the broker will: {}", e.getMessage());
      }
    }

    private void tell() {
      progress = new Progress(true, Math.min(read, total), total, tally.sent());
    }

    ReplayException gaveUp(RuntimeException e) {
      return stopped(ReplayException.Kind.UNAVAILABLE, String.valueOf(e.getMessage()), e);
    }

    private ReplayException stopped(
        ReplayException.Kind kind, String cause, @Nullable Throwable throwable) {
      String message =
          request.dryRun()
              ? "stopped: " + cause
              : "stopped after "
                  + committed
                  + (committed == 1 ? " dead letter was" : " dead letters were")
                  + " sent again: "
                  + cause
                  + "; a repetition sends the rest";
      return throwable == null
          ? new ReplayException(kind, message)
          : new ReplayException(kind, message, throwable);
    }
  }

  private static boolean isFenced(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProducerFencedException
          || cause instanceof InvalidProducerEpochException) {
        return true;
      }
    }
    return false;
  }

  private static long ceilDiv(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  private static byte[] value(ConsumerRecord<byte[], byte[]> record) {
    return record.value() == null ? new byte[0] : record.value();
  }

  private static String at(ConsumerRecord<byte[], byte[]> record) {
    return record.topic() + "/" + record.partition() + "/" + record.offset();
  }
}
