package io.outlay.detector.delivery;

import io.outlay.detector.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ReceiverQueueTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  private final MutableClock clock = new MutableClock(NOW);
  private final Queue<Outcome> answers = new ArrayDeque<>();
  private final List<Message> sent = new ArrayList<>();
  private final List<String> ledger = new ArrayList<>();
  private boolean ledgerIsAway;
  private final List<Message> toOthers = new ArrayList<>();
  private final DeliveryLog log = new DeliveryLog();
  private ReceiverQueue queue = queue(ReceiverPolicy.plain(retry()));

  private static RetryPolicy retry() {
    return RetryPolicy.standard(Duration.ofHours(1), () -> 0.5);
  }

  private ReceiverQueue queue(ReceiverPolicy policy) {
    ReceiverQueue made =
        new ReceiverQueue(
            "oncall",
            message -> {
              sent.add(message);
              return answers.isEmpty() ? new Outcome.Accepted(204) : answers.remove();
            },
            new Ledger(),
            policy,
            log,
            clock);
    made.handTo(toOthers::add);
    return made;
  }

  private final class Ledger implements DeliveryLedger {
    private final Set<String> owedToOthers = new HashSet<>();

    @Override
    public void delivered(Message message, int attempts, Instant at) {
      write("delivered " + message.id() + " " + attempts);
    }

    @Override
    public void failed(Message message, int attempts, String reason, Instant at) {
      write("failed " + message.id() + " " + attempts + " " + reason);
    }

    @Override
    public List<Message> handOver(Message message, String to, Instant at) {
      write("handed over " + message.id() + " to " + to);
      return owedToOthers.add(message.id())
          ? List.of(
              new Message(
                  message.group(),
                  to + "-" + message.id(),
                  to,
                  message.contentType(),
                  message.body(),
                  at))
          : List.of();
    }

    private void write(String entry) {
      if (ledgerIsAway) {
        throw new IllegalStateException("away");
      }
      ledger.add(entry);
    }
  }

  private static Message message(String group, String id) {
    return new Message(group, id, "oncall", "application/json", "{}", NOW);
  }

  private static Outcome failed() {
    return new Outcome.Failed(500, "answered 500", Duration.ZERO);
  }

  private void stepAll() throws InterruptedException {
    while (queue.step()) {
      assertThat(sent.size()).isLessThan(1_000);
    }
  }

  @Test
  void givenAcceptedWhenSentThenRecordedOnce() throws InterruptedException {
    queue.enqueue(message("a", "m1"));
    stepAll();

    assertThat(ledger).containsExactly("delivered m1 1");
    assertThat(queue.pending()).isZero();
  }

  @Test
  void givenFailuresWhenTimePassesThenTriedAgainWithTheSameMessage() throws InterruptedException {
    answers.addAll(List.of(failed(), failed(), failed()));
    queue.enqueue(message("a", "m1"));
    stepAll();
    assertThat(sent).hasSize(1);

    clock.advance(Duration.ofMillis(999));
    stepAll();
    assertThat(sent).hasSize(1);
    clock.advance(Duration.ofMillis(1));
    stepAll();
    assertThat(sent).hasSize(2);
    clock.advance(Duration.ofSeconds(2));
    stepAll();
    clock.advance(Duration.ofSeconds(4));
    stepAll();

    assertThat(sent).hasSize(4).containsOnly(message("a", "m1"));
    assertThat(ledger).containsExactly("delivered m1 4");
  }

  @Test
  void givenRetryAfterWhenFailedThenNotBefore() throws InterruptedException {
    answers.add(new Outcome.Failed(429, "answered 429", Duration.ofSeconds(90)));
    queue.enqueue(message("a", "m1"));
    stepAll();
    clock.advance(Duration.ofSeconds(89));
    stepAll();
    assertThat(sent).hasSize(1);
    clock.advance(Duration.ofSeconds(1));
    stepAll();
    assertThat(ledger).containsExactly("delivered m1 2");
  }

  @Test
  void givenAlwaysFailingWhenAnHourHasPassedThenGivenUp() throws InterruptedException {
    for (int i = 0; i < 200; i++) {
      answers.add(failed());
    }
    queue.enqueue(message("a", "m1"));
    for (int minute = 0; minute < 120; minute++) {
      stepAll();
      clock.advance(Duration.ofMinutes(1));
    }

    assertThat(ledger).hasSize(1);
    assertThat(ledger.get(0)).startsWith("failed m1").contains("answered 500");
    assertThat(sent).hasSizeBetween(55, 61);
    assertThat(queue.failed()).isEqualTo(1);
  }

  @Test
  void givenOldMessageWhenStartedAnewThenTriedAtLeastOnce() throws InterruptedException {
    clock.advance(Duration.ofHours(5));
    queue.enqueue(message("a", "m1"));
    stepAll();

    assertThat(ledger).containsExactly("delivered m1 1");
  }

  @Test
  void givenOpeningFailsWhenResolvedThenTheResolutionWaitsAndOtherGroupsDoNot()
      throws InterruptedException {
    answers.add(failed());
    queue.enqueue(message("a", "opened"));
    queue.enqueue(message("a", "resolved"));
    queue.enqueue(message("b", "other"));
    stepAll();
    assertThat(sent).extracting(Message::id).containsExactly("opened", "other");

    clock.advance(Duration.ofSeconds(1));
    stepAll();
    assertThat(sent)
        .extracting(Message::id)
        .containsExactly("opened", "other", "opened", "resolved");
  }

  @Test
  void givenGoneWhenMoreComesThenNothingIsSentAnyMore() throws InterruptedException {
    answers.add(new Outcome.Gone());
    queue.enqueue(message("a", "m1"));
    queue.enqueue(message("b", "m2"));
    stepAll();
    queue.enqueue(message("c", "m3"));
    stepAll();

    assertThat(sent).hasSize(1);
    assertThat(ledger)
        .hasSize(3)
        .allSatisfy(entry -> assertThat(entry).startsWith("failed").contains("410"));
  }

  @Test
  void givenLedgerIsAwayWhenDeliveredThenRecordedLaterAndNotSentAgain()
      throws InterruptedException {
    ledgerIsAway = true;
    queue.enqueue(message("a", "m1"));
    stepAll();
    assertThat(queue.pending()).isEqualTo(1);

    ledgerIsAway = false;
    clock.advance(Duration.ofSeconds(1));
    stepAll();
    assertThat(sent).hasSize(1);
    assertThat(ledger).containsExactly("delivered m1 1");
  }

  @Test
  void givenJitterWhenDelayedThenWithinAQuarterAndCapped() {
    assertThat(RetryPolicy.standard(Duration.ofHours(1), () -> 0).delay(1, Duration.ZERO))
        .isEqualTo(Duration.parse("PT0.75S"));
    assertThat(RetryPolicy.standard(Duration.ofHours(1), () -> 1).delay(1, Duration.ZERO))
        .isEqualTo(Duration.parse("PT1.25S"));
    assertThat(RetryPolicy.standard(Duration.ofHours(1), () -> 0.5).delay(50, Duration.ZERO))
        .isEqualTo(Duration.parse("PT60S"));
  }

  @Test
  void givenRefusedWhenSentThenGivenUpAtOnceAndTheNextIsSent() throws InterruptedException {
    answers.add(new Outcome.Refused(400, "answered 400: no such key"));
    queue.enqueue(message("a", "m1"));
    queue.enqueue(message("a", "m2"));
    stepAll();

    assertThat(ledger).containsExactly("failed m1 1 answered 400: no such key", "delivered m2 1");
  }

  @Test
  void givenRetryAfterBeyondTheExpiryWhenFailedThenGivenUpAtOnce() throws InterruptedException {
    answers.add(new Outcome.Failed(503, "answered 503", Duration.ofHours(2)));
    queue.enqueue(message("a", "m1"));
    stepAll();

    assertThat(ledger).singleElement().asString().startsWith("failed m1 1 answered 503");
  }

  @Test
  void givenOwnExpiryWhenItHasPassedThenGivenUp() throws InterruptedException {
    queue = queue(ReceiverPolicy.plain(RetryPolicy.standard(Duration.ofSeconds(10), () -> 0.5)));
    answers.addAll(List.of(failed(), failed(), failed(), failed(), failed()));
    queue.enqueue(message("a", "m1"));
    for (int second = 0; second < 20; second++) {
      stepAll();
      clock.advance(Duration.ofSeconds(1));
    }

    // At 0, 1, 3 and 7 s; the next would have been at 15 s.
    assertThat(sent).hasSize(4);
    assertThat(ledger).singleElement().asString().startsWith("failed m1 4 answered 500; too old");
  }

  @Test
  void givenCollapsingReceiverFailsWhenNewerStatesAreOwedThenOnlyTheNewestIsSent()
      throws InterruptedException {
    queue = queue(new ReceiverPolicy(retry(), true, null, 1));
    answers.add(failed());
    queue.enqueue(message("a", "opened"));
    stepAll();
    queue.enqueue(message("a", "escalated"));
    queue.enqueue(message("a", "resolved"));
    queue.enqueue(message("b", "other"));
    clock.advance(Duration.ofSeconds(1));
    stepAll();

    assertThat(sent)
        .extracting(Message::id)
        .containsOnlyOnce("resolved", "other")
        .doesNotContain("escalated");
    assertThat(ledger)
        .contains(
            "failed opened 1 superseded by resolved",
            "failed escalated 0 superseded by resolved",
            "delivered resolved 1");
    assertThat(queue.superseded()).isEqualTo(2);
    assertThat(queue.failed()).isZero();
    assertThat(queue.pending()).isZero();
    assertThat(toOthers).isEmpty();
  }

  @Test
  void givenCollapsingReceiverWorksWhenStatesAreOwedThenEachIsSentInOrder()
      throws InterruptedException {
    queue = queue(new ReceiverPolicy(retry(), true, null, 1));
    queue.enqueue(message("a", "opened"));
    queue.enqueue(message("a", "resolved"));
    stepAll();

    assertThat(sent).extracting(Message::id).containsExactly("opened", "resolved");
  }

  @Test
  void givenFallbackWhenAttemptsHaveFailedThenItIsToldOnceAndTheReceiverStillTried()
      throws InterruptedException {
    queue = queue(new ReceiverPolicy(retry(), false, "second", 2));
    answers.addAll(List.of(failed(), failed(), failed()));
    queue.enqueue(message("a", "m1"));
    stepAll();
    assertThat(toOthers).isEmpty();
    clock.advance(Duration.ofSeconds(1));
    stepAll();
    assertThat(toOthers).extracting(Message::id).containsExactly("second-m1");
    clock.advance(Duration.ofSeconds(2));
    stepAll();
    clock.advance(Duration.ofSeconds(4));
    stepAll();

    assertThat(toOthers).hasSize(1);
    assertThat(ledger).containsExactly("handed over m1 to second", "delivered m1 4");
    assertThat(queue.handedOver()).isEqualTo(1);
  }

  @Test
  void givenFallbackWhenRefusedOrGoneThenItIsToldBeforeTheMessageIsGivenUp()
      throws InterruptedException {
    queue = queue(new ReceiverPolicy(retry(), false, "second", 9));
    answers.addAll(List.of(new Outcome.Refused(400, "answered 400"), new Outcome.Gone()));
    queue.enqueue(message("a", "m1"));
    queue.enqueue(message("b", "m2"));
    queue.enqueue(message("c", "m3"));
    stepAll();

    assertThat(sent).hasSize(2);
    assertThat(toOthers)
        .extracting(Message::id)
        .containsExactly("second-m1", "second-m2", "second-m3");
    assertThat(ledger.get(0)).isEqualTo("handed over m1 to second");
    assertThat(ledger.get(1)).startsWith("failed m1");
  }

  @Test
  void givenLedgerIsAwayWhenGivenUpThenTheFallbackIsToldOnceItIsBack() throws InterruptedException {
    queue = queue(new ReceiverPolicy(retry(), false, "second", 9));
    answers.add(new Outcome.Refused(400, "answered 400"));
    ledgerIsAway = true;
    queue.enqueue(message("a", "m1"));
    stepAll();
    assertThat(toOthers).isEmpty();
    assertThat(queue.pending()).isEqualTo(1);

    ledgerIsAway = false;
    clock.advance(Duration.ofSeconds(1));
    stepAll();
    assertThat(toOthers).hasSize(1);
    assertThat(sent).hasSize(1);
    assertThat(queue.pending()).isZero();
  }

  @Test
  void givenTrialWhenItFailsThenOneAttemptAndNothingRecorded() throws Exception {
    queue = queue(new ReceiverPolicy(retry(), true, "second", 1));
    answers.add(failed());
    CompletableFuture<Delivery> trial = queue.trial(message("t", "trial"));
    stepAll();

    assertThat(trial).isDone();
    assertThat(trial.get().outcome()).isEqualTo(failed());
    assertThat(trial.get().test()).isTrue();
    assertThat(ledger).isEmpty();
    assertThat(toOthers).isEmpty();
    assertThat(queue.pending()).isZero();
    assertThat(queue.attempts()).isZero();
  }

  @Test
  void givenGoneWhenATrialIsTakenThenItIsBack() throws Exception {
    answers.add(new Outcome.Gone());
    queue.enqueue(message("a", "m1"));
    stepAll();
    assertThat(queue.isGone()).isTrue();

    CompletableFuture<Delivery> trial = queue.trial(message("t", "trial"));
    stepAll();
    queue.enqueue(message("b", "m2"));
    stepAll();

    assertThat(trial.get().outcome()).isEqualTo(new Outcome.Accepted(204));
    assertThat(queue.isGone()).isFalse();
    assertThat(ledger).contains("delivered m2 1");
  }

  @Test
  void givenAttemptsWhenLoggedThenEachWithWhatCameOfIt() throws InterruptedException {
    answers.add(failed());
    queue.enqueue(message("a", "m1"));
    stepAll();
    clock.advance(Duration.ofSeconds(1));
    stepAll();

    assertThat(log.latest("oncall", 9))
        .containsExactly(
            new Delivery(
                NOW.plusSeconds(1),
                "oncall",
                "m1",
                "a",
                2,
                false,
                new Outcome.Accepted(204),
                Duration.ZERO),
            new Delivery(NOW, "oncall", "m1", "a", 1, false, failed(), Duration.ZERO));
    assertThat(queue.lastFailure()).isEqualTo(log.latest(null, 9).get(1));
    assertThat(queue.lastSuccess()).isEqualTo(log.latest(null, 9).get(0));
    assertThat(log.latest("other", 9)).isEmpty();
  }
}
