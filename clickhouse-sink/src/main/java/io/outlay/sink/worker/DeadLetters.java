package io.outlay.sink.worker;

import io.outlay.schema.DeadLetter;
import io.outlay.schema.DeadLetterReason;
import io.outlay.serde.UnreadableRecordException;
import io.outlay.sink.row.InvalidRowException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns records that cannot be rows into dead letters; says so in the log once per topic. */
final class DeadLetters {
  private static final int MAX_STACK = 8_000;

  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  private final Clock clock;
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  DeadLetters(Clock clock) {
    this.clock = clock;
  }

  /** The record with the reason why it has no row. */
  DeadLetter of(ConsumerRecord<byte[], byte[]> record, RuntimeException why) {
    if (told.add(record.topic())) {
      LOG.warn(
          "{}-{}@{} cannot be stored and goes to the dead letters, as will others like it, which are counted: {}",
          record.topic(),
          record.partition(),
          record.offset(),
          why.toString());
    }
    Map<String, ByteBuffer> headers = new HashMap<>();
    for (Header header : record.headers()) {
      byte[] value = header.value();
      headers.put(header.key(), ByteBuffer.wrap(value == null ? new byte[0] : value));
    }
    return DeadLetter.newBuilder()
        .setReason(reason(why))
        .setMessage(String.valueOf(why.getMessage()))
        .setTopic(record.topic())
        .setPartition(record.partition())
        .setOffset(record.offset())
        .setTimestampMillis(record.timestamp())
        .setKey(wrap(record.key()))
        .setValue(wrap(record.value()))
        .setHeaders(headers)
        .setStack(why instanceof InvalidRowException ? "" : stack(why))
        .setFailedAtMicros(ChronoUnit.MICROS.between(java.time.Instant.EPOCH, clock.instant()))
        .build();
  }

  private static DeadLetterReason reason(RuntimeException why) {
    if (why instanceof InvalidRowException invalid) {
      return invalid.reason();
    }
    return why instanceof UnreadableRecordException
        ? DeadLetterReason.UNREADABLE
        : DeadLetterReason.INVALID;
  }

  private static @Nullable ByteBuffer wrap(byte @Nullable [] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  private static String stack(RuntimeException why) {
    StringWriter text = new StringWriter();
    why.printStackTrace(new PrintWriter(text));
    return text.getBuffer().length() > MAX_STACK
        ? text.getBuffer().substring(0, MAX_STACK)
        : text.toString();
  }
}
