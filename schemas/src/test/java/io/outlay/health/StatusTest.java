package io.outlay.health;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StatusTest {
  private final Logger log = Logger.getLogger(Status.class.getName());
  private final List<String> lines = new ArrayList<>();
  private final Handler handler = new Lines();
  private Instant now = Instant.parse("2026-11-21T02:00:00Z");
  private final Status status = new Status("Kafka", new Now());

  @BeforeEach
  void listen() {
    log.addHandler(handler);
  }

  @AfterEach
  void stopListening() {
    log.removeHandler(handler);
  }

  @Test
  void anOutageIsSaidOnceAndSoIsItsEnd() {
    status.works();
    for (int i = 0; i < 1_000; i++) {
      status.failed("refused " + i);
      now = now.plusMillis(100);
    }
    assertThat(status.isWorking()).isFalse();
    assertThat(status.reason()).isEqualTo("since 2026-11-21T02:00:00Z: refused 999");
    assertThat(status.failingFor()).isEqualTo(Duration.ofSeconds(100));
    status.works();
    status.works();

    assertThat(lines)
        .containsExactly(
            "Kafka fails, trying again until it works: refused 0",
            "Kafka works again after PT1M40S and 1000 failures");
    assertThat(status.isWorking()).isTrue();
    assertThat(status.reason()).isEmpty();
    assertThat(status.failingFor()).isZero();
  }

  private final class Lines extends Handler {
    @Override
    public void publish(LogRecord line) {
      lines.add(
          line.getParameters() == null
              ? line.getMessage()
              : java.text.MessageFormat.format(line.getMessage(), line.getParameters()));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private final class Now extends Clock {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
