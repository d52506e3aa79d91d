package io.outlay.streams.reprice;

import io.outlay.schema.PricingStatus;
import io.outlay.schema.Repricing;
import io.outlay.schema.RepricingFilter;
import io.outlay.schema.RepricingState;
import io.outlay.schema.UsageEvent;
import io.outlay.streams.rating.PriceBook;
import io.outlay.streams.rating.Rater;
import io.outlay.streams.rollup.OpenWindows;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RepricerTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final PriceBook NO_PRICES = new PriceBook(List.of());

  private final FakeBooks books = new FakeBooks(ZoneOffset.UTC);
  private PriceBook book = NO_PRICES;
  private boolean leads = true;
  private final Repricer repricer =
      new Repricer(
          new Repricer.Setting(
              books,
              books,
              () -> book,
              () -> {
                books.opened++;
                return books;
              },
              books,
              new OpenWindows(Duration.ofDays(35)),
              List.of(),
              ZoneOffset.UTC,
              () -> leads,
              Clock.fixed(NOW, ZoneOffset.UTC)));

  @Test
  void givenPriceForUnpricedFacts_thenTheyAreRatedOnceTheBookIsSteady() throws Exception {
    hold("a", NO_PRICES);
    repricer.step();
    repricer.step();
    assertThat(books.written).isEmpty();

    book = RepricingRunTest.book(2);
    repricer.step();
    assertThat(books.written).as("the book has only just changed").isEmpty();
    repricer.step();

    assertThat(books.shown("a").status()).isEqualTo(PricingStatus.PRICED);
    assertThat(books.repricings.values())
        .singleElement()
        .satisfies(
            done -> {
              assertThat(done.getState()).isEqualTo(RepricingState.DONE);
              assertThat(done.getRequestedBy()).isEqualTo(Repricer.ITSELF);
              assertThat(done.getFilter().getUnpricedOnly()).isTrue();
            });
    assertThat(repricer.changed().sum()).isEqualTo(1);
  }

  @Test
  void givenUnpricedFactsThatNoPriceFits_thenNoRecordIsLeftAndTheyAreNotReadAgain()
      throws Exception {
    hold("a", NO_PRICES);
    for (int i = 0; i < 5; i++) {
      repricer.step();
    }

    assertThat(books.repricings).isEmpty();
    assertThat(books.opened).isEqualTo(1);
  }

  @Test
  void givenPricedFacts_thenANewPriceAloneChangesNothing() throws Exception {
    hold("a", RepricingRunTest.book(2));
    book = RepricingRunTest.book(3);
    repricer.step();
    repricer.step();

    assertThat(books.written).isEmpty();
    assertThat(books.opened).isZero();
  }

  @Test
  void givenRequests_thenTheyAreCarriedOutInTheirOrder() throws Exception {
    book = RepricingRunTest.book(3);
    hold("a", RepricingRunTest.book(2));
    Repricing first = repricer.request(team("search"), true, "ann", "look");
    Repricing second = repricer.request(team("search"), false, "bob", "do");

    repricer.step();
    assertThat(books.find(first.getId()).getState()).isEqualTo(RepricingState.DONE);
    assertThat(books.find(second.getId()).getState()).isEqualTo(RepricingState.REQUESTED);
    assertThat(books.written).isEmpty();
    repricer.step();
    assertThat(books.find(second.getId()).getState()).isEqualTo(RepricingState.DONE);
    assertThat(books.find(second.getId()).getReason()).isEqualTo("do");
    assertThat(books.written).hasSize(1);
  }

  @Test
  void givenAnotherInstanceLeads_thenNothingIsDone() throws Exception {
    leads = false;
    Repricing asked = repricer.request(team("search"), false, "ann", "");

    repricer.step();

    assertThat(books.find(asked.getId()).getState()).isEqualTo(RepricingState.REQUESTED);
    assertThat(books.opened).isZero();
  }

  @Test
  void givenStoreThatIsAway_thenTheRequestWaitsAndIsNotGivenUp() throws Exception {
    Repricing asked = repricer.request(team("search"), false, "ann", "");
    books.brokenStore = new StoreAwayException("ClickHouse: away", new IllegalStateException());
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(repricer::step).isInstanceOf(StoreAwayException.class);
    }

    books.brokenStore = null;
    repricer.step();

    assertThat(books.find(asked.getId()).getState()).isEqualTo(RepricingState.DONE);
  }

  @Test
  void givenDefect_thenTheRequestIsGivenUpAfterThreeTriesAndTheNextOneIsReached() throws Exception {
    Repricing asked = repricer.request(team("search"), false, "ann", "");
    Repricing next = repricer.request(team("ads"), false, "ann", "");
    books.brokenStore = new IllegalStateException("type: must be that of an event, was x");
    assertThatThrownBy(repricer::step).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(repricer::step).isInstanceOf(IllegalStateException.class);
    repricer.step();

    assertThat(books.find(asked.getId()).getState()).isEqualTo(RepricingState.FAILED);
    assertThat(books.find(asked.getId()).getError())
        .isEqualTo("type: must be that of an event, was x");
    books.brokenStore = null;
    repricer.step();
    assertThat(books.find(next.getId()).getState()).isEqualTo(RepricingState.DONE);
  }

  private void hold(String id, PriceBook ratedBy) {
    UsageEvent event = RepricingRunTest.event(id, NOW, 1_000);
    books.hold(event, new Rater(ratedBy).rate(event, 0));
  }

  private static RepricingFilter team(String team) {
    return RepricingFilter.newBuilder().setTeam(team).build();
  }
}
