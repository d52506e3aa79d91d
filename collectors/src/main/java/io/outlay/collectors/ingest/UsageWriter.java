package io.outlay.collectors.ingest;

import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.usage.EventKey;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/**
 * Writes events to the usage topic and returns when the broker has acknowledged all of them. A
 * producer that cannot go on is replaced, so that one bad moment does not end the program's work.
 * Safe for concurrent use.
 */
public final class UsageWriter implements AutoCloseable {
  private static final Logger LOG = System.getLogger(UsageWriter.class.getName());

  private final String topic;
  private final AvroCodec<UsageEvent> codec;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Duration acknowledgeWithin;
  private final Runnable acknowledged;
  private volatile Producer<byte[], byte[]> producer;
  private boolean closed;

  /**
   * @param topic full name of the topic
   * @param producers makes a producer; asked again when the one before cannot go on
   * @param acknowledgeWithin how long {@link #append} waits
   * @param acknowledged run after each append that succeeded: the broker is there
   */
  public UsageWriter(
      String topic,
      AvroCodec<UsageEvent> codec,
      Supplier<Producer<byte[], byte[]>> producers,
      Duration acknowledgeWithin,
      Runnable acknowledged) {
    this.topic = topic;
    this.codec = codec;
    this.producers = producers;
    this.acknowledgeWithin = acknowledgeWithin;
    this.acknowledged = acknowledged;
    this.producer = producers.get();
  }

  /** The event as it will be sent. */
  public ProducerRecord<byte[], byte[]> record(UsageEvent event) {
    return new ProducerRecord<>(
        topic, EventKey.of(event.getSource(), event.getId()).toBytes(), codec.encode(event));
  }

  /**
   * Sends the records and waits until all are acknowledged.
   *
   * @throws UnavailableException if any was not, in time; some may have been stored all the same
   */
  public void append(List<ProducerRecord<byte[], byte[]>> records) throws UnavailableException {
    if (records.isEmpty()) {
      return;
    }
    long deadline = System.nanoTime() + acknowledgeWithin.toNanos();
    Acknowledgements acks = new Acknowledgements(records.size());
    Producer<byte[], byte[]> current = producer;
    try {
      for (ProducerRecord<byte[], byte[]> record : records) {
        // The callback tells; a future per record would tell the same again.
        var unused = current.send(record, acks);
        // A broker that is away fails the first record: the rest need not wait for it one by one.
        if (acks.failure() != null || System.nanoTime() - deadline > 0) {
          break;
        }
      }
    } catch (InterruptException e) {
      throw new UnavailableException("the collector is stopping", e);
    } catch (KafkaException | IllegalStateException e) {
      replace(current, e);
      throw new UnavailableException("the broker refuses the collector's producer", e);
    }
    if (!acks.await(deadline)) {
      throw new UnavailableException(
          "the broker did not acknowledge within " + acknowledgeWithin.toMillis() + " ms");
    }
    Exception failure = acks.failure();
    if (failure != null) {
      if (isFatal(failure)) {
        replace(current, failure);
      }
      throw new UnavailableException("the broker did not acknowledge", failure);
    }
    acknowledged.run();
  }

  /** Whether a producer that failed so fails from then on. */
  private static boolean isFatal(Exception failure) {
    return failure instanceof ProducerFencedException
        || failure instanceof OutOfOrderSequenceException
        || failure instanceof ClusterAuthorizationException
        || failure instanceof UnsupportedVersionException;
  }

  private synchronized void replace(Producer<byte[], byte[]> failed, Exception reason) {
    if (closed || producer != failed) {
      return;
    }
    LOG.log(Level.WARNING, "the producer cannot go on and is replaced: {0}", reason);
    try {
      producer = producers.get();
    } catch (KafkaException e) {
      LOG.log(Level.WARNING, "no new producer for now: {0}", String.valueOf(e));
      return;
    }
    failed.close(Duration.ZERO);
  }

  /** Lets sent records reach the broker, for a few seconds at most. */
  @Override
  public synchronized void close() {
    closed = true;
    producer.close(Duration.ofSeconds(3));
  }

  /** Counts the acknowledgements of one append; done on the last one or on the first failure. */
  private static final class Acknowledgements implements Callback {
    private final AtomicInteger missing;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile @Nullable Exception failure;

    Acknowledgements(int expected) {
      this.missing = new AtomicInteger(expected);
    }

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception exception) {
      if (exception != null) {
        failure = exception;
        done.countDown();
      } else if (missing.decrementAndGet() == 0) {
        done.countDown();
      }
    }

    @Nullable Exception failure() {
      return failure;
    }

    boolean await(long deadline) throws UnavailableException {
      try {
        return done.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UnavailableException("the collector is stopping", e);
      }
    }
  }
}
