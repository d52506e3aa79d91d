package io.outlay.embedded.parts;

import io.outlay.config.ConfigChecks;
import io.outlay.embedded.stack.Listener;
import io.outlay.embedded.stack.UsageException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class EndpointsTest {
  @Test
  void givenTheDefaults_whenRead_thenEverythingIsOnLoopback() {
    Endpoints endpoints = of(Map.of());

    assertThat(endpoints.kafkaListener())
        .isEqualTo(new Listener("kafka.bootstrapServers", "127.0.0.1", 9092));
    assertThat(endpoints.registryListener())
        .isEqualTo(new Listener("registry.url", "127.0.0.1", 8081));
    assertThat(endpoints.clickhouseListener())
        .isEqualTo(new Listener("clickhouse.url", "127.0.0.1", 8123));
    assertThat(endpoints.collectors()).isEqualTo(URI.create("http://127.0.0.1:8080"));
  }

  @Test
  void givenProgramsOnEveryAddress_whenReached_thenOverLoopback() {
    assertThat(of(Map.of("OUTLAY_HOST", "0.0.0.0")).sink())
        .isEqualTo(URI.create("http://127.0.0.1:8084"));
  }

  @Test
  void givenSeveralBrokers_whenRead_thenRefused() {
    refused("OUTLAY_KAFKA_BOOTSTRAPSERVERS", "a:1,b:2", "kafka.bootstrapServers");
    refused("OUTLAY_KAFKA_BOOTSTRAPSERVERS", "a", "kafka.bootstrapServers");
    refused("OUTLAY_KAFKA_BOOTSTRAPSERVERS", "a:70000", "kafka.bootstrapServers");
  }

  @Test
  void givenAddressesThatCannotBeServed_whenRead_thenRefused() {
    refused("OUTLAY_REGISTRY_URL", "http://127.0.0.1:8081/", "registry.url");
    refused("OUTLAY_REGISTRY_URL", "https://127.0.0.1:8081/apis/ccompat/v7", "registry.url");
    refused("OUTLAY_CLICKHOUSE_URL", "http://127.0.0.1", "clickhouse.url");
  }

  private static void refused(String variable, String value, String key) {
    assertThatThrownBy(() -> of(Map.of(variable, value)))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(key)
        .hasMessageContaining(value.contains("70000") ? "70000" : value);
  }

  private static Endpoints of(Map<String, String> environment) {
    return Endpoints.of(ConfigChecks.load(null, environment));
  }
}
