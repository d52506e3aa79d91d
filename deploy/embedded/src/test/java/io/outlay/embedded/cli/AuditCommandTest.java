package io.outlay.embedded.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class AuditCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void givenBooksThatBalance_whenShown_thenBothSidesStandBesideEachOther() throws IOException {
    assertThat(lines("balanced", "5.5", "5.5", "0.0", "balanced", 0, 0, ""))
        .containsExactly(
            "EQUATION  OF                    LEFT  RIGHT  DIFFERENCE  STATUS",
            "costs     ledger = usage_costs                           balanced",
            "            cost                 5.5    5.5",
            "",
            "The books balance.");
  }

  @Test
  void givenADifference_whenShown_thenTheCellAndTheWayOutAreNamed() throws IOException {
    String cell =
        """
        {"place": {"window": "minute", "start": "2026-11-20T12:00:00Z", "team": "search", "model": "gpt",
         "feature": "rank"}, "what": "cost", "left": "2", "right": "1", "difference": "-1", "status": "differs"}
        """;

    List<String> lines = lines("differs", "2", "1", "-1", "differs", 30, 2, cell);

    assertThat(lines.get(2)).endsWith("2      1          -1  differs");
    assertThat(lines).contains("costs, the first 1 of 32:");
    assertThat(lines)
        .contains(
            "  minute  2026-11-20T12:00:00Z  search  gpt    rank     cost       2            1"
                + "          -1  differs");
    assertThat(lines.get(lines.size() - 1))
        .isEqualTo(
            "The books do not balance: 30 differences in costs. See docs/operation.md, Audit.");
  }

  @Test
  void givenWhatDidNotSettle_whenShown_thenThatIsSaidInItsOwnWords() throws IOException {
    List<String> lines = lines("unsettled", "2", "1", "-1", "unsettled", 0, 1, "");

    assertThat(lines.get(lines.size() - 1))
        .startsWith("Nothing is known to be wrong, but not everything came to rest: costs.");
  }

  @Test
  void givenTraffic_whenALineLiesBetween_thenTheWordIsExplained() throws IOException {
    List<String> lines = lines("balanced", "2", "3", "1", "between", 0, 0, "");

    assertThat(lines.get(2)).endsWith("between");
    assertThat(lines.get(lines.size() - 2)).startsWith("\"between\": traffic flowed;");
    assertThat(lines.get(lines.size() - 1)).isEqualTo("The books balance.");
  }

  private static List<String> lines(
      String status,
      String left,
      String right,
      String difference,
      String lineStatus,
      int differences,
      int unsettled,
      String cells)
      throws IOException {
    return AuditCommand.lines(
        JSON.readTree(
            """
            {"status": "%s", "equations": [{"name": "costs", "left": "ledger", "right": "usage_costs",
              "status": "%s", "differences": %d, "unsettled": %d,
              "lines": [{"what": "cost", "left": "%s", "right": "%s", "difference": "%s", "status": "%s"}],
              "cells": [%s]}]}
            """
                .formatted(
                    status,
                    status,
                    differences,
                    unsettled,
                    left,
                    right,
                    difference,
                    lineStatus,
                    cells)));
  }
}
