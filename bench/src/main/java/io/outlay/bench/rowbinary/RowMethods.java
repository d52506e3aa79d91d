package io.outlay.bench.rowbinary;

import io.outlay.bench.fixture.Book;
import io.outlay.bench.fixture.Mix;
import io.outlay.bench.fixture.Rated;
import io.outlay.bench.fixture.SchemasInMemory;
import io.outlay.bench.jmh.Gauge;
import io.outlay.schema.CostRecord;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.CostRecordEncoder;
import io.outlay.sink.row.CostRows;
import io.outlay.sink.row.Rows;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.rating.Rater;
import io.outlay.topic.Topics;
import io.outlay.usage.EventKey;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Turns records of {@code costs} into the rows of one insert. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
public class RowMethods {
  private static final int BATCH = 5_000;
  private static final int MODELS = 300;

  private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>(BATCH);
  private CostRows encoder;

  /** Makes the records. */
  @Setup(Level.Trial)
  public void prepare() {
    SchemasInMemory schemas = new SchemasInMemory();
    AvroCodec<UsageEvent> usage = AvroCodec.of(Topics.USAGE, Topics.DEFAULT_PREFIX, schemas);
    AvroCodec<CostRecord> costs = AvroCodec.of(Topics.COSTS, Topics.DEFAULT_PREFIX, schemas);
    CostRecordEncoder facts = new CostRecordEncoder(costs);
    encoder = new CostRows(costs, ZoneOffset.UTC);
    Book book = Book.of(MODELS);
    Rater rater = new Rater(new PriceBook(book.prices()));
    for (Rated each : Mix.MIXED.events(book, BATCH)) {
      UsageEvent event = each.event();
      records.add(
          new ConsumerRecord<>(
              Topics.COSTS.name(Topics.DEFAULT_PREFIX),
              0,
              records.size(),
              EventKey.of(event.getSource(), event.getId()).toBytes(),
              facts.encode(rater.rate(event, 0), usage.encode(event))));
    }
  }

  /** Writes a batch, and counts that every record has its row. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public Rows write(Gauge gauge) {
    Rows rows = new Rows();
    gauge.start();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      encoder.encode(record, rows);
    }
    gauge.stop(BATCH);
    if (rows.count() != BATCH) {
      throw new IllegalStateException("of " + BATCH + " facts came " + rows.count() + " rows");
    }
    return rows;
  }
}
