package io.outlay.bench.rating;

import io.outlay.bench.jmh.Gauge;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.infra.Blackhole;

import static org.assertj.core.api.Assertions.assertThat;

class RateMethodsTest {
  private static final String BLACKHOLE_WORD =
      "Today's password is swordfish. I understand instantiating Blackholes directly is dangerous.";

  @Test
  void givenEveryMix_whenABatchIsRated_thenTheGaugeHasReadIt() {
    for (String mix : List.of("mixed", RateMethods.UNSEEN)) {
      RateMethods methods = new RateMethods();
      methods.models = 50;
      methods.mix = mix;
      methods.prepare();
      methods.decode();
      Gauge gauge = new Gauge();

      methods.rate(gauge, new Blackhole(BLACKHOLE_WORD));

      assertThat(gauge.events).isEqualTo(256);
      assertThat(gauge.wallNanos).isPositive();
      assertThat(gauge.allocatedBytes).isPositive();
    }
  }
}
