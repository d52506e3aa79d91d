package io.outlay.collectors.http;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GrpcPlacesTest {
  private final List<String> started = new ArrayList<>();
  private final GrpcPlaces places = new GrpcPlaces(1, 2);

  @Test
  void whoFindsNoPlaceWaitsInTurn_andTheQueueHasAnEnd() {
    GrpcPlaces.Visit first = enter("first");
    GrpcPlaces.Visit second = enter("second");
    enter("third");

    assertThat(enter("fourth")).isNull();
    assertThat(started).containsExactly("first");
    first.leave();
    assertThat(started).containsExactly("first", "second");
    first.leave();
    assertThat(started).as("leaving twice frees nothing").hasSize(2);
    second.leave();
    assertThat(started).containsExactly("first", "second", "third");
  }

  @Test
  void whoGivesUpWaitingTakesNoPlace() {
    GrpcPlaces.Visit first = enter("first");
    GrpcPlaces.Visit second = enter("second");
    enter("third");

    second.leave();
    assertThat(enter("fourth")).isNotNull();
    first.leave();
    assertThat(started).containsExactly("first", "third");
  }

  @Test
  void givenAllLeft_thenThePlaceIsFree() {
    enter("first").leave();
    enter("second").leave();
    enter("third");

    assertThat(started).containsExactly("first", "second", "third");
  }

  @Test
  void givenNoPlaces_thenRefused() {
    assertThatThrownBy(() -> new GrpcPlaces(0, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  private GrpcPlaces.Visit enter(String name) {
    return places.enter(() -> started.add(name));
  }
}
