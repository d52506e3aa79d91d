package io.outlay.embedded.cli;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TextTableTest {
  @Test
  void givenRows_whenPrinted_thenColumnsAreAligned() {
    TextTable table =
        new TextTable("TEAM", "USD").alignRight(1).row("search", "1.50").row("größe", "10.00");

    assertThat(table.lines()).containsExactly("TEAM      USD", "search   1.50", "größe   10.00");
  }

  @Test
  void givenARowOfAnotherWidth_whenAdded_thenRefused() {
    assertThatThrownBy(() -> new TextTable("A", "B").row("1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 cells expected, was 1");
  }
}
