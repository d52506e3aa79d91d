package io.outlay.usage;

import io.outlay.schema.UsageEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class CutsTest {
  @Test
  void givenSetsOfDimensions_thenEachIsOneCutAndWhatTheRollupsHoldIsNone() {
    List<Cut> cuts =
        Cuts.of(
            List.of(
                Set.of("team"),
                Set.of("team", "customer"),
                Set.of("customer", "team"),
                Set.of("model", "feature", "team"),
                Set.of("tags.tier"),
                Set.of("customer")));

    assertThat(cuts)
        .extracting(Cut::name)
        .containsExactly("customer", "customer+team", "tags.tier");
  }

  @Test
  void givenAnEvent_thenItsScopeHasItsValuesAndEmptyOnesWhereItHasNone() {
    UsageEvent event = SampleEvents.of(EventType.LLM_USAGE);
    event.setTags(Map.of("tier", "gold"));
    Cut cut = Cut.parse("tags.tier+tags.none+team+provider+operation+model");

    assertThat(cut.scope(cut.valuesOf(event)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "tags.tier", "gold",
                "tags.none", "",
                "team", event.getTeam(),
                "provider", "openai",
                "operation", "chat",
                "model", Cut.model(event)));
    assertThat(cut.dimensions())
        .containsExactly("model", "operation", "provider", "tags.none", "tags.tier", "team");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "teem", "team+", "tags.", "tags", "Team", "team customer"})
  void givenWhatIsNoDimension_thenTheErrorNamesIt(String text) {
    assertThatThrownBy(() -> Cut.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("must be of team, project, feature");
  }

  @Test
  void givenMoreThanTheBound_thenTheErrorSaysHowMany() {
    List<Set<String>> many =
        IntStream.rangeClosed(0, Cuts.MAX).mapToObj(i -> Set.of("tags.t" + i)).toList();

    assertThatThrownBy(() -> Cuts.of(many))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 16 cuts, they need 17");
  }
}
