package io.outlay.bench.guard;

import io.outlay.bench.fixture.Book;
import io.outlay.bench.fixture.Mix;
import io.outlay.bench.fixture.Rated;
import io.outlay.bench.fixture.SchemasInMemory;
import io.outlay.schema.CostRecord;
import io.outlay.schema.CostRollup;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.CostRecordEncoder;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.sink.row.CostRows;
import io.outlay.sink.row.Rows;
import io.outlay.streams.dedupe.IdBlock;
import io.outlay.streams.dedupe.SeenIds;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.rating.Rater;
import io.outlay.streams.rollup.MinuteSums;
import io.outlay.topic.Topics;
import io.outlay.usage.EventKey;
import io.outlay.usage.UsageRules;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What our code does to an event must not become much dearer unnoticed. Its processor time is held
 * against that of a floor in the same process, by turns: Avro itself reading and writing the same
 * bytes generically. The least of many rounds counts for either, so that neighbours on the machine
 * do not show. The bounds are what was measured, and 30 % more.
 */
class EventPathTest {
  private static final int EVENTS = 4_096;
  private static final int MODELS = 300;
  private static final int ROUNDS = 150;
  private static final double SLACK = 1.3;
  private static final double MEASURED_TOPOLOGY = 1.8;
  private static final double MEASURED_ROWS = 1.17;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final SchemasInMemory schemas = new SchemasInMemory();
  private final AvroCodec<UsageEvent> usage =
      AvroCodec.of(Topics.USAGE, Topics.DEFAULT_PREFIX, schemas);
  private final AvroCodec<CostRecord> costs =
      AvroCodec.of(Topics.COSTS, Topics.DEFAULT_PREFIX, schemas);
  private final AvroCodec<CostRollup> deltas =
      AvroCodec.of(Topics.ROLLUP_DELTAS, Topics.DEFAULT_PREFIX, schemas);
  private final CostRecordEncoder encoder = new CostRecordEncoder(costs);
  private final Book book = Book.of(MODELS);
  private final Rater rater = new Rater(new PriceBook(book.prices()));
  private final byte[][] values =
      Mix.MIXED.events(book, EVENTS).stream()
          .map(Rated::event)
          .map(usage::encode)
          .toArray(byte[][]::new);
  private final byte[][] facts = facts();
  private long offset;
  private long seen;

  private final GenericDatumReader<GenericRecord> reader =
      new GenericDatumReader<>(UsageEvent.getClassSchema());
  private final GenericDatumWriter<GenericRecord> writer =
      new GenericDatumWriter<>(UsageEvent.getClassSchema());

  @Test
  void theTopologysCodeCostsNoMoreThanItDidForWhatAvroTakes() {
    double ratio = ratio(this::dedupeRateAndAddUp);

    assertThat(ratio).isLessThan(SLACK * MEASURED_TOPOLOGY);
  }

  @Test
  void theSinksCodeCostsNoMoreThanItDidForWhatAvroTakes() {
    double ratio = ratio(this::rows);

    assertThat(ratio).isLessThan(SLACK * MEASURED_ROWS);
  }

  /** Everything that RateProcessor does to an event, but for Kafka. */
  private void dedupeRateAndAddUp() {
    SeenIds ids = new SeenIds(Duration.ofDays(1).toMillis());
    IdBlock block = new IdBlock();
    MinuteSums sums = new MinuteSums();
    for (byte[] value : values) {
      UsageEvent event = usage.decode(value);
      if (UsageRules.check(event) != null) {
        throw new AssertionError(event);
      }
      EventKey key = EventKey.of(event.getSource(), event.getId());
      Rating rating = rater.rate(event, 0);
      if (ids.see(key, offset, 1) != SeenIds.Sighting.FIRST) {
        throw new AssertionError("a copy: " + event);
      }
      block.add(key.high(), key.low(), offset++, 1);
      sums.add(event, rating);
      seen += encoder.encode(rating, value).length;
    }
    sums.drain(delta -> seen += deltas.encode(delta).length);
    seen += block.drain().length;
  }

  /** Facts to rows. */
  private void rows() {
    CostRows encoding = new CostRows(costs, ZoneOffset.UTC);
    Rows rows = new Rows();
    byte[] key = new byte[EventKey.LENGTH];
    for (byte[] fact : facts) {
      encoding.encode(new ConsumerRecord<>("costs", 0, offset++, key, fact), rows);
    }
    seen += rows.bytes();
  }

  private void floor() {
    BinaryDecoder decoder = null;
    BinaryEncoder out = null;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      for (byte[] value : values) {
        decoder =
            DecoderFactory.get()
                .binaryDecoder(
                    value,
                    AvroCodec.HEADER_LENGTH,
                    value.length - AvroCodec.HEADER_LENGTH,
                    decoder);
        GenericRecord read = reader.read(null, decoder);
        bytes.reset();
        out = EncoderFactory.get().directBinaryEncoder(bytes, out);
        writer.write(read, out);
        seen += bytes.size();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail", e);
    }
  }

  private double ratio(Runnable ours) {
    long least = Long.MAX_VALUE;
    long leastFloor = Long.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      leastFloor = Math.min(leastFloor, nanos(this::floor));
      least = Math.min(least, nanos(ours));
    }
    assertThat(seen).isPositive();
    System.out.printf(
        "ours %d ns an event, Avro %d: %.2f%n",
        least / EVENTS, leastFloor / EVENTS, (double) least / leastFloor);
    return (double) least / leastFloor;
  }

  private long nanos(Runnable work) {
    long before = threads.getCurrentThreadCpuTime();
    work.run();
    return threads.getCurrentThreadCpuTime() - before;
  }

  private byte[][] facts() {
    return List.of(values).stream()
        .map(value -> encoder.encode(rater.rate(usage.decode(value), 0), value))
        .toArray(byte[][]::new);
  }
}
