package io.outlay.embedded.stack;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PortCheckTest {
  @Test
  void givenAFreePort_whenChecked_thenNoProblem() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }

    assertThat(PortCheck.problem("web", new Listener("web.port", "127.0.0.1", port))).isEmpty();
  }

  @Test
  void givenATakenPort_whenChecked_thenOneLineNamesPortPartAndKey() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Listener listener = new Listener("web.port", "127.0.0.1", taken.getLocalPort());

      String problem = PortCheck.problem("web", listener).orElseThrow();

      assertThat(problem)
          .startsWith("port " + taken.getLocalPort() + " (web) is taken")
          .endsWith("set web.port to a free one")
          .doesNotContain("\n");
    }
  }

  @Test
  void givenAnAddressOfAnotherMachine_whenChecked_thenKeyAndValueAreNamed() {
    // TEST-NET-1: no machine has it.
    Listener listener = new Listener("kafka.bootstrapServers", "192.0.2.1", 9092);

    assertThat(PortCheck.problem("kafka", listener).orElseThrow())
        .contains("kafka.bootstrapServers")
        .contains("192.0.2.1:9092")
        .contains("address of this machine");
  }

  @Test
  void givenAPortOutOfRange_whenConstructed_thenKeyAndValueAreNamed() {
    assertThatThrownBy(() -> new Listener("web.port", "127.0.0.1", 70_000))
        .isInstanceOf(UsageException.class)
        .hasMessage("web.port: must be a port from 1 to 65535, was 70000");
  }

  @Test
  void givenASixthVersionAddress_whenWritten_thenInBrackets() {
    assertThat(new Listener("k", "::1", 80).address()).isEqualTo("[::1]:80");
    assertThat(new Listener("k", "localhost", 80).address()).isEqualTo("localhost:80");
  }
}
