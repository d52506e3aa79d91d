package io.outlay.streams.reprice;

import io.outlay.money.Money;
import io.outlay.schema.CostRollup;
import io.outlay.schema.Meter;
import io.outlay.schema.Price;
import io.outlay.schema.PriceKind;
import io.outlay.schema.PricingStatus;
import io.outlay.schema.Rate;
import io.outlay.schema.RateCard;
import io.outlay.schema.Repricing;
import io.outlay.schema.RepricingFilter;
import io.outlay.schema.RepricingState;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.ScopeRollup;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.streams.TestEvents;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.rating.Rater;
import io.outlay.streams.rollup.OpenWindows;
import io.outlay.usage.Cut;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RepricingRunTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final int FACTS = 10;

  private final FakeBooks books = new FakeBooks(BERLIN);

  @Test
  void givenFactsThatWouldCostTheSame_thenNothingIsWritten() throws Exception {
    hold("a", NOW, book(2));

    Repricing done = run(job(), book(2), false);

    assertThat(done.getFactsRead()).isEqualTo(1);
    assertThat(done.getFactsChanged()).isZero();
    assertThat(books.writes).isZero();
  }

  @Test
  void givenOnlyTheVersionOfThePriceDiffers_thenTheFactNamesTheNewOne() throws Exception {
    hold("a", NOW, book(2));

    run(job(), book(2, 7), true);
    books.await();

    assertThat(books.shown("a").priceVersion()).isEqualTo(7);
    assertThat(books.shown("a").revision()).isEqualTo(2);
  }

  @Test
  void givenNewPrice_thenFactDeltaAndRecordGoTogether() throws Exception {
    hold("a", NOW, new PriceBook(List.of()));

    Repricing done = run(job(), book(2), true);

    assertThat(books.steps)
        .containsSubsequence("await", "read 2026-11-21", "write 1/1/0", "await", "write 0/0/0");
    Fact fact = books.written.get(0);
    assertThat(fact.rating().status()).isEqualTo(PricingStatus.PRICED);
    assertThat(fact.rating().revision()).isEqualTo(2);
    assertThat(fact.rating().costPico()).isEqualTo(2_000_000_000L);
    CostRollup delta = books.deltas.get(0);
    assertThat(delta.getWindow()).isEqualTo(RollupWindow.MINUTE);
    assertThat(delta.getEvents()).isZero();
    assertThat(delta.getRequests()).isZero();
    assertThat(delta.getInputTokens()).isZero();
    assertThat(delta.getUnpricedEvents()).isEqualTo(-1);
    assertThat(delta.getCost()).isEqualByComparingTo("0.002");
    assertThat(done.getState()).isEqualTo(RepricingState.DONE);
    assertThat(done.getFactsChanged()).isEqualTo(1);
    assertThat(done.getUnpricedBefore()).isEqualTo(1);
    assertThat(done.getUnpricedAfter()).isZero();
    assertThat(done.getOldCost()).isEqualByComparingTo("0");
    assertThat(done.getNewCost()).isEqualByComparingTo("0.002");
    assertThat(done.getShares())
        .singleElement()
        .satisfies(
            share -> {
              assertThat(share.getTeam()).isEqualTo("search");
              assertThat(share.getModel()).isEqualTo("frontier");
              assertThat(share.getNewCost()).isEqualByComparingTo("0.002");
            });
    assertThat(books.repricings.get("job")).isEqualTo(done);
  }

  @Test
  void givenPriceThatWasTakenAway_thenTheFactIsUnpricedAgain() throws Exception {
    hold("a", NOW, book(2));

    Repricing done = run(job(), new PriceBook(List.of()), true);

    assertThat(done.getUnpricedAfter()).isEqualTo(1);
    assertThat(books.deltas.get(0).getUnpricedEvents()).isEqualTo(1);
    assertThat(books.deltas.get(0).getCost()).isEqualByComparingTo("-0.002");
  }

  @Test
  void givenDryRun_thenTheDifferenceIsToldAndNoFactWritten() throws Exception {
    hold("a", NOW, book(2));
    Repricing job = job();
    job.setDryRun(true);

    Repricing done = run(job, book(3), true);

    assertThat(done.getFactsChanged()).isEqualTo(1);
    assertThat(done.getNewCost().subtract(done.getOldCost())).isEqualByComparingTo("0.001");
    assertThat(books.written).isEmpty();
    assertThat(books.deltas).isEmpty();
  }

  @Test
  void givenCostOutOfRange_thenTheFactStaysAndTheRecordNamesIt() throws Exception {
    hold("a", NOW, book(2), 400_000_000_000L);
    hold("b", NOW, book(2));

    Repricing done = run(job(), book(4), true);

    assertThat(done.getFactsFailed()).isEqualTo(1);
    assertThat(done.getFactsChanged()).isEqualTo(1);
    assertThat(done.getError()).startsWith("checkout/a: ");
    assertThat(books.written).extracting(fact -> fact.usage().getId()).containsExactly("b");
  }

  @Test
  void givenDaysThatAreClosed_thenTheirRollupsAreSummedUpAnewOnceTheFactsHaveArrived()
      throws Exception {
    Instant old = NOW.minus(Duration.ofDays(60));
    hold("old", old, book(2));
    hold("new", NOW, book(2));
    CostRollup right =
        CostRollup.newBuilder()
            .setWindow(RollupWindow.DAY)
            .setWindowStartMicros(0L)
            .setTeam("search")
            .setModel("frontier")
            .setFeature("rerank")
            .setEvents(1L)
            .setUnpricedEvents(0L)
            .setCost(new BigDecimal("0.003000000000"))
            .setListCost(new BigDecimal("0.003000000000"))
            .setAvoidedCost(Money.toUsd(0))
            .setRequests(1L)
            .setInputTokens(1000L)
            .setOutputTokens(0L)
            .setRevision(5L)
            .setLastEventMicros(0L)
            .build();
    books.wrong.put(LocalDate.parse("2026-09-22"), List.of(right));
    ScopeRollup rightScope =
        ScopeRollup.newBuilder()
            .setWindow(RollupWindow.HOUR)
            .setWindowStartMicros(0L)
            .setScope(Map.of("customer", "acme"))
            .setEvents(1L)
            .setUnpricedEvents(0L)
            .setCost(new BigDecimal("0.003000000000"))
            .setListCost(new BigDecimal("0.003000000000"))
            .setAvoidedCost(Money.toUsd(0))
            .setRequests(1L)
            .setInputTokens(1000L)
            .setOutputTokens(0L)
            .setRevision(5L)
            .setLastEventMicros(0L)
            .build();
    books.wrongScopes.put(LocalDate.parse("2026-09-22"), List.of(rightScope));

    run(job(), book(3), true);

    assertThat(books.deltas).hasSize(1);
    assertThat(books.deltas.get(0).getWindowStartMicros()).isEqualTo(micros(NOW));
    assertThat(books.rollups).containsExactly(right);
    assertThat(books.scopeRollups).containsExactly(rightScope);
    assertThat(books.scopeDeltas)
        .extracting(ScopeRollup::getScope)
        .containsExactlyInAnyOrder(Map.of("customer", ""), Map.of("region", "", "team", "search"));
    assertThat(books.scopeDeltas)
        .allSatisfy(
            delta -> {
              assertThat(delta.getEvents()).isZero();
              assertThat(delta.getCost()).isEqualByComparingTo("0.001");
            });
    assertThat(books.steps)
        .containsSubsequence(
            "read 2026-09-22",
            "write 1/0/0",
            "read 2026-11-21",
            "write 1/1/0",
            "await",
            "rollups of 2026-09-22",
            "write 0/0/1",
            "await");
  }

  @Test
  void givenWindowsAtTheBound_thenADayIsClosedOnceNoEventCanReachIt() {
    OpenWindows windows = new OpenWindows(Duration.ofDays(35));
    long now = micros(NOW);
    // The longest day begins 25 hours before its last event.
    long firstDay = now - micros(Duration.ofDays(35)) - micros(Duration.ofHours(25));

    assertThat(windows.closedBefore(now)).isLessThan(firstDay);
    // What somebody saw open stays for at least a day.
    assertThat(windows.forgottenBefore(now + micros(Duration.ofHours(24))))
        .isLessThan(windows.closedBefore(now));
  }

  @ParameterizedTest
  @CsvSource({
    "1, true",
    "1, false",
    "2, true",
    "2, false",
    "3, true",
    "3, false",
    "4, true",
    "4, false",
    "5, true",
    "5, false",
    "6, true",
    "6, false"
  })
  void givenCrashAtAnyWrite_thenTheNextRunFinishesItAndNothingIsDoneTwice(
      int atWrite, boolean afterEffect) throws Exception {
    for (int i = 0; i < FACTS; i++) {
      hold("f-" + i, NOW.minus(Duration.ofDays(i % 2)), book(2));
    }
    books.failAtWrite = atWrite;
    books.failAfterEffect = afterEffect;
    assertThatThrownBy(() -> run(job(), book(5), true)).isInstanceOf(StoreAwayException.class);

    books.failAtWrite = Integer.MAX_VALUE;
    Repricing stored = books.find("job");
    Repricing done =
        run(stored == null ? job() : Repricing.newBuilder(stored).build(), book(5), true);

    books.await();
    for (int i = 0; i < FACTS; i++) {
      assertThat(books.shown("f-" + i).revision()).isEqualTo(2);
      assertThat(books.shown("f-" + i).costPico()).isEqualTo(5_000_000_000L);
    }
    assertThat(books.written).hasSize(FACTS);
    assertThat(books.deltas.stream().map(CostRollup::getCost).reduce(BigDecimal::add))
        .hasValueSatisfying(sum -> assertThat(sum).isEqualByComparingTo("0.03"));
    assertThat(done.getFactsChanged()).isEqualTo(FACTS);
    assertThat(done.getFactsTotal()).isEqualTo(FACTS);
    assertThat(done.getFactsRead()).isEqualTo(FACTS);
    assertThat(done.getOldCost()).isEqualByComparingTo("0.02");
    assertThat(done.getNewCost()).isEqualByComparingTo("0.05");

    Repricing again = run(job(), book(5), false);
    assertThat(again.getFactsChanged()).isZero();
    assertThat(books.written).hasSize(FACTS);
  }

  @Test
  void givenMoreTeamsAndModelsThanAreListed_thenTheRestIsOneShareAndTheSumsAgree()
      throws Exception {
    int teams = 2 * Differences.MAX_SHARES;
    for (int i = 0; i < teams; i++) {
      UsageEvent event = event("t-" + i, NOW, 1_000);
      event.setTeam("team-" + i);
      books.hold(event, new Rater(book(2)).rate(event, 0));
    }

    Repricing done = run(job(), book(3), true);

    assertThat(done.getShares()).hasSize(Differences.MAX_SHARES);
    assertThat(done.getShares().get(0).getTeam()).isEqualTo(Differences.OTHERS);
    assertThat(done.getShares().stream().mapToLong(share -> share.getFacts()).sum())
        .isEqualTo(teams);
  }

  private Repricing run(Repricing job, PriceBook book, boolean write) throws InterruptedException {
    return new RepricingRun(
            new RepricingRun.Setting(
                books,
                book,
                new OpenWindows(Duration.ofDays(35)),
                List.of(Cut.parse("customer"), Cut.parse("team+region")),
                BERLIN,
                books,
                books,
                2,
                Clock.fixed(NOW, BERLIN)),
            job,
            progress -> {})
        .run(write);
  }

  private void hold(String id, Instant time, PriceBook book) {
    hold(id, time, book, 1_000);
  }

  private void hold(String id, Instant time, PriceBook book, long tokens) {
    UsageEvent event = event(id, time, tokens);
    books.hold(event, new Rater(book).rate(event, 0));
  }

  static UsageEvent event(String id, Instant time, long tokens) {
    UsageEvent event =
        TestEvents.event(
            id,
            TestEvents.llm("acme", "frontier", TokenCounts.newBuilder().setInput(tokens).build()));
    event.setEventTimeMicros(micros(time));
    return event;
  }

  static PriceBook book(long usdPerMillion) {
    return book(usdPerMillion, 1);
  }

  private static PriceBook book(long usdPerMillion, int version) {
    return new PriceBook(
        List.of(
            Price.newBuilder()
                .setId("acme/frontier")
                .setVersion(version)
                .setKind(PriceKind.MODEL)
                .setProvider("acme")
                .setName("frontier")
                .setCards(
                    List.of(
                        RateCard.newBuilder()
                            .setRates(
                                List.of(
                                    new Rate(
                                        Meter.INPUT_TOKENS, usdPerMillion * Money.PICO_PER_USD)))
                            .build()))
                .build()));
  }

  static Repricing job() {
    return Repricing.newBuilder()
        .setId("job")
        .setState(RepricingState.REQUESTED)
        .setDryRun(false)
        .setFilter(RepricingFilter.newBuilder().build())
        .setRequestedBy("ann")
        .setReason("")
        .setRequestedAtMicros(micros(NOW))
        .setOldCost(Money.toUsd(0))
        .setNewCost(Money.toUsd(0))
        .setOldListCost(Money.toUsd(0))
        .setNewListCost(Money.toUsd(0))
        .setOldAvoidedCost(Money.toUsd(0))
        .setNewAvoidedCost(Money.toUsd(0))
        .setShares(List.of())
        .build();
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  private static long micros(Duration duration) {
    return duration.toMillis() * 1_000;
  }
}
