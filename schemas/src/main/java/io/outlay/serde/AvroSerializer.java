package io.outlay.serde;

import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** {@link AvroCodec} as a Kafka serializer; null stays null, a tombstone. */
public record AvroSerializer<V extends SpecificRecord>(AvroCodec<V> codec)
    implements Serializer<V> {
  @Override
  public byte @Nullable [] serialize(String topic, @Nullable V value) {
    return value == null ? null : codec.encode(value);
  }
}
