package io.outlay.detector.spend;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SpendStoreTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
  private static final LocalDate TODAY = LocalDate.parse("2026-11-21");
  private static final Scope TEAM = Scope.of(Dimension.TEAM, "search");

  private final SpendStore store =
      new SpendStore(
          ZoneOffset.UTC, 9, Dimension.OF_CELLS.stream().map(Cut::of).collect(Collectors.toSet()));

  private void put(Cell cell, Instant hour, String usd) {
    store.put(cell, hour, new BigDecimal(usd), 1, hour, NOW);
  }

  private BigDecimal spent(Scope scope, LocalDate day) {
    return new BigDecimal(store.find(scope).orElseThrow().cost(day), 12);
  }

  @Test
  void givenUpsertsWhenReadThenTheLastHolds() {
    Cell cell = new Cell("search", "gpt", "rerank");
    put(cell, NOW, "1.5");
    put(cell, NOW, "2.000000000001");
    put(new Cell("search", "", ""), NOW, "1");

    assertThat(spent(TEAM, TODAY)).isEqualByComparingTo("3.000000000001");
    assertThat(spent(Scope.of(Dimension.MODEL, "gpt"), TODAY))
        .isEqualByComparingTo("2.000000000001");
  }

  @Test
  void givenEmptyModelAndFeatureWhenPutThenTheyAreNoScopes() {
    put(new Cell("search", "", ""), NOW, "1");

    assertThat(store.takeChanged()).containsExactly(TEAM);
    assertThat(store.takeChanged()).isEmpty();
  }

  @Test
  void givenTombstoneWhenRemovedThenTheHourIsGone() {
    Cell cell = new Cell("search", "gpt", "rerank");
    put(cell, NOW, "1.5");
    store.remove(cell, NOW, NOW);

    assertThat(spent(TEAM, TODAY)).isEqualByComparingTo("0");
  }

  @Test
  void givenOldHoursWhenADayPassesThenTheyAreDroppedButTheFirstSpendIsKnown() {
    Cell old = new Cell("search", "old", "");
    put(old, NOW.minus(Duration.ofDays(40)), "1");
    put(new Cell("search", "gpt", ""), NOW, "1");

    assertThat(store.cellCount()).isEqualTo(1);
    assertThat(store.find(TEAM).orElseThrow().daysOfHistory(TODAY)).isEqualTo(40);
    assertThat(store.find(TEAM).orElseThrow().cells()).hasSize(1);

    put(old, NOW.minus(Duration.ofDays(39)), "1");
    assertThat(store.cellCount()).isEqualTo(1);
  }

  @Test
  void givenEventFarAheadOfTheClockWhenPutThenNowStaysNearTheClock() {
    store.put(
        new Cell("search", "gpt", ""), NOW, BigDecimal.ONE, 1, NOW.plus(Duration.ofDays(400)), NOW);

    assertThat(store.latestEvent()).contains(NOW.plus(SpendStore.SKEW));
  }

  @Test
  void givenFreeUsageWhenAskedForHistoryThenItIsNone() {
    put(new Cell("search", "gpt", ""), NOW.minus(Duration.ofDays(5)), "0");

    assertThat(store.find(TEAM).orElseThrow().daysOfHistory(TODAY)).isZero();
  }
}
