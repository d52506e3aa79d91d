package io.outlay.detector.incident;

import io.outlay.detector.rule.Comparison;
import io.outlay.detector.rule.Explanation;
import io.outlay.detector.rule.Explanation.Delta;
import io.outlay.detector.rule.Explanation.Drivers;
import io.outlay.detector.rule.Metric;
import io.outlay.detector.rule.Severity;
import io.outlay.detector.rule.Verdict;
import io.outlay.detector.spend.Cell;
import io.outlay.detector.spend.Cut;
import io.outlay.detector.spend.Dimension;
import io.outlay.detector.spend.Scope;
import io.outlay.detector.spend.Window;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class GroupingTest {
  private static final List<Cut> CUTS = Dimension.OF_CELLS.stream().map(Cut::of).toList();
  private static final Cell RERANK = new Cell("search", "gpt", "rerank");
  private static final Cell CHAT = new Cell("docs", "gpt", "chat");

  /** A scope whose calls fail, which is no money. */
  private static Candidate failing(Scope scope, Delta... deltas) {
    Comparison comparison =
        new Comparison(
            scope,
            Window.ofDay(LocalDate.parse("2026-11-21"), ZoneOffset.UTC),
            Instant.parse("2026-11-21T12:00:00Z"),
            Metric.ERROR_RATE,
            new BigDecimal("0.1"),
            new BigDecimal("0.05"),
            BigDecimal.ZERO,
            BigDecimal.ONE,
            BigDecimal.ONE,
            BigDecimal.ONE);
    return new Candidate(
        new Verdict.Exceeded(comparison, true, Severity.WARNING, List.of()),
        new Explanation(List.of(deltas), List.of(), Drivers.NONE));
  }

  private static Delta failed(Cell cell, int calls) {
    return new Delta(cell, BigDecimal.valueOf(calls));
  }

  @Test
  void givenFailuresOfOneCellWhenGroupedThenTheirTeamStandsForThem() {
    Candidate team = failing(Scope.of(Dimension.TEAM, "search"), failed(RERANK, 100));
    Candidate model =
        failing(Scope.of(Dimension.MODEL, "gpt"), failed(RERANK, 100), failed(CHAT, -5));
    Candidate feature = failing(Scope.of(Dimension.FEATURE, "rerank"), failed(RERANK, 100));

    Grouping grouping = Grouping.of(List.of(feature, model, team), CUTS, List.of());
    assertThat(grouping.pages()).containsOnlyKeys(team);
    assertThat(grouping.pages().get(team)).containsExactly(feature, model);
  }

  @Test
  void givenAModelThatFailsMostlyElsewhereWhenGroupedThenItStandsForItself() {
    Candidate team = failing(Scope.of(Dimension.TEAM, "search"), failed(RERANK, 40));
    Candidate model =
        failing(Scope.of(Dimension.MODEL, "gpt"), failed(RERANK, 40), failed(CHAT, 60));

    Grouping grouping =
        Grouping.of(List.of(model), CUTS, List.of(Scope.of(Dimension.TEAM, "search")));
    assertThat(grouping.pages()).containsOnlyKeys(model);
    assertThat(Grouping.of(List.of(team, model), CUTS, List.of()).pages()).containsOnlyKeys(model);
  }
}
