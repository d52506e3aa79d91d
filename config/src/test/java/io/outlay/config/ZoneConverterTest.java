package io.outlay.config;

import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ZoneConverterTest {
  private final ZoneConverter converter = new ZoneConverter();

  @ParameterizedTest
  @ValueSource(
      strings = {"UTC", "Z", "Europe/Berlin", "Asia/Kathmandu", "+02:00", "-03:30", " UTC "})
  void aZoneIsAnIanaNameOrAnOffset(String text) {
    assertThat(converter.convert(text)).isEqualTo(ZoneId.of(text.strip()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Mars/Olympus", "CET+1", "+25:00", "europe/berlin", "600"})
  void whatIsNoZoneIsNamed(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("must be a time zone such as UTC, Europe/Berlin or +02:00, was " + text);
  }
}
