package io.outlay.collectors.attribution;

import io.outlay.collectors.access.Publisher;
import io.outlay.collectors.attribution.Attribution.By;
import io.outlay.collectors.attribution.Attribution.Entry;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.Violation;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class AttributionTest {
  private static final Publisher BOUND = new Publisher("search-svc", "search");
  private static final Owner SHOP = new Owner("payments", "shop", "pay", "prod");

  private final Attribution attribution =
      new Attribution(
          List.of(
              new Entry(By.SERVICE, "checkout", Owner.of("exact")),
              new Entry(By.SERVICE, "checkout*", SHOP),
              new Entry(By.KEY, "*", Owner.of("keys"))));

  @Test
  void theFirstThatFitsHolds() {
    assertThat(attribution.find(By.SERVICE, "checkout")).isEqualTo(Owner.of("exact"));
    assertThat(attribution.find(By.SERVICE, "checkout-2")).isEqualTo(SHOP);
    assertThat(attribution.find(By.SERVICE, "check")).isNull();
    assertThat(attribution.find(By.KEY, "")).isEqualTo(Owner.of("keys"));
    assertThat(attribution.find(By.NAMESPACE, "checkout")).isNull();
  }

  @Test
  void givenNobody_thenUnattributed() {
    UsageEvent event = event("");

    assertThat(Attribution.settle(event, Publisher.ANONYMOUS, null)).isNull();
    assertThat(event.getTeam()).isEqualTo("unattributed");
  }

  @Test
  void givenOwner_thenItFillsWhatIsEmptyAndNothingElse() {
    UsageEvent event = event("");
    event.setFeature("own");

    assertThat(Attribution.settle(event, Publisher.ANONYMOUS, SHOP)).isNull();
    assertThat(event.getTeam()).isEqualTo("payments");
    assertThat(event.getProject()).isEqualTo("shop");
    assertThat(event.getFeature()).isEqualTo("own");
    assertThat(event.getEnvironment()).isEqualTo("prod");

    UsageEvent named = event("mine");
    assertThat(Attribution.settle(named, Publisher.ANONYMOUS, SHOP)).isNull();
    assertThat(named.getTeam()).isEqualTo("mine");
  }

  @Test
  void givenKeyWithATeam_thenItOutranksTheOwnerAndCannotBeOverridden() {
    UsageEvent event = event("");
    assertThat(Attribution.settle(event, BOUND, SHOP)).isNull();
    assertThat(event.getTeam()).isEqualTo("search");
    assertThat(event.getProject()).isEqualTo("shop");

    assertThat(Attribution.settle(event("search"), BOUND, null)).isNull();
    assertThat(Attribution.settle(event("other"), BOUND, null))
        .isEqualTo(
            new Violation(
                "data.team",
                "must be \"search\", the team of the API key search-svc, was \"other\""));
  }

  private static UsageEvent event(String team) {
    UsageEvent event = new UsageEvent();
    event.setTeam(team);
    event.setProject("");
    event.setFeature("");
    event.setEnvironment("");
    return event;
  }
}
