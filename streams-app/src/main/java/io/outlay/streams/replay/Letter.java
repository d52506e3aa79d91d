package io.outlay.streams.replay;

import io.outlay.schema.DeadLetter;
import io.outlay.schema.UsageEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter where it was found.
 *
 * @param partition partition of the letter
 * @param offset offset of the letter
 * @param place place of the original, as {@link OriginSet#place} says
 * @param event the event of its value; null if that cannot be read
 */
record Letter(
    int partition, long offset, long place, DeadLetter value, @Nullable UsageEvent event) {
  String original() {
    return value.getTopic() + "/" + value.getPartition() + "/" + value.getOffset();
  }

  Instant failedAt() {
    return Instant.EPOCH.plus(value.getFailedAtMicros(), ChronoUnit.MICROS);
  }

  static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
    if (buffer == null) {
      return null;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
