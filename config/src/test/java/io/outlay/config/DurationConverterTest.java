package io.outlay.config;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DurationConverterTest {
  private final DurationConverter converter = new DurationConverter();

  @ParameterizedTest
  @CsvSource({
    "200ms, PT0.2S",
    "10s, PT10S",
    "5m, PT5M",
    "24h, PT24H",
    "7d, PT168H",
    "0s, PT0S",
    "007s, PT7S",
    "999999999d, PT23999999976H",
    "' 10s ', PT10S",
    "PT1H30M, PT1H30M",
    "P2DT3H, PT51H",
    "pt0.5s, PT0.5S",
    "-PT5S, PT-5S",
  })
  void aDurationIsReadShortOrAsIso8601(String text, Duration expected) {
    assertThat(converter.convert(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "10", "10 s", "s", "1.5s", "-5s", "10S", "5min", "1d12h", "1000000000d"})
  void whatIsNoDurationIsNamed(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("must be a duration such as 200ms, 10s, 5m, 24h or 7d, was " + text);
  }
}
