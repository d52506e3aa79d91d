package io.outlay.serde;

import io.outlay.schema.CostRecord;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.RandomRecords;
import io.outlay.schema.UsageEvent;
import io.outlay.serde.CostRecordEncoder.Rating;
import io.outlay.topic.Topics;
import io.outlay.usage.EventType;
import io.outlay.usage.SampleEvents;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class CostRecordEncoderTest {
  private final FakeSchemaRegistry registry = new FakeSchemaRegistry();
  private final AvroCodec<UsageEvent> usage = AvroCodec.of(Topics.USAGE, "outlay.", registry);
  private final AvroCodec<CostRecord> costs = AvroCodec.of(Topics.COSTS, "outlay.", registry);
  private final CostRecordEncoder encoder = new CostRecordEncoder(costs);

  @ParameterizedTest
  @EnumSource
  void theBytesAreThoseOfTheWholeRecordForEveryTypeOfEvent(EventType type) {
    for (PricingStatus status : PricingStatus.values()) {
      sameBytes(
          new CostRecord(
              status,
              "no price for x",
              "openai/o3",
              3,
              -7L,
              1L << 50,
              null,
              8L,
              null,
              2,
              5L,
              event(type)));
      sameBytes(
          new CostRecord(status, "", "", 0, 0L, 0L, -12L, null, -9L, 1, 1L << 60, event(type)));
    }
  }

  @Property(tries = 1_000)
  void theBytesAreThoseOfTheWholeRecordForAnyContents(@ForAll long seed) {
    sameBytes(new RandomRecords(seed).next(CostRecord.class));
  }

  /** The encoder writes these by hand, in this order. */
  @Test
  void theFieldsThatTheEncoderWritesAreThoseOfTheSchema() {
    assertThat(CostRecord.getClassSchema().getFields())
        .extracting(field -> field.name() + " " + type(field.schema()))
        .as("CostRecord has changed: change CostRecordEncoder with it")
        .containsExactly(
            "pricingStatus ENUM",
            "reason STRING",
            "priceId STRING",
            "priceVersion INT",
            "costPico LONG",
            "listCostPico LONG",
            "avoidedCostPico NULL|LONG",
            "promptCacheSavedPico NULL|LONG",
            "tierSavedPico NULL|LONG",
            "revision INT",
            "ratedAtMicros LONG",
            "usage RECORD");
  }

  private void sameBytes(CostRecord record) {
    Rating rating =
        new Rating(
            record.getPricingStatus(),
            record.getReason(),
            record.getPriceId(),
            record.getPriceVersion(),
            record.getCostPico(),
            record.getListCostPico(),
            record.getAvoidedCostPico(),
            record.getPromptCacheSavedPico(),
            record.getTierSavedPico(),
            record.getRevision(),
            record.getRatedAtMicros());

    byte[] bytes = encoder.encode(rating, usage.encode(record.getUsage()));

    assertThat(bytes).isEqualTo(costs.encode(record));
    assertThat(costs.decode(bytes)).isEqualTo(record);
  }

  private static UsageEvent event(EventType type) {
    return SampleEvents.of(type);
  }

  private static String type(Schema schema) {
    return schema.isUnion()
        ? String.join("|", schema.getTypes().stream().map(CostRecordEncoderTest::type).toList())
        : schema.getType().name();
  }
}
