package io.outlay.collectors.format;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RejectionTest {
  @Test
  void givenHalvesOfCharacters_thenReplaced_andWholeOnesKept() {
    Rejection rejection = new Rejection(0, "a\ud800b", "data.\udc00", "was \"\ud83d\ude00\"");

    assertThat(rejection.id()).isEqualTo("a\ufffdb");
    assertThat(rejection.field()).isEqualTo("data.\ufffd");
    assertThat(rejection.error()).isEqualTo("was \"\ud83d\ude00\"");
  }

  @Test
  void givenLongId_thenCut() {
    assertThat(new Rejection(0, "x".repeat(1_000_000), "id", "e").id()).hasSize(256);
  }
}
