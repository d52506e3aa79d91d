package io.outlay.collectors.format;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class FormatsTest {
  private final Formats formats = Formats.ofEvents();

  @ParameterizedTest
  @CsvSource({
    "application/json, json",
    "Application/JSON; charset=UTF-8, json",
    "application/json;charset=\"utf-8\";x=y, json",
    "application/cloudevents+json; charset=utf-8, cloudevents"
  })
  void givenSupportedType_thenItsFormat(String contentType, String name) throws Exception {
    assertThat(formats.of(contentType, null).name()).isEqualTo(name);
    assertThat(formats.of(contentType, "identity").name()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({
    "text/plain, , supported are application/json",
    ", , Content-Type is missing",
    "'', , Content-Type is missing",
    ";, , is not supported",
    "application/x-ndjson, , supported are application/json",
    "application/json; charset=iso-8859-1, , the charset must be UTF-8",
    "application/json, gzip, 'Content-Encoding \"gzip\" is not supported'"
  })
  void givenAnythingElse_thenRefusedWithWhatIsSupported(
      @Nullable String contentType, @Nullable String encoding, String message) {
    assertThatThrownBy(() -> formats.of(contentType, encoding))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining(message);
  }

  @Test
  void givenTwoFormatsOfOneType_thenRefused() {
    assertThatThrownBy(() -> new Formats(List.of(JsonFormat.json(), JsonFormat.json())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("application/json");
  }
}
