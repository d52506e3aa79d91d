package io.outlay.collectors.event;

import io.outlay.usage.EventType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The published description names what the reader reads. */
class OpenApiTest {
  private static String document;

  @BeforeAll
  static void load() throws IOException {
    try (InputStream in = OpenApiTest.class.getResourceAsStream("/META-INF/openapi.yaml")) {
      document = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @EnumSource(Field.class)
  void givenField_thenDescribed(Field field) {
    assertThat(document).contains("  " + field.jsonName() + ":");
  }

  @ParameterizedTest
  @EnumSource(Bucket.class)
  void givenBucket_thenDescribed(Bucket bucket) {
    assertThat(document).contains("  " + bucket.path().substring("data.tokens.".length()) + ":");
  }

  @ParameterizedTest
  @EnumSource(EventType.class)
  void givenType_thenDescribed(EventType type) {
    assertThat(document).contains("type: {const: " + type.cloudEventType() + "}");
  }

  @Test
  void givenFields_thenTheirSetsFitALong() {
    assertThat(Field.COUNT).isLessThanOrEqualTo(64);
  }
}
