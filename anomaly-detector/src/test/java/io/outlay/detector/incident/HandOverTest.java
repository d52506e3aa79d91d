package io.outlay.detector.incident;

import io.outlay.detector.delivery.Message;
import io.outlay.detector.spend.Cell;
import io.outlay.schema.Notification;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What another receiver is told instead is owed as durably as what it stands in for. */
class HandOverTest {
  private static final Cell CELL = new Cell("search", "m", "f");

  private final Scenario scenario = Scenario.at("2026-11-21T12:00:00Z").week(CELL, "100");
  private Message opened;

  @BeforeEach
  void open() {
    scenario.today(CELL, "300").evaluate();
    opened = scenario.sent.get(0);
  }

  private List<Message> handOver() {
    return scenario.book.handOver(opened, "second", scenario.clock.instant());
  }

  @Test
  void givenMessageWhenHandedOverThenOwedOnceWithAnIdOfItsOwnAndTheSameBody() {
    List<Message> owed = handOver();

    assertThat(owed).hasSize(1);
    assertThat(owed.get(0).receiver()).isEqualTo("second");
    assertThat(owed.get(0).id()).isNotEqualTo(opened.id());
    assertThat(owed.get(0).body()).isEqualTo(opened.body());
    assertThat(owed.get(0).group()).isEqualTo(opened.group());
    assertThat(handOver()).isEmpty();
  }

  @Test
  void givenHandedOverWhenRestartedThenBothAreOwedUntilEachIsSettled() {
    Message second = handOver().get(0);
    scenario.sent.clear();
    scenario.start();
    assertThat(scenario.sent)
        .extracting(Message::id)
        .containsExactlyInAnyOrder(opened.id(), second.id());

    scenario.book.delivered(second, 1, scenario.clock.instant());
    assertThat(scenario.book.handOver(opened, "second", scenario.clock.instant())).isEmpty();
    scenario.sent.clear();
    scenario.start();
    assertThat(scenario.sent).extracting(Message::id).containsExactly(opened.id());
  }

  @Test
  void givenResolvedMeanwhileWhenHandedOverThenTheResolutionToo() {
    scenario.today(CELL, "100").evaluate();
    assertThat(scenario.sent).hasSize(2);

    assertThat(handOver())
        .extracting(Message::body)
        .containsExactly(opened.body(), scenario.sent.get(1).body());
  }

  @Test
  void givenLogIsAwayWhenHandedOverThenNothingIsOwedAndTheNextCallDoesIt() {
    scenario.logIsAway = true;
    assertThatThrownBy(this::handOver).isInstanceOf(IncidentLogException.class);
    assertThat(scenario.book.find(opened.group()).orElseThrow().getNotifications())
        .extracting(Notification::getReceiver)
        .containsExactly("oncall");

    scenario.logIsAway = false;
    assertThat(handOver()).hasSize(1);
  }

  @Test
  void givenIncidentThatIsNotKnownWhenHandedOverThenNothing() {
    Message stray =
        new Message("inc_x", "msg_x", "oncall", "application/json", "{}", scenario.clock.instant());
    assertThat(scenario.book.handOver(stray, "second", scenario.clock.instant())).isEmpty();
  }
}
