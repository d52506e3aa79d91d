package io.outlay.streams.rating;

import io.outlay.streams.rating.ModelNames.Reading;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ModelNamesTest {
  @Test
  void theUsagesOwnWordsAreReadFirst() {
    assertThat(ModelNames.readings("openai", "gpt-4o-2024-08-06"))
        .containsExactly(
            new Reading("openai", "gpt-4o-2024-08-06", ""),
            new Reading("openai", "gpt-4o", "as a snapshot"),
            new Reading("openai", "gpt-4o-latest", "as a snapshot of the latest"));
  }

  @Test
  void listPricesOfOthersStandInLast() {
    assertThat(ModelNames.readings("litellm", "azure/gpt-4o"))
        .containsExactly(
            new Reading("litellm", "azure/gpt-4o", ""),
            new Reading("azure", "gpt-4o", "without azure/"),
            new Reading("openai", "gpt-4o", "without azure/, at openai", true));
  }

  @Test
  void whatOnlyLooksLikeADateIsNone() {
    for (String name :
        List.of(
            "m-2024-13-01", "m-20241301", "m-2024-00-10", "m-1234", "m-2024-08-32", "ada-002")) {
      assertThat(ModelNames.readings("openai", name)).as(name).hasSize(1);
    }
  }

  /** Strangers choose names; none may keep the rating busy. */
  @Test
  void aNameOfManyGatewaysHasFewReadings() {
    String hostile = "openai/".repeat(17) + "X-2026-01-01";

    assertThat(ModelNames.readings("Azure", hostile)).hasSizeLessThan(100);
    assertThat(ModelNames.readings("bedrock", "us.".repeat(40) + "-20260101-v1"))
        .hasSizeLessThan(100);
  }
}
