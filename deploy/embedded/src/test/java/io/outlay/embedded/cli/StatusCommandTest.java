package io.outlay.embedded.cli;

import java.time.Duration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StatusCommandTest {
  @Test
  void givenDurations_whenShown_thenInTwoUnitsAtMost() {
    assertThat(StatusCommand.uptime(Duration.ofSeconds(6))).isEqualTo("6s");
    assertThat(StatusCommand.uptime(Duration.ofSeconds(306))).isEqualTo("5m 6s");
    assertThat(StatusCommand.uptime(Duration.ofMinutes(245))).isEqualTo("4h 5m");
    assertThat(StatusCommand.uptime(Duration.ofHours(76))).isEqualTo("3d 4h");
  }
}
