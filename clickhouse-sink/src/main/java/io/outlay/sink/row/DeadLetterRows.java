package io.outlay.sink.row;

import io.outlay.schema.DeadLetter;
import io.outlay.serde.AvroCodec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Dead letters: one row per record that was set aside; keys and values are bytes as they came. */
public final class DeadLetterRows extends AvroRows<DeadLetter> {
  private static final List<String> COLUMNS =
      List.of(
          "topic",
          "partition",
          "offset",
          "record_time",
          "reason",
          "message",
          "key",
          "value",
          "headers",
          "stack",
          "failed_at",
          "kafka_offset");

  private static final byte[] NONE = {};

  public DeadLetterRows(AvroCodec<DeadLetter> codec) {
    super("dead_letters_store", COLUMNS, codec);
  }

  @Override
  void write(ConsumerRecord<byte[], byte[]> record, DeadLetter letter, Rows rows) {
    RowWriter row = rows.begin(UNPARTITIONED);
    row.string(letter.getTopic());
    row.int32(letter.getPartition());
    row.int64(letter.getOffset());
    row.int64(letter.getTimestampMillis());
    row.string(name(letter.getReason()));
    row.string(letter.getMessage());
    row.string(bytes(letter.getKey()));
    row.string(bytes(letter.getValue()));
    row.size(letter.getHeaders().size());
    for (Map.Entry<String, ByteBuffer> header : letter.getHeaders().entrySet()) {
      row.string(header.getKey());
      row.string(bytes(header.getValue()));
    }
    row.string(letter.getStack());
    row.int64(letter.getFailedAtMicros());
    row.int64(record.offset());
    rows.end();
  }

  private static byte[] bytes(@Nullable ByteBuffer buffer) {
    if (buffer == null) {
      return NONE;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
