package io.outlay.collectors.event;

import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.collectors.format.UnsupportedFormatException;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.UsageEvent;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BinaryFormatTest {
  private static final String DATA =
      "{\"team\":\"search\",\"provider\":\"openai\",\"model\":\"gpt-4o\",\"tokens\":{\"output\":7}}";

  private final Map<String, List<String>> headers =
      new HashMap<>(
          Map.of(
              "Content-Type", List.of("application/json"),
              "ce-specversion", List.of("1.0"),
              "CE-Id", List.of("a%20b%C3%A9%22+\\"),
              "ce-source", List.of("/test"),
              "ce-type", List.of("io.outlay.llm.usage"),
              "ce-time", List.of("2026-11-20T01:02:03Z"),
              "ce-traceparent", List.of("00-1")));

  @Test
  void givenAttributesInHeadersAndDataInTheBody_thenAnEvent() throws Exception {
    UsageEvent event = Collected.of(new BinaryFormat(headers), DATA).event();

    assertThat(event.getId()).isEqualTo("a b\u00e9\"+\\");
    assertThat(event.getSource()).isEqualTo("/test");
    assertThat(event.getTeam()).isEqualTo("search");
    assertThat(event.getEventTimeMicros())
        .isEqualTo(Instant.parse("2026-11-20T01:02:03Z").toEpochMilli() * 1_000);
  }

  @Test
  void givenWrongAttribute_thenNamed() throws Exception {
    headers.put("ce-type", List.of("x"));
    Rejection rejection = Collected.of(new BinaryFormat(headers), DATA).rejection();

    assertThat(rejection.field()).isEqualTo("type");
    assertThat(rejection.error()).endsWith("was \"x\"");
  }

  @Test
  void givenWrongData_thenNamed() throws Exception {
    Rejection rejection =
        Collected.of(new BinaryFormat(headers), DATA.replace("7", "-7")).rejection();

    assertThat(rejection.index()).isZero();
    assertThat(rejection.field()).isEqualTo("data.tokens.output");
    assertThat(rejection.error()).isEqualTo("must be >= 0, was -7");
    assertThat(Collected.of(new BinaryFormat(headers), "[]").rejection().error())
        .isEqualTo("must be an object, was an array");
  }

  @Test
  void givenNoOrBrokenBody_thenUnreadable() throws Exception {
    BinaryFormat format = new BinaryFormat(headers);
    for (String body : List.of("", "{", "{} {}", "oops")) {
      assertThatThrownBy(() -> Collected.of(format, body))
          .isInstanceOf(UnreadableBodyException.class);
    }
  }

  @Test
  void givenHeaderTwice_thenRefused() {
    headers.put("ce-source", List.of("a", "b"));

    assertThatThrownBy(() -> new BinaryFormat(headers))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessage("the header ce-source is given twice");
  }

  @Test
  void givenValueThatIsNotEncoded_thenItStandsForItself() throws Exception {
    headers.put("ce-source", List.of("50% of /a"));

    assertThat(Collected.of(new BinaryFormat(headers), DATA).event().getSource())
        .isEqualTo("50% of /a");
  }
}
