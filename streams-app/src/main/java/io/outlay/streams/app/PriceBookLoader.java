package io.outlay.streams.app;

import io.outlay.price.PricePlan;
import io.outlay.schema.Price;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.UnreadableRecordException;
import io.outlay.streams.rating.PriceBook;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the price book that the prices topic holds. {@link #start} returns once the topic has been
 * read to its end, so that no event is rated with half a book; later changes follow within a poll,
 * each import as a whole: it is one transaction, and the topic is always read to its end. {@link
 * #get} and {@link #change} are safe from any thread.
 *
 * <p>All instances write under one transactional id. Who wants to write takes it first, which ends
 * the transaction of whoever had it, then reads the topic to its end, and plans on what is there.
 * So a plan never meets a book that it does not know: an older writer either committed before that
 * reading, or cannot commit any more.
 */
public final class PriceBookLoader implements Supplier<PriceBook>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PriceBookLoader.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final Consumer<byte[], byte[]> consumer;
  private final Supplier<? extends Producer<byte[], byte[]>> producers;
  private final AvroCodec<Price> codec;
  private final TopicPartition partition;
  private final Map<String, Price> prices = new HashMap<>();
  private final Thread follower = new Thread(this::follow, "price-book");

  /** Guards the consumer and what was read with it; fair, because the follower polls all day. */
  private final ReentrantLock reading = new ReentrantLock(true);

  private volatile PriceBook book = new PriceBook(List.of());
  private volatile List<Price> current = List.of();
  private volatile boolean closed;

  /**
   * @param consumer not in a group, of committed records only; closed with this
   * @param producers makes a producer for each change, all of one transactional id that every
   *     instance has
   */
  public PriceBookLoader(
      Consumer<byte[], byte[]> consumer,
      Supplier<? extends Producer<byte[], byte[]>> producers,
      AvroCodec<Price> codec,
      String topic) {
    this.consumer = consumer;
    this.producers = producers;
    this.codec = codec;
    this.partition = new TopicPartition(topic, 0);
    follower.setDaemon(true);
  }

  @Override
  public PriceBook get() {
    return book;
  }

  /**
   * Reads the topic whole, adds what is missing of the shipped prices, and follows from there. A
   * shipped price replaces a stored one only if that was shipped too; what people imported stays.
   *
   * @throws IllegalStateException if the prices cannot be read or published
   */
  public void start(Collection<Price> shipped) {
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    List<Price> published = missing(shipped, read());
    if (!published.isEmpty()) {
      try (Writer writer = new Writer()) {
        published = missing(shipped, read());
        if (!published.isEmpty()) {
          writer.write(published);
        }
      }
    }
    follower.start();
    awaitSeen(published);
    LOG.info(
        "price book holds {} prices, {} of them new from the shipped book",
        book.size(),
        published.size());
  }

  /** All prices of the book, by id. */
  public List<Price> prices() {
    return current;
  }

  /**
   * Changes the book: all of a plan, or nothing. Returns once this program rates with it.
   *
   * @param planner makes the plan from the prices that are there; asked again if it wants to write,
   *     once no other instance can
   * @param dryRun whether to leave it at the plan
   * @throws IllegalArgumentException if a book of these prices would contradict itself; nothing was
   *     written
   * @throws ConcurrentChangeException if another change began meanwhile; nothing was written
   * @throws IllegalStateException if the prices cannot be read or written, or are not seen again in
   *     time
   */
  public synchronized PricePlan change(
      Function<Collection<Price>, PricePlan> planner, boolean dryRun) {
    PricePlan plan = plan(planner);
    if (dryRun || !writes(plan)) {
      return plan;
    }
    try (Writer writer = new Writer()) {
      plan = plan(planner);
      if (!writes(plan)) {
        return plan;
      }
      writer.write(plan.prices());
    }
    awaitSeen(plan.prices());
    return plan;
  }

  private static boolean writes(PricePlan plan) {
    return plan.isApplicable() && !plan.isEmpty();
  }

  /** On what the topic holds now, even where that is no book: an import may repair it. */
  private PricePlan plan(Function<Collection<Price>, PricePlan> planner) {
    Map<String, Price> there = read();
    PricePlan plan = planner.apply(List.copyOf(there.values()));
    if (writes(plan)) {
      Map<String, Price> after = new HashMap<>(there);
      plan.prices().forEach(price -> after.put(price.getId(), price));
      var unused = new PriceBook(after.values());
    }
    return plan;
  }

  private void awaitSeen(List<Price> written) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!Set.copyOf(current).containsAll(written)) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "the prices are written, but were not read back within " + PATIENCE.toSeconds() + " s");
      }
      try {
        Thread.sleep(LOOK_EVERY.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted; the prices are written", e);
      }
    }
  }

  /** What is to be written of the shipped prices. */
  private static List<Price> missing(Collection<Price> shipped, Map<String, Price> there) {
    List<Price> missing = new ArrayList<>();
    for (Price price : shipped) {
      Price stored = there.get(price.getId());
      if (stored != null && !stored.getOrigin().equals(price.getOrigin())) {
        continue;
      }
      Price next =
          Price.newBuilder(price).setVersion(stored == null ? 1 : stored.getVersion()).build();
      if (next.equals(stored)) {
        continue;
      }
      if (stored != null) {
        next.setVersion(stored.getVersion() + 1);
      }
      missing.add(next);
    }
    return missing;
  }

  /** The right to write, from its making until another instance takes it or it is closed. */
  private final class Writer implements AutoCloseable {
    private final Producer<byte[], byte[]> producer;

    Writer() {
      try {
        producer = producers.get();
      } catch (KafkaException e) {
        throw failed(e);
      }
      try {
        producer.initTransactions();
      } catch (KafkaException e) {
        close();
        throw failed(e);
      }
    }

    /** In one transaction. */
    void write(List<Price> changed) {
      try {
        producer.beginTransaction();
        for (Price price : changed) {
          byte[] key = price.getId().getBytes(StandardCharsets.UTF_8);
          // The commit fails if any of them does.
          var unused =
              producer.send(new ProducerRecord<>(partition.topic(), 0, key, codec.encode(price)));
        }
        producer.commitTransaction();
      } catch (KafkaException e) {
        abort();
        throw failed(e);
      }
    }

    private void abort() {
      try {
        producer.abortTransaction();
      } catch (KafkaException e) {
        // Whoever writes next ends it.
        LOG.warn("cannot abort the transaction of prices: {}", e.getMessage());
      }
    }

    private RuntimeException failed(KafkaException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof ProducerFencedException
            || cause instanceof InvalidProducerEpochException) {
          return new ConcurrentChangeException(
              "another import runs, and nothing of this one was written; try again", e);
        }
      }
      return new IllegalStateException(
          "cannot write prices: "
              + e.getMessage()
              + "; try again, what was written nevertheless will be unchanged then",
          e);
    }

    @Override
    public void close() {
      producer.close(CLOSE_WITHIN);
    }
  }

  /**
   * Reads what is committed to its end.
   *
   * @return all prices of the topic by id, whether they make a book or not
   * @throws IllegalStateException if that is impossible
   */
  private Map<String, Price> read() {
    reading.lock();
    try {
      readToEnd(false);
      return Map.copyOf(prices);
    } catch (KafkaException e) {
      throw new IllegalStateException("cannot read prices: " + e.getMessage(), e);
    } finally {
      reading.unlock();
    }
  }

  private void readToEnd(boolean alreadyChanged) {
    boolean changed = alreadyChanged;
    long end = consumer.endOffsets(List.of(partition)).get(partition);
    long position = consumer.position(partition);
    long moved = System.nanoTime();
    while (position < end) {
      changed |= take();
      long now = consumer.position(partition);
      if (now > position) {
        position = now;
        moved = System.nanoTime();
      } else if (System.nanoTime() - moved > PATIENCE.toNanos()) {
        throw new IllegalStateException(
            "cannot read prices: nothing came within "
                + PATIENCE.toSeconds()
                + " s at offset "
                + position
                + " of "
                + end);
      }
    }
    if (changed) {
      rebuild();
    }
  }

  private boolean take() {
    boolean changed = false;
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      String id = new String(record.key(), StandardCharsets.UTF_8);
      if (record.value() == null) {
        changed |= prices.remove(id) != null;
        continue;
      }
      try {
        prices.put(id, codec.decode(record.value()));
        changed = true;
      } catch (UnreadableRecordException e) {
        LOG.error(
            "price {} at offset {} is unreadable and ignored: {}",
            id,
            record.offset(),
            e.getMessage());
      }
    }
    return changed;
  }

  private void rebuild() {
    try {
      book = new PriceBook(prices.values());
      current = prices.values().stream().sorted(Comparator.comparing(Price::getId)).toList();
      LOG.info("price book changed, holds {} prices", book.size());
    } catch (IllegalArgumentException e) {
      LOG.error("the former price book stays: {}", e.getMessage());
    }
  }

  private void follow() {
    while (!closed) {
      reading.lock();
      try {
        if (take()) {
          readToEnd(true);
        }
      } catch (WakeupException e) {
        LOG.debug("woken up to close");
      } catch (RuntimeException e) {
        LOG.error("cannot read prices, trying again", e);
      } finally {
        reading.unlock();
      }
    }
    reading.lock();
    try {
      consumer.close();
    } finally {
      reading.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
    if (follower.getState() == Thread.State.NEW) {
      consumer.close();
      return;
    }
    consumer.wakeup();
    try {
      follower.join(CLOSE_WITHIN.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
