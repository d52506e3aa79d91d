package io.outlay.serde;

import io.outlay.schema.UsageEvent;
import io.outlay.topic.Topic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Turns values of one topic into bytes and back: a zero byte, the schema id in four bytes, big
 * endian, then the Avro binary encoding. Values written with another version of the schema are read
 * as the current one. Safe for concurrent use.
 *
 * @param <V> type of the values
 */
public final class AvroCodec<V extends SpecificRecord> {
  /** First byte of a value. */
  public static final byte MAGIC = 0;

  /** Bytes before the Avro body. */
  public static final int HEADER_LENGTH = 5;

  private static final ThreadLocal<Buffers> BUFFERS = ThreadLocal.withInitial(Buffers::new);

  static {
    // Avro makes only what it is told to trust. Told here, so that no program forgets to.
    String contracts = UsageEvent.class.getPackageName();
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), type -> type.getPackageName().equals(contracts)));
  }

  private final Class<V> type;
  private final Schema schema;
  private final SpecificData data;
  private final SpecificDatumWriter<V> writer;
  private final int schemaId;
  private final SchemaRegistry registry;
  private final Map<Integer, SpecificDatumReader<V>> readers = new ConcurrentHashMap<>();

  private AvroCodec(Class<V> type, int schemaId, SchemaRegistry registry) {
    this.type = type;
    this.data = SpecificData.getForClass(type);
    this.schema = data.getSchema(type);
    this.writer = new SpecificDatumWriter<>(schema, data);
    this.schemaId = schemaId;
    this.registry = registry;
  }

  /**
   * A codec for a topic; registers the schema of its values.
   *
   * @throws RegistryException if the registry is away or holds an incompatible schema
   */
  public static <V extends SpecificRecord> AvroCodec<V> of(
      Topic<V> topic, String prefix, SchemaRegistry registry) {
    Schema schema = SpecificData.getForClass(topic.valueType()).getSchema(topic.valueType());
    return new AvroCodec<>(
        topic.valueType(), registry.register(topic.subject(prefix), schema), registry);
  }

  /** Id of the schema that {@link #encode} writes. */
  public int schemaId() {
    return schemaId;
  }

  /** The value as bytes. */
  public byte[] encode(V value) {
    Buffers buffers = BUFFERS.get();
    ByteArrayOutputStream out = buffers.start(schemaId);
    try {
      buffers.encoder = EncoderFactory.get().directBinaryEncoder(out, buffers.encoder);
      writer.write(value, buffers.encoder);
      buffers.encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return out.toByteArray();
  }

  /**
   * The value of some bytes.
   *
   * @throws UnreadableRecordException if they are no value of a known, compatible schema
   * @throws RegistryException if the registry is needed and away
   */
  public V decode(byte[] bytes) {
    int writtenWith = schemaIdOf(bytes);
    SpecificDatumReader<V> reader = readers.get(writtenWith);
    if (reader == null) {
      reader = reader(writtenWith);
    }
    Buffers buffers = BUFFERS.get();
    V value;
    boolean whole;
    try {
      buffers.decoder =
          DecoderFactory.get()
              .binaryDecoder(bytes, HEADER_LENGTH, bytes.length - HEADER_LENGTH, buffers.decoder);
      value = reader.read(null, buffers.decoder);
      whole = buffers.decoder.isEnd();
    } catch (SecurityException e) {
      // Speaks of what Avro may make in this program, not of the bytes.
      throw e;
    } catch (IOException | RuntimeException e) {
      // Avro throws exceptions of many classes at broken bytes, not only its own.
      throw new UnreadableRecordException(
          "not a " + type.getSimpleName() + " of schema " + writtenWith + ": " + e, e);
    }
    if (!whole) {
      throw new UnreadableRecordException("bytes are left over after the " + type.getSimpleName());
    }
    return value;
  }

  /** Writes what stands before the Avro body. */
  static void writeHeader(ByteArrayOutputStream out, int schemaId) {
    out.write(MAGIC);
    out.write(schemaId >>> 24);
    out.write(schemaId >>> 16);
    out.write(schemaId >>> 8);
    out.write(schemaId);
  }

  /**
   * The schema id that a value names.
   *
   * @throws UnreadableRecordException if the bytes do not begin as a value does
   */
  public static int schemaIdOf(byte[] bytes) {
    if (bytes.length < HEADER_LENGTH) {
      throw new UnreadableRecordException(
          "a value has at least " + HEADER_LENGTH + " bytes, this one has " + bytes.length);
    }
    if (bytes[0] != MAGIC) {
      throw new UnreadableRecordException(
          "a value begins with byte 0, this one with " + Byte.toUnsignedInt(bytes[0]));
    }
    return ByteBuffer.wrap(bytes, 1, 4).getInt();
  }

  private SpecificDatumReader<V> reader(int writtenWith) {
    Schema written = writtenWith == schemaId ? schema : registry.byId(writtenWith);
    return readers.computeIfAbsent(
        writtenWith, id -> new SpecificDatumReader<>(written, schema, data));
  }

  /** Per thread: Avro's encoders and decoders are reusable but not shareable. */
  private static final class Buffers {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    private BinaryEncoder encoder;
    private BinaryDecoder decoder;

    ByteArrayOutputStream start(int schemaId) {
      out.reset();
      writeHeader(out, schemaId);
      return out;
    }
  }
}
