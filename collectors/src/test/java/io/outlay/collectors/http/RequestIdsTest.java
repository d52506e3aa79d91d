package io.outlay.collectors.http;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class RequestIdsTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "01J9-z_!~"})
  void givenVisibleAscii_thenUsable(String id) {
    assertThat(RequestIds.isUsable(id)).isTrue();
    assertThat(RequestIds.isUsable("x".repeat(128))).isTrue();
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(strings = {"a b", "a\r\nset-cookie: x", "\u00e9"})
  void givenAnythingElse_thenNot(String id) {
    assertThat(RequestIds.isUsable(id)).isFalse();
    assertThat(RequestIds.isUsable("x".repeat(129))).isFalse();
  }
}
