package io.outlay.streams.topology;

import io.outlay.streams.rollup.RollupType;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.state.StoreBuilder;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CombineProcessorTest {
  private static final int LARGEST_SEGMENT = 16 << 20;

  @Test
  @SuppressWarnings("NullAway") // the stores do not depend on the settings
  void aCrashDoesNotHaveToReadEveryChangeOfASumAgain() {
    List<Map<String, String>> logged =
        new CombineProcessor.Supplier<>(
                null,
                null,
                RollupType.COSTS,
                null,
                null,
                CombineProcessor.ROLLUPS,
                CombineProcessor.HOOK,
                UsageTopology.ROLLUPS_SINK)
            .stores().stream()
                .filter(store -> store.name().equals(CombineProcessor.ROLLUPS))
                .map(StoreBuilder::logConfig)
                .toList();

    assertThat(logged).hasSize(1);
    assertThat(Integer.parseInt(logged.get(0).get("segment.bytes"))).isLessThan(LARGEST_SEGMENT);
    assertThat(Double.parseDouble(logged.get(0).get("min.cleanable.dirty.ratio"))).isLessThan(0.5);
  }
}
