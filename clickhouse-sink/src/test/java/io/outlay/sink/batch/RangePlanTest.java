package io.outlay.sink.batch;

import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class RangePlanTest {
  private static final Uuid TOPIC = Uuid.fromString("AAAAAAAAAAAAAAAAAAAAKg");

  @Test
  void givenAPlan_whenItsMetadataIsRead_thenItIsTheSame() {
    RangePlan plan = new RangePlan(TOPIC, 1234);

    assertThat(plan.toMetadata()).isEqualTo("outlay-sink/1 AAAAAAAAAAAAAAAAAAAAKg 1234");
    assertThat(RangePlan.ofMetadata(plan.toMetadata(), TOPIC, 1000)).contains(plan);
  }

  @Test
  void givenAPlanOfATopicThatWasDeleted_whenRead_thenThereIsNone() {
    assertThat(RangePlan.ofMetadata(new RangePlan(TOPIC, 1234).toMetadata(), Uuid.ONE_UUID, 1000))
        .isEmpty();
  }

  @Test
  void givenAPlanThatEndsBeforeItStarts_whenRead_thenThereIsNone() {
    assertThat(RangePlan.ofMetadata(new RangePlan(TOPIC, 1000).toMetadata(), TOPIC, 1000))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "somebody else's",
        "outlay-sink/1 AAAAAAAAAAAAAAAAAAAAKg",
        "outlay-sink/1 AAAAAAAAAAAAAAAAAAAAKg -5",
        "outlay-sink/1 AAAAAAAAAAAAAAAAAAAAKg 12 34",
        "outlay-sink/2 AAAAAAAAAAAAAAAAAAAAKg 1234",
      })
  void givenOtherMetadata_whenRead_thenThereIsNone(String metadata) {
    assertThat(RangePlan.ofMetadata(metadata, TOPIC, 0)).isEmpty();
  }
}
