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
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the price book that the prices topic holds. {@link #start} returns once the topic has been
 * read to its end, so that no event is rated with half a book; later changes follow within a poll,
 * each import as a whole: it is one transaction, and the topic is always read to its end. {@link
 * #get} and {@link #change} are safe from any thread.
 */
public final class PriceBookLoader implements Supplier<PriceBook>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PriceBookLoader.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration SEEN_WITHIN = Duration.ofSeconds(10);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private final Consumer<byte[], byte[]> consumer;
  private final Producer<byte[], byte[]> producer;
  private final AvroCodec<Price> codec;
  private final TopicPartition partition;
  private final Map<String, Price> prices = new HashMap<>();
  private final Thread follower = new Thread(this::follow, "price-book");
  private volatile PriceBook book = new PriceBook(List.of());
  private volatile List<Price> current = List.of();
  private volatile boolean closed;

  /**
   * @param consumer not in a group, of committed records only; closed with this
   * @param producer transactional; closed with this
   */
  public PriceBookLoader(
      Consumer<byte[], byte[]> consumer,
      Producer<byte[], byte[]> producer,
      AvroCodec<Price> codec,
      String topic) {
    this.consumer = consumer;
    this.producer = producer;
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
   * @throws IllegalStateException if the prices cannot be published
   */
  public void start(Collection<Price> shipped) {
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    producer.initTransactions();
    readToEnd();
    int published = publish(shipped);
    readToEnd();
    LOG.info(
        "price book holds {} prices, {} of them new from the shipped book", book.size(), published);
    follower.start();
  }

  /** All prices of the book, by id. */
  public List<Price> prices() {
    return current;
  }

  /**
   * Changes the book: all of a plan, or nothing. Returns once this program rates with it.
   *
   * @param planner makes the plan from the prices that are there
   * @param dryRun whether to leave it at the plan
   * @throws IllegalArgumentException if a book of these prices would contradict itself; nothing was
   *     written
   * @throws IllegalStateException if the prices cannot be written, or are not seen again in time
   */
  public synchronized PricePlan change(
      Function<Collection<Price>, PricePlan> planner, boolean dryRun) {
    PricePlan plan = planner.apply(current);
    if (!plan.isApplicable() || plan.isEmpty()) {
      return plan;
    }
    requireSound(plan);
    if (dryRun) {
      return plan;
    }
    write(plan.prices());
    awaitSeen(plan.prices());
    return plan;
  }

  private void requireSound(PricePlan plan) {
    Map<String, Price> after = new HashMap<>();
    current.forEach(price -> after.put(price.getId(), price));
    plan.prices().forEach(price -> after.put(price.getId(), price));
    var unused = new PriceBook(after.values());
  }

  private void awaitSeen(List<Price> written) {
    long deadline = System.nanoTime() + SEEN_WITHIN.toNanos();
    while (!Set.copyOf(current).containsAll(written)) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "the prices are written, but were not read back within "
                + SEEN_WITHIN.toSeconds()
                + " s");
      }
      try {
        Thread.sleep(LOOK_EVERY.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted; the prices are written", e);
      }
    }
  }

  private int publish(Collection<Price> shipped) {
    List<Price> changed = new ArrayList<>();
    for (Price price : shipped) {
      Price stored = prices.get(price.getId());
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
      changed.add(next);
    }
    if (!changed.isEmpty()) {
      write(changed);
    }
    return changed.size();
  }

  /** In one transaction. */
  private void write(List<Price> changed) {
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
      throw new IllegalStateException("cannot write prices: " + e.getMessage(), e);
    }
  }

  private void abort() {
    try {
      producer.abortTransaction();
    } catch (KafkaException e) {
      LOG.warn("cannot abort the transaction of prices: {}", e.getMessage());
    }
  }

  private void readToEnd() {
    long end = consumer.endOffsets(List.of(partition)).get(partition);
    boolean changed = false;
    while (consumer.position(partition) < end) {
      changed |= take();
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
    } catch (IllegalArgumentException e) {
      LOG.error("the former price book stays: {}", e.getMessage());
    }
  }

  private void follow() {
    while (!closed) {
      try {
        if (take()) {
          readToEnd();
          rebuild();
          LOG.info("price book changed, holds {} prices", book.size());
        }
      } catch (WakeupException e) {
        LOG.debug("woken up to close");
      } catch (RuntimeException e) {
        LOG.error("cannot read prices, trying again", e);
      }
    }
    consumer.close();
  }

  @Override
  public void close() {
    closed = true;
    if (follower.getState() == Thread.State.NEW) {
      consumer.close();
    } else {
      consumer.wakeup();
      try {
        follower.join(5_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    producer.close(Duration.ofSeconds(5));
  }
}
