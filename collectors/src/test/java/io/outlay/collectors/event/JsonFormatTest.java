package io.outlay.collectors.event;

import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.UsageEvent;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class JsonFormatTest {
  private final Collected collected = new Collected();
  private final List<UsageEvent> events = collected.events();
  private final List<Rejection> rejections = collected.rejections();

  @Test
  void givenHundredEventsOneMalformed_thenNinetyNineAndOneErrorThatNamesIndexFieldAndValue()
      throws Exception {
    String body =
        IntStream.range(0, 100)
            .mapToObj(i -> event("e" + i, i == 42 ? -5 : i))
            .collect(Collectors.joining(",\n", "[", "]"));

    read(JsonFormat.json(), body);

    assertThat(events).hasSize(99);
    assertThat(rejections)
        .containsExactly(new Rejection(42, "e42", "data.tokens.output", "must be >= 0, was -5"));
  }

  @Test
  void givenOneObject_thenOneEvent() throws Exception {
    read(JsonFormat.json(), " " + event("e", 1) + "\n");

    assertThat(events).extracting(UsageEvent::getId).containsExactly("e");
  }

  @Test
  void givenElementsOfAnyKind_thenEachIsJudgedAlone() throws Exception {
    read(
        JsonFormat.json(),
        "[1,\"x\",null,[" + event("in", 1) + "],{}," + event("e", 1) + ",{\"id\":\"y\"}]");

    assertThat(events).extracting(UsageEvent::getId).containsExactly("e");
    assertThat(rejections).extracting(Rejection::index).containsExactly(0, 1, 2, 3, 4, 6);
    assertThat(rejections.get(5).id()).isEqualTo("y");
  }

  @Test
  void givenEmptyArray_thenNothing() throws Exception {
    read(JsonFormat.json(), "[]");

    assertThat(events).isEmpty();
    assertThat(rejections).isEmpty();
  }

  @Test
  void givenNumbersOrStringsOfAnyLength_thenOnlyTheirEventIsWrong() throws Exception {
    String digits = "9".repeat(100_000);
    read(
        JsonFormat.json(),
        "["
            + event("a", 1).replace(":1}", ":" + digits + "}")
            + ","
            + event("b", 1).replace("\"search\"", "\"" + "s".repeat(30_000_000) + "\"")
            + ","
            + event("c", 1).replace("\"team\"", "\"" + "k".repeat(1_000) + "\"")
            + ","
            + event("d", 1)
            + "]");

    assertThat(events).extracting(UsageEvent::getId).containsExactly("d");
    assertThat(rejections).extracting(Rejection::id).containsExactly("a", "b", "c");
    assertThat(rejections).allSatisfy(r -> assertThat(r.error()).hasSizeLessThan(200));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|0|0|the body is empty",
        "'  '|0|0|the body is empty",
        "7|1|1|the body must be an event or an array",
        "'[{\"id\":\"a\"'|1|11|Unexpected end-of-input",
        "'[{\"id\":'|1|8|Unexpected end-of-input",
        "'{\"id\":tru}'|1|7|Unrecognized token 'tru'",
        "'{id:1}'|1|2|Unexpected character ('i'",
        "'[]]'|1|3|Unexpected close marker",
        "'[] []'|1|4|the body must end after its JSON value",
        "'[{},]'|1|5|Unexpected character (']'",
        "'{\"a\":01}'|1|7|Invalid numeric value: Leading zeroes not allowed"
      })
  void givenBrokenJson_thenPlaceAndReason(String body, int line, int column, String message) {
    UnreadableBodyException e =
        catchThrowableOfType(UnreadableBodyException.class, () -> read(JsonFormat.json(), body));

    assertThat(e).hasMessageContaining(message.replace("''", "'"));
    assertThat(e.line()).isEqualTo(line);
    assertThat(e.column()).isEqualTo(column);
  }

  @Test
  void givenBreakOnALaterLine_thenThatLine() {
    UnreadableBodyException e =
        catchThrowableOfType(
            UnreadableBodyException.class,
            () -> read(JsonFormat.json(), "[\n" + event("a", 1) + ",\n  oops]"));

    assertThat(e.line()).isEqualTo(4);
  }

  @Test
  void givenBadUtf8_thenUnreadable() {
    byte[] body =
        event("a", 1).replace("search", "s\u00e9arch").getBytes(StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> collected.read(JsonFormat.json(), body, Collected.reception()))
        .isInstanceOf(UnreadableBodyException.class)
        .hasMessageContaining("UTF-8");
  }

  @Test
  void givenVeryLongName_thenUnreadable() {
    assertThatThrownBy(() -> read(JsonFormat.json(), "{\"" + "n".repeat(2_000) + "\":1}"))
        .isInstanceOf(UnreadableBodyException.class)
        .hasMessageContaining("Name length");
  }

  @Test
  void givenDeepNesting_thenUnreadable() {
    assertThatThrownBy(() -> read(JsonFormat.json(), "[".repeat(100_000)))
        .isInstanceOf(UnreadableBodyException.class)
        .hasMessageContaining("nesting depth");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-32BE"})
  void givenOtherUnicodeEncoding_thenFound(String charset) throws Exception {
    collected.read(
        JsonFormat.json(), event("a", 1).getBytes(Charset.forName(charset)), Collected.reception());

    assertThat(events).hasSize(1);
  }

  @Test
  void givenStructuredMode_thenOneEventAndNoArray() throws Exception {
    read(JsonFormat.structured(), event("a", 1));
    assertThat(events).hasSize(1);

    assertThatThrownBy(() -> read(JsonFormat.structured(), "[" + event("a", 1) + "]"))
        .isInstanceOf(UnreadableBodyException.class)
        .hasMessageContaining("one event");
  }

  @Test
  void givenBatchedMode_thenAnArrayAndNotOneEvent() throws Exception {
    read(JsonFormat.batched(), "[" + event("a", 1) + "," + event("b", 1) + "]");
    assertThat(events).hasSize(2);

    assertThatThrownBy(() -> read(JsonFormat.batched(), event("a", 1)))
        .isInstanceOf(UnreadableBodyException.class)
        .hasMessageContaining("must be an array of events");
  }

  private void read(EventFormat format, String body) throws Exception {
    collected.read(format, body.getBytes(StandardCharsets.UTF_8), Collected.reception());
  }

  private static String event(String id, int output) {
    return """
        {"specversion":"1.0","id":"%s","source":"test","type":"io.outlay.llm.usage",
         "data":{"team":"search","provider":"openai","model":"gpt-4o","tokens":{"output":%d}}}"""
        .formatted(id, output);
  }
}
