package io.outlay.it;

import io.outlay.it.faults.FaultOptions;
import io.outlay.it.faults.FaultReport;
import io.outlay.it.faults.FaultRun;
import java.time.Duration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every program, the broker and ClickHouse are struck while usage flows. In a short form here; the
 * properties of {@link FaultOptions} make it a long one.
 */
class FaultsIT {
  private static final Duration WITHIN = Duration.ofSeconds(60);

  @Test
  void givenFaultsUnderLoad_thenTheBooksAreThoseOfTheEventsToTheLastDigit() throws Exception {
    FaultReport report = FaultRun.run(FaultOptions.of(System.getProperties()), System.out::println);

    assertThat(report.differences()).as("seed %d", report.options().seed()).isEmpty();
    assertThat(report.slowestRecovery()).isLessThan(WITHIN);
  }
}
