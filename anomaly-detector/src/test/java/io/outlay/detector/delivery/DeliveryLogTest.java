package io.outlay.detector.delivery;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DeliveryLogTest {
  @Test
  void givenMoreThanItKeepsWhenAskedThenTheLastThousandNewestFirst() {
    DeliveryLog log = new DeliveryLog();
    for (int i = 1; i <= 1_500; i++) {
      log.add(
          new Delivery(
              Instant.EPOCH.plusSeconds(i),
              i % 2 == 0 ? "even" : "odd",
              "m" + i,
              "a",
              1,
              false,
              new Outcome.Accepted(200),
              Duration.ZERO));
    }

    assertThat(log.latest(null, 9_999)).hasSize(1_000);
    assertThat(log.latest(null, 2))
        .extracting(Delivery::messageId)
        .containsExactly("m1500", "m1499");
    assertThat(log.latest("odd", 2))
        .extracting(Delivery::messageId)
        .containsExactly("m1499", "m1497");
    assertThat(log.latest("odd", 9_999)).hasSize(500);
  }
}
