package io.outlay.collectors.ingest;

import io.outlay.schema.UsageEvent;
import io.outlay.serde.AvroCodec;
import io.outlay.serde.SchemaRegistry;
import io.outlay.topic.Topics;
import org.apache.avro.Schema;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What the tests of this package share. */
final class Fixtures {
  static final AvroCodec<UsageEvent> CODEC =
      AvroCodec.of(
          Topics.USAGE,
          Topics.DEFAULT_PREFIX,
          new SchemaRegistry() {
            @Override
            public int register(String subject, Schema schema) {
              return 7;
            }

            @Override
            public Schema byId(int id) {
              throw new UnsupportedOperationException("one schema only");
            }
          });

  private Fixtures() {}

  static MockProducer<byte[], byte[]> producer(boolean acknowledging) {
    return new MockProducer<>(
        acknowledging, null, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static String event(String id, int output) {
    return """
        {"specversion":"1.0","id":"%s","source":"test","type":"io.outlay.llm.usage",
         "data":{"team":"search","provider":"openai","model":"gpt-4o","tokens":{"output":%d}}}"""
        .formatted(id, output);
  }
}
