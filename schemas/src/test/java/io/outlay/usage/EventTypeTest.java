package io.outlay.usage;

import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import java.util.Arrays;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class EventTypeTest {
  @Test
  void theNamesThatPublishersWriteStay() {
    assertThat(EventType.values())
        .extracting(EventType::cloudEventType)
        .containsExactly(
            "io.outlay.llm.usage",
            "io.outlay.gpu.usage",
            "io.outlay.compute.usage",
            "io.outlay.cache.lookup",
            "io.outlay.storage.move",
            "io.outlay.storage.usage",
            "io.outlay.network.transfer",
            "io.outlay.quality.score",
            "io.outlay.cost.direct");
  }

  @ParameterizedTest
  @EnumSource
  void aTypeIsFoundByItsNameAndByItsDetail(EventType type) {
    assertThat(EventType.ofCloudEventType(type.cloudEventType())).isEqualTo(type);
    assertThat(EventType.ofDetail(SampleEvents.detail(type))).isEqualTo(type);
  }

  @Test
  void everyBranchOfTheSchemaHasItsType() {
    Schema union = UsageEvent.getClassSchema().getField("detail").schema();

    assertThat(union.getTypes())
        .extracting(Schema::getName)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(EventType.values())
                .map(type -> SampleEvents.detail(type).getClass().getSimpleName())
                .toList());
  }

  @Test
  void anUnknownNameIsNoType() {
    assertThat(EventType.ofCloudEventType("io.outlay.llm.Usage")).isNull();
    assertThat(EventType.ofCloudEventType("")).isNull();
  }

  @Test
  void whatIsNoDetailIsRefused() {
    assertThatThrownBy(() -> EventType.ofDetail(new TokenCounts()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("TokenCounts");
  }
}
