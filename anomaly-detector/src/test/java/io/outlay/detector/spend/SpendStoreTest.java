package io.outlay.detector.spend;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Set;
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

  private static final Cell CELL = new Cell("search", "gpt", "rerank");
  private static final Scope ACME = Scope.of(new Dimension("customer"), "acme");

  private final SpendStore signals =
      new SpendStore(
          ZoneOffset.UTC,
          1,
          Set.of(Cut.of(Dimension.TEAM), ACME.cut()),
          new Needs(
              3,
              Set.of(Signal.EVENTS, Signal.GPU_IDLE_PICO_USD),
              30,
              Set.of(Signal.EVENTS, Signal.ERRORS)),
          Duration.ofHours(1));

  private static Sums sums(String usd, long events, long errors, Instant last) {
    return Sums.of(new BigDecimal(usd), last)
        .count(Signal.EVENTS, events)
        .count(Signal.ERRORS, errors)
        .gpuIdle(new BigDecimal(usd))
        .build();
  }

  private static Instant minute(int minutes) {
    return NOW.plus(Duration.ofMinutes(minutes));
  }

  private void minute(int minutes, long events) {
    Instant at = minute(minutes);
    signals.putMinute(CELL, at, sums("1", events, 1, at), at);
  }

  private long events(Instant from, Instant to) {
    return signals.find(TEAM).orElseThrow().count(Signal.EVENTS, Stretch.ofMinutes(from, to));
  }

  @Test
  void givenMinutesWhenReplacedThenTheLastHoldsInCellAndScope() {
    minute(0, 5);
    minute(1, 7);
    minute(0, 6);

    ScopeSpend team = signals.find(TEAM).orElseThrow();
    Stretch both = Stretch.ofMinutes(NOW, minute(2));
    assertThat(team.count(Signal.EVENTS, both)).isEqualTo(13);
    assertThat(team.count(Signal.ERRORS, both)).isEqualTo(2);
    assertThat(team.cost(both)).isEqualTo(new BigDecimal("2").movePointRight(12).toBigInteger());
    assertThat(team.cells().iterator().next().count(Signal.EVENTS, both)).isEqualTo(13);
    assertThat(events(minute(1), minute(2))).isEqualTo(7);
  }

  @Test
  void givenMinutesThatNobodyNeedsAnyMoreWhenTheyComeThenTheyAreNotTaken() {
    minute(0, 5);
    minute(100, 7);
    signals.putMinute(CELL, minute(1), sums("1", 9, 0, minute(1)), minute(100));
    // Within the grace
    signals.putMinute(CELL, minute(66), sums("1", 2, 0, minute(66)), minute(100));

    assertThat(events(minute(0), minute(60))).isZero();
    assertThat(events(minute(60), minute(101))).isEqualTo(9);
    assertThat(signals.wantsMinute(minute(64), minute(100))).isFalse();
    assertThat(signals.wantsMinute(minute(65), minute(100))).isTrue();
    assertThat(signals.wantsMinute(minute(65), minute(160))).isFalse();
    assertThat(store.wantsMinute(minute(100), minute(100))).isFalse();
  }

  @Test
  void givenMinuteThatWasDroppedWhenPutAgainThenItDoesNotCountTwice() {
    minute(0, 5);
    for (int later = 1; later <= 300; later++) {
      minute(later, 1);
      signals.putMinute(new Cell("search", "other", ""), NOW, sums("1", 5, 0, NOW), minute(later));
    }

    assertThat(events(minute(270), minute(301))).isEqualTo(31);
    assertThat(events(NOW, minute(250))).isZero();
  }

  @Test
  void givenMinutesAheadOfTheClockWhenItComesToThemThenTheyCount() {
    minute(0, 5);
    signals.putMinute(CELL, minute(10), sums("1", 7, 0, minute(10)), NOW);
    signals.putMinute(CELL, minute(600), sums("1", 9, 0, minute(600)), NOW);
    assertThat(signals.latestEvent()).contains(NOW.plus(SpendStore.SKEW));

    minute(11, 1);
    assertThat(events(NOW, minute(12))).isEqualTo(13);
  }

  @Test
  void givenSignalsThatNobodyNeedsWhenPutThenTheyAreNotKept() {
    signals.putHour(CELL, NOW, sums("1", 5, 3, NOW), NOW);
    ScopeSpend team = signals.find(TEAM).orElseThrow();
    Stretch hour = Stretch.ofHours(ZoneOffset.UTC, NOW, minute(60));

    assertThat(team.count(Signal.EVENTS, hour)).isEqualTo(5);
    assertThat(team.count(Signal.ERRORS, hour)).isZero();
    assertThat(team.gpuIdle(hour)).isEqualTo(new BigDecimal("1").movePointRight(12).toBigInteger());
    assertThat(team.lastEvent()).isEqualTo(NOW);

    signals.remove(CELL, NOW, NOW);
    assertThat(team.count(Signal.EVENTS, hour)).isZero();
    assertThat(team.gpuIdle(hour)).isZero();
  }

  @Test
  void givenScopeThatCellsDoNotKnowWhenPutThenItIsKeptByItself() {
    signals.putHour(ACME, NOW, sums("1", 5, 0, NOW), NOW);
    signals.putHour(ACME, NOW, sums("3", 6, 0, NOW), NOW);
    signals.putMinute(ACME, NOW, sums("3", 6, 2, NOW), NOW);
    signals.putHour(Scope.of(new Dimension("region"), "eu"), NOW, sums("1", 5, 0, NOW), NOW);

    ScopeSpend acme = signals.find(ACME).orElseThrow();
    assertThat(acme.cost(TODAY)).isEqualTo(new BigDecimal("3").movePointRight(12).toBigInteger());
    assertThat(acme.count(Signal.EVENTS, Stretch.ofHours(ZoneOffset.UTC, NOW, minute(1))))
        .isEqualTo(6);
    assertThat(acme.count(Signal.ERRORS, Stretch.ofMinutes(NOW, minute(1)))).isEqualTo(2);
    assertThat(acme.cells()).isEmpty();
    assertThat(signals.scopeCount()).isEqualTo(1);
    assertThat(signals.takeChanged()).containsExactly(ACME);

    signals.remove(ACME, NOW, NOW);
    assertThat(acme.cost(TODAY)).isZero();
  }

  @Test
  void givenPausesOfAllUsageWhenAskedThenTheLatestOfThatLengthIsKnown() {
    minute(0, 1);
    minute(1, 1);
    minute(31, 1);
    minute(36, 1);
    minute(37, 1);
    Progress progress = signals.find(TEAM).orElseThrow().progress();

    assertThat(progress.steadySince(Duration.ofMinutes(5))).contains(minute(36));
    assertThat(progress.steadySince(Duration.ofMinutes(6))).contains(minute(31));
    assertThat(progress.steadySince(Duration.ofMinutes(31))).contains(NOW);
  }

  @Test
  void givenHoursOfThePastWhenReadThenTheyAreNoPauses() {
    signals.loading(true);
    for (int hour = 0; hour < 5; hour++) {
      Instant start = NOW.plus(Duration.ofHours(hour));
      Instant last = start.plus(Duration.ofMinutes(59));
      signals.putHour(CELL, start, sums("1", 5, 0, last), last);
    }
    signals.loading(false);
    Progress progress = signals.find(TEAM).orElseThrow().progress();
    assertThat(progress.steadySince(Duration.ofMinutes(30))).contains(minute(59));

    minute(340, 1);
    assertThat(progress.steadySince(Duration.ofMinutes(30))).contains(minute(340));
  }
}
