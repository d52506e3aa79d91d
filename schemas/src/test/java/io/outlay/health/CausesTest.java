package io.outlay.health;

import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

class CausesTest {
  @Test
  void anImpossibleSettingIsNamed() {
    Throwable thrown = catchThrowable(() -> Admin.create(Map.of("bootstrap.servers", "nowhere")));

    assertThat(thrown).isInstanceOf(KafkaException.class);
    assertThat(Causes.of(thrown))
        .startsWith("Failed to create new KafkaAdminClient: ")
        .contains("nowhere");
  }

  @Test
  void whatOnlyWrapsSaysNothingTwice() {
    assertThat(Causes.of(new ExecutionException(new IllegalStateException("no leader"))))
        .isEqualTo("no leader");
    assertThat(
            Causes.of(new IllegalStateException("cannot: no leader", new Exception("no leader"))))
        .isEqualTo("cannot: no leader");
  }

  @Test
  void whatHasNoMessageIsNamed() {
    assertThat(Causes.of(new TimeoutException())).isEqualTo("TimeoutException");
    assertThat(Causes.of(nameless())).isEqualTo("ConnectException");
    assertThat(Causes.of(new IllegalStateException("registry", new ConnectException())))
        .isEqualTo("registry: ConnectException");
  }

  /** As the JDK's HTTP client says that nobody listens. */
  private static Exception nameless() {
    Exception refused = new ConnectException();
    refused.initCause(new ClosedChannelException());
    return refused;
  }
}
