package io.outlay.serde;

import io.outlay.schema.CostRecord;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.UsageEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link CostRecord} as the bytes of its rating followed by the event's own bytes: Avro
 * nests by concatenation and the event is the record's last field, so it need not be encoded again.
 * For one thread.
 */
public final class CostRecordEncoder {
  private static final int NULL_INDEX =
      SpecificData.get()
          .resolveUnion(CostRecord.getClassSchema().getField("avoidedCostPico").schema(), null);

  private final int schemaId;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
  private BinaryEncoder encoder;

  /**
   * @param codec codec of the topic that the records go to
   * @throws IllegalStateException if the schema no longer has the shape that this class writes
   */
  public CostRecordEncoder(AvroCodec<CostRecord> codec) {
    Schema schema = CostRecord.getClassSchema();
    Schema.Field last = schema.getFields().get(schema.getFields().size() - 1);
    if (!last.schema().equals(UsageEvent.getClassSchema()) || schema.getFields().size() != 12) {
      throw new IllegalStateException("CostRecord must have twelve fields and end with its usage");
    }
    this.schemaId = codec.schemaId();
  }

  /**
   * The record as bytes.
   *
   * @param usage a value of the usage topic, header included, written with the schema that {@link
   *     CostRecord} nests
   */
  public byte[] encode(Rating rating, byte[] usage) {
    out.reset();
    AvroCodec.writeHeader(out, schemaId);
    try {
      encoder = EncoderFactory.get().directBinaryEncoder(out, encoder);
      encoder.writeEnum(rating.status().ordinal());
      encoder.writeString(rating.reason());
      encoder.writeString(rating.priceId());
      encoder.writeInt(rating.priceVersion());
      encoder.writeLong(rating.costPico());
      encoder.writeLong(rating.listCostPico());
      writeNullable(rating.avoidedCostPico());
      writeNullable(rating.promptCacheSavedPico());
      writeNullable(rating.tierSavedPico());
      encoder.writeInt(rating.revision());
      encoder.writeLong(rating.ratedAtMicros());
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    out.write(usage, AvroCodec.HEADER_LENGTH, usage.length - AvroCodec.HEADER_LENGTH);
    return out.toByteArray();
  }

  private void writeNullable(@Nullable Long pico) throws IOException {
    if (pico == null) {
      encoder.writeIndex(NULL_INDEX);
      encoder.writeNull();
    } else {
      encoder.writeIndex(1 - NULL_INDEX);
      encoder.writeLong(pico);
    }
  }

  /**
   * Everything of a {@link CostRecord} but the event; amounts in pico-USD.
   *
   * @param avoidedCostPico null where it is unknown
   * @param promptCacheSavedPico null where it is unknown
   * @param tierSavedPico null where it is unknown
   */
  public record Rating(
      PricingStatus status,
      String reason,
      String priceId,
      int priceVersion,
      long costPico,
      long listCostPico,
      @Nullable Long avoidedCostPico,
      @Nullable Long promptCacheSavedPico,
      @Nullable Long tierSavedPico,
      int revision,
      long ratedAtMicros) {
    /** The same as another revision. */
    public Rating revised(int otherRevision, long otherRatedAtMicros) {
      return new Rating(
          status,
          reason,
          priceId,
          priceVersion,
          costPico,
          listCostPico,
          avoidedCostPico,
          promptCacheSavedPico,
          tierSavedPico,
          otherRevision,
          otherRatedAtMicros);
    }

    /** Whether both say the same, whenever and as whichever revision. */
    public boolean saysTheSame(Rating other) {
      return revised(0, 0).equals(other.revised(0, 0));
    }
  }
}
