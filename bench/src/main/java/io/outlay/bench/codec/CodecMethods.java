package io.outlay.bench.codec;

import io.outlay.bench.fixture.Book;
import io.outlay.bench.fixture.Mix;
import io.outlay.bench.fixture.Rated;
import io.outlay.bench.fixture.SchemasInMemory;
import io.outlay.bench.jmh.Gauge;
import io.outlay.schema.CostRecord;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.CostRecordEncoder;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.rating.Rater;
import io.outlay.topic.Topics;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** Reads and writes the values of the topics {@code usage} and {@code costs}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
public class CodecMethods {
  private static final int BATCH = 1_024;
  private static final int MODELS = 300;

  private AvroCodec<UsageEvent> usage;
  private AvroCodec<CostRecord> costs;
  private CostRecordEncoder encoder;
  private UsageEvent[] events;
  private Rating[] ratings;
  private byte[][] values;

  /** Makes the values, and checks once that all of them come back as they were. */
  @Setup(Level.Trial)
  public void prepare() {
    SchemasInMemory schemas = new SchemasInMemory();
    usage = AvroCodec.of(Topics.USAGE, Topics.DEFAULT_PREFIX, schemas);
    costs = AvroCodec.of(Topics.COSTS, Topics.DEFAULT_PREFIX, schemas);
    encoder = new CostRecordEncoder(costs);
    Book book = Book.of(MODELS);
    Rater rater = new Rater(new PriceBook(book.prices()));
    List<Rated> rated = Mix.MIXED.events(book, BATCH);
    events = rated.stream().map(Rated::event).toArray(UsageEvent[]::new);
    ratings = Arrays.stream(events).map(event -> rater.rate(event, 0)).toArray(Rating[]::new);
    values = Arrays.stream(events).map(usage::encode).toArray(byte[][]::new);
    for (int i = 0; i < BATCH; i++) {
      if (!usage.decode(values[i]).equals(events[i])) {
        throw new IllegalStateException("does not come back as it was: " + events[i]);
      }
      CostRecord fact = costs.decode(encoder.encode(ratings[i], values[i]));
      if (fact.getCostPico() != ratings[i].costPico() || !fact.getUsage().equals(events[i])) {
        throw new IllegalStateException("is not the fact that was written: " + fact);
      }
    }
  }

  /** Bytes of {@code usage} to an event. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void decodeUsage(Gauge gauge, Blackhole answers) {
    gauge.start();
    for (byte[] value : values) {
      answers.consume(usage.decode(value));
    }
    gauge.stop(BATCH);
  }

  /** An event to bytes of {@code usage}. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void encodeUsage(Gauge gauge, Blackhole answers) {
    gauge.start();
    for (UsageEvent event : events) {
      answers.consume(usage.encode(event));
    }
    gauge.stop(BATCH);
  }

  /** A rating and the bytes of its event to bytes of {@code costs}. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void encodeCost(Gauge gauge, Blackhole answers) {
    gauge.start();
    for (int i = 0; i < BATCH; i++) {
      answers.consume(encoder.encode(ratings[i], values[i]));
    }
    gauge.stop(BATCH);
  }
}
