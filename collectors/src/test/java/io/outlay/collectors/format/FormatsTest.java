package io.outlay.collectors.format;

import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class FormatsTest {
  private final Formats formats =
      new Formats()
          .with("application/json", new Named("json"))
          .with("application/cloudevents+json", new Named("cloudevents"));

  private record Named(String name) implements EventFormat {
    @Override
    public void read(InputStream body, Reception reception, EventSink sink) {}
  }

  @ParameterizedTest
  @CsvSource({
    "application/json, json",
    "Application/JSON; charset=UTF-8, json",
    "application/json;charset=\"utf-8\";x=y, json",
    "application/cloudevents+json; charset=utf-8, cloudevents"
  })
  void givenSupportedType_thenItsFormat(String contentType, String name) throws Exception {
    assertThat(formats.of(contentType).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({
    "text/plain, supported are application/json",
    ", Content-Type is missing",
    "'', Content-Type is missing",
    ";, is not supported",
    "application/xml, 'supported are application/json, application/cloudevents+json'",
    "application/json; charset=iso-8859-1, the charset must be UTF-8"
  })
  void givenAnythingElse_thenRefusedWithWhatIsSupported(
      @Nullable String contentType, String message) {
    assertThatThrownBy(() -> formats.of(contentType))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining(message);
  }

  @Test
  void givenTwoFormatsOfOneType_thenRefused() {
    assertThatThrownBy(() -> formats.with("application/json", new Named("x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("application/json");
  }

  @Test
  void jsonOfAnyVocabularyIsJson() {
    assertThatCode(() -> Formats.requireJson("application/json; charset=utf-8"))
        .doesNotThrowAnyException();
    assertThatCode(() -> Formats.requireJson("application/vnd.x+json")).doesNotThrowAnyException();
    assertThatThrownBy(() -> Formats.requireJson("text/plain"))
        .hasMessageContaining("data must be application/json");
    assertThatThrownBy(() -> Formats.requireJson("application/json; charset=latin1"))
        .hasMessageContaining("the charset must be UTF-8");
  }
}
