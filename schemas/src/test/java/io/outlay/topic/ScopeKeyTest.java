package io.outlay.topic;

import io.outlay.schema.RollupWindow;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ScopeKeyTest {
  @Test
  void givenAScope_thenItIsOneLineInAlphabeticalOrderWithoutLoss() {
    Map<String, String> scope = new LinkedHashMap<>();
    scope.put("team", "a&b=c%+ é");
    scope.put("customer", "");

    assertThat(ScopeKey.text(new TreeMap<>(scope)))
        .isEqualTo("customer=&team=a%26b%3Dc%25%2B+%C3%A9");
    ScopeKey key = ScopeKey.of(RollupWindow.HOUR, 3_600_000_000L, scope);
    assertThat(ScopeKey.ofBytes(key.toBytes())).isEqualTo(key);
    assertThat(new String(key.scopeBytes(), StandardCharsets.UTF_8))
        .isEqualTo(ScopeKey.text(key.scope()));
  }

  @Test
  void givenAnyTexts_thenKeysComeBack() {
    Random random = new Random(7);
    for (int i = 0; i < 1_000; i++) {
      ScopeKey key =
          ScopeKey.of(
              RollupWindow.MINUTE,
              random.nextLong(),
              Map.of("tags." + text(random), text(random), "team", text(random)));

      assertThat(ScopeKey.ofBytes(key.toBytes())).isEqualTo(key);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "12345678", "12345678\u0009", "12345678\u0000team"})
  void givenOtherBytes_thenTheyAreRefused(String text) {
    assertThatThrownBy(() -> ScopeKey.ofBytes(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a scope key");
  }

  private static String text(Random random) {
    return random
        .ints(random.nextInt(6), 1, 0xD800)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
