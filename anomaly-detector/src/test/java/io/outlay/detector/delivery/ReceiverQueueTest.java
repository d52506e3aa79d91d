package io.outlay.detector.delivery;

import io.outlay.detector.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ReceiverQueueTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  private final MutableClock clock = new MutableClock(NOW);
  private final Queue<Outcome> answers = new ArrayDeque<>();
  private final List<Message> sent = new ArrayList<>();
  private final List<String> ledger = new ArrayList<>();
  private boolean ledgerIsAway;
  private final ReceiverQueue queue =
      new ReceiverQueue(
          "oncall",
          message -> {
            sent.add(message);
            return answers.isEmpty() ? new Outcome.Accepted() : answers.remove();
          },
          new DeliveryLedger() {
            @Override
            public void delivered(Message message, int attempts, Instant at) {
              write("delivered " + message.id() + " " + attempts);
            }

            @Override
            public void failed(Message message, int attempts, String reason, Instant at) {
              write("failed " + message.id() + " " + attempts + " " + reason);
            }

            private void write(String entry) {
              if (ledgerIsAway) {
                throw new IllegalStateException("away");
              }
              ledger.add(entry);
            }
          },
          RetryPolicy.standard(() -> 0.5),
          clock);

  private static Message message(String group, String id) {
    return new Message(group, id, "oncall", "application/json", "{}", NOW);
  }

  private static Outcome failed() {
    return new Outcome.Failed("answered 500", Duration.ZERO);
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
    answers.add(new Outcome.Failed("answered 429", Duration.ofSeconds(90)));
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
    assertThat(RetryPolicy.standard(() -> 0).delay(1, Duration.ZERO))
        .isEqualTo(Duration.parse("PT0.75S"));
    assertThat(RetryPolicy.standard(() -> 1).delay(1, Duration.ZERO))
        .isEqualTo(Duration.parse("PT1.25S"));
    assertThat(RetryPolicy.standard(() -> 0.5).delay(50, Duration.ZERO))
        .isEqualTo(Duration.parse("PT60S"));
  }
}
