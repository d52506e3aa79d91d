package io.outlay.embedded.kafka;

import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BrokerPropertiesTest {
  @Test
  void givenAnAddress_whenConfigured_thenClientsAndControllerListenOnLoopbackOnly() {
    Properties properties = BrokerProperties.of("127.0.0.1", 19_092, Path.of("/data/log"));

    assertThat(properties.getProperty("listeners"))
        .startsWith("PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:");
    assertThat(properties.getProperty("advertised.listeners"))
        .isEqualTo("PLAINTEXT://127.0.0.1:19092");
    assertThat(properties.getProperty("auto.create.topics.enable")).isEqualTo("false");
  }

  @Test
  void givenASixthVersionAddress_whenConfigured_thenInBrackets() {
    assertThat(BrokerProperties.of("::1", 19_092, Path.of("/d")).getProperty("listeners"))
        .startsWith("PLAINTEXT://[::1]:19092,");
  }
}
