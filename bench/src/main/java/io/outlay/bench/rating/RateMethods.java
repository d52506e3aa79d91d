package io.outlay.bench.rating;

import io.outlay.bench.fixture.Answers;
import io.outlay.bench.fixture.Book;
import io.outlay.bench.fixture.Mix;
import io.outlay.bench.fixture.Rated;
import io.outlay.bench.fixture.SchemasInMemory;
import io.outlay.bench.jmh.Gauge;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.rating.Rater;
import io.outlay.topic.Topics;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Rates events as they come off the wire: each batch is decoded anew before it is rated, so that no
 * text has its hash code at hand, as none has in the topology.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
public class RateMethods {
  /**
   * Names that begin as a prefix rule says and that nobody has sent before: each is looked for in
   * the whole book. Not a {@link Mix}, because it never repeats itself.
   */
  static final String UNSEEN = "unseen";

  private static final int EVENTS = 8_192;
  private static final int BATCH = 256;

  /** Models in the book. */
  @Param("3000")
  public int models;

  /** A {@link Mix} in lower case, or {@link #UNSEEN}. */
  @Param("mixed")
  public String mix;

  private final UsageEvent[] batch = new UsageEvent[BATCH];
  private byte[][] values;
  private AvroCodec<UsageEvent> codec;
  private Rater rater;
  private boolean unseen;
  private int next;
  private long number;

  /** Makes the book and the events, and checks every answer once. */
  @Setup(Level.Trial)
  public void prepare() {
    Book book = Book.of(models);
    rater = new Rater(new PriceBook(book.prices()));
    unseen = mix.equals(UNSEEN);
    List<Rated> events =
        Mix.valueOf(unseen ? "CHAT" : mix.toUpperCase(Locale.ROOT)).events(book, EVENTS);
    Answers.check(rater, events);
    codec = AvroCodec.of(Topics.USAGE, Topics.DEFAULT_PREFIX, new SchemasInMemory());
    values = events.stream().map(each -> codec.encode(each.event())).toArray(byte[][]::new);
  }

  /** Decodes the events of the next batch. */
  @Setup(Level.Invocation)
  public void decode() {
    for (int i = 0; i < BATCH; i++) {
      batch[i] = codec.decode(values[next]);
      next = (next + 1) % EVENTS;
      if (unseen) {
        LlmUsage call = (LlmUsage) batch[i].getDetail();
        call.setProvider("openai");
        call.setModel("synthetic-0000-" + Long.toString(number++, Character.MAX_RADIX));
      }
    }
  }

  /** Rates a batch. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void rate(Gauge gauge, Blackhole answers) {
    gauge.start();
    for (UsageEvent event : batch) {
      answers.consume(rater.rate(event, 0));
    }
    gauge.stop(BATCH);
  }
}
