package io.outlay.streams.http;

import io.outlay.schema.DeadLetterReason;
import io.outlay.streams.replay.ReplayRequest;
import io.outlay.topic.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ReplayQueryTest {
  @Test
  void givenNoParameters_thenEveryLetterOfUsageIsAskedForInEarnest() {
    assertThat(ReplayQuery.request(Map.of()))
        .isEqualTo(new ReplayRequest(Topics.USAGE, Set.of(), null, null, null, false, "", ""));
  }

  @Test
  void givenAllParameters_thenTheyAreRead() {
    assertThat(
            ReplayQuery.request(
                Map.of(
                    "topic", List.of("costs"),
                    "reason", List.of("wrong_key, invalid", "too_late"),
                    "source", List.of("checkout"),
                    "from", List.of("2026-11-20"),
                    "to", List.of("2026-11-21T02:00:00Z"),
                    "dryRun", List.of("true"),
                    "by", List.of("ada"),
                    "why", List.of("keys mended"))))
        .isEqualTo(
            new ReplayRequest(
                Topics.COSTS,
                Set.of(
                    DeadLetterReason.WRONG_KEY,
                    DeadLetterReason.INVALID,
                    DeadLetterReason.TOO_LATE),
                "checkout",
                Instant.parse("2026-11-20T00:00:00Z"),
                Instant.parse("2026-11-21T02:00:00Z"),
                true,
                "ada",
                "keys mended"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reason|poison|reason: must be one of [unreadable, invalid, wrong_key, too_late,"
            + " cost_out_of_range], was poison",
        "reason|wrong_key,|reason: must be one of [unreadable, invalid, wrong_key, too_late,"
            + " cost_out_of_range], was ",
        "topic|rollups|topic: must be one of [usage, costs], was rollups",
        "from|yesterday|from: must be a date or an instant such as 2026-11-21T02:00:00Z, was"
            + " yesterday",
        "dryRun|yes|dryRun: must be true or false, was yes",
        "resaon|invalid|resaon: is not a parameter here; those are [by, dryRun, from, reason,"
            + " source, to, topic, why]",
      })
  void whatIsWrongIsNamed(String parameter, String value, String error) {
    assertThatThrownBy(() -> ReplayQuery.request(Map.of(parameter, List.of(value))))
        .isInstanceOf(WrongRequestException.class)
        .hasMessage(error.endsWith("was") ? error + " " : error);
  }

  @Test
  void whatContradictsItselfOrIsTooLongIsNamed() {
    assertThatThrownBy(
            () ->
                ReplayQuery.request(
                    Map.of("from", List.of("2026-11-21"), "to", List.of("2026-11-21"))))
        .hasMessage("from: must be before to (2026-11-21T00:00:00Z), was 2026-11-21T00:00:00Z");
    assertThatThrownBy(() -> ReplayQuery.request(Map.of("by", List.of("x".repeat(257)))))
        .hasMessage("by: must have at most 256 characters, had 257");
    assertThatThrownBy(() -> ReplayQuery.request(Map.of("source", List.of("a", "b"))))
        .hasMessage("source: is given twice");
  }
}
