package io.outlay.sink.row;

import io.outlay.schema.DeadLetterReason;
import io.outlay.serde.AvroCodec;
import io.outlay.usage.UsageRules;
import java.util.List;
import java.util.Locale;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * An encoder that reads Avro values into objects first.
 *
 * @param <V> type of the values
 */
abstract class AvroRows<V extends SpecificRecord> implements RowEncoder {
  private final String table;
  private final List<String> columns;
  private final AvroCodec<V> codec;

  AvroRows(String table, List<String> columns, AvroCodec<V> codec) {
    this.table = table;
    this.columns = List.copyOf(columns);
    this.codec = codec;
  }

  @Override
  public final String table() {
    return table;
  }

  @Override
  public final List<String> columns() {
    return columns;
  }

  @Override
  public final boolean encode(ConsumerRecord<byte[], byte[]> record, Rows rows) {
    if (record.value() == null) {
      return tombstone(record, rows);
    }
    V value = codec.decode(record.value());
    write(record, value, rows);
    return true;
  }

  /** Appends the row of a value. */
  abstract void write(ConsumerRecord<byte[], byte[]> record, V value, Rows rows);

  /**
   * What a record without a value means; by default nothing is deleted by one, and a record that
   * has no value is no value of the topic.
   */
  boolean tombstone(ConsumerRecord<byte[], byte[]> record, Rows rows) {
    throw new InvalidRowException(DeadLetterReason.UNREADABLE, "the record has no value");
  }

  static byte[] key(ConsumerRecord<byte[], byte[]> record) {
    byte[] key = record.key();
    if (key == null) {
      throw new InvalidRowException(DeadLetterReason.WRONG_KEY, "the record has no key");
    }
    return key;
  }

  static long time(String field, long micros) {
    if (micros < UsageRules.MIN_TIME_MICROS || micros >= UsageRules.MAX_TIME_MICROS) {
      throw new InvalidRowException(
          DeadLetterReason.INVALID,
          field + " must be between 2000 and 2100, was " + micros + " microseconds since 1970");
    }
    return micros;
  }

  static void nullableTime(RowWriter row, @Nullable Long micros) {
    row.nullable(micros == null);
    if (micros != null) {
      row.int64(micros);
    }
  }

  static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
