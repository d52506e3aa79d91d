package io.outlay.sink.worker;

import io.outlay.health.Status;
import io.outlay.schema.DeadLetter;
import io.outlay.serde.AvroCodec;
import io.outlay.sink.insert.Backoff;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * Writes dead letters to their topic and waits for the broker's acknowledgement, before the range
 * that they stand in is committed. A crash in between writes them again; they carry where they come
 * from, and the table of dead letters keeps one row for that. Safe for concurrent use.
 */
public final class DeadLetterWriter {
  private final Producer<byte[], byte[]> producer;
  private final AvroCodec<DeadLetter> codec;
  private final String topic;
  private final Status status;
  private final Backoff backoff;

  /**
   * @param topic full name of the topic of dead letters
   */
  public DeadLetterWriter(
      Producer<byte[], byte[]> producer,
      AvroCodec<DeadLetter> codec,
      String topic,
      Status status,
      Backoff backoff) {
    this.producer = producer;
    this.codec = codec;
    this.topic = topic;
    this.status = status;
    this.backoff = backoff;
  }

  /**
   * Writes letters, again and again until all are acknowledged.
   *
   * @param abandoned once at zero, no further try is started
   * @return whether all are acknowledged
   * @throws InterruptedException if the thread is to end
   */
  public boolean write(List<DeadLetter> letters, CountDownLatch abandoned)
      throws InterruptedException {
    for (DeadLetter letter : letters) {
      if (!write(letter, abandoned)) {
        return false;
      }
    }
    return true;
  }

  private boolean write(DeadLetter letter, CountDownLatch abandoned) throws InterruptedException {
    DeadLetter current = letter;
    for (int failures = 0; abandoned.getCount() > 0; ) {
      try {
        send(current).get();
        status.works();
        return true;
      } catch (ExecutionException | org.apache.kafka.common.KafkaException e) {
        Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
        if (cause instanceof RecordTooLargeException && current.getValue() != null) {
          current = withoutValue(letter);
          continue;
        }
        failures++;
        status.failed(String.valueOf(cause.getMessage()));
        if (abandoned.await(backoff.after(failures).toMillis(), TimeUnit.MILLISECONDS)) {
          return false;
        }
      }
    }
    return false;
  }

  private Future<RecordMetadata> send(DeadLetter letter) {
    byte[] key = null;
    if (letter.getKey() != null) {
      key = new byte[letter.getKey().remaining()];
      letter.getKey().duplicate().get(key);
    }
    return producer.send(new ProducerRecord<>(topic, key, codec.encode(letter)));
  }

  /** The original, still to be found where it was read, was nearly as large as a record may be. */
  private static DeadLetter withoutValue(DeadLetter letter) {
    DeadLetter copy = DeadLetter.newBuilder(letter).build();
    copy.setMessage(
        letter.getMessage()
            + " (its value of "
            + letter.getValue().remaining()
            + " bytes is too large to be kept here)");
    copy.setValue(null);
    return copy;
  }
}
