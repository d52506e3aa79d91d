package io.outlay.collectors.event;

import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.UsageEvent;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class NdjsonFormatTest {
  private static final int MAX_LINE = 400;

  private final NdjsonFormat format = new NdjsonFormat(MAX_LINE);

  @Test
  void givenLinesWithAnyEnding_thenEachIsAnEventAndBlankOnesAreSkipped() throws Exception {
    Collected read =
        Collected.of(format, event("a") + "\n\n  \r\n" + event("b") + "\r\n" + event("c"));

    assertThat(read.rejections()).isEmpty();
    assertThat(read.events()).extracting(UsageEvent::getId).containsExactly("a", "b", "c");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"id\":|the line is not JSON: Unexpected end-of-input",
        "oops|the line is not JSON: Unrecognized token 'oops'",
        "{} {}|the line must end after its JSON object",
        "[]|must be a CloudEvents object, was an array",
        "7|must be a CloudEvents object, was 7",
        "{\"specversion\":\"1.0\"}|is required"
      })
  void givenBrokenLine_thenItIsRejectedAndTheOthersAreRead(String line, String error)
      throws Exception {
    Collected read = Collected.of(format, event("a") + "\n" + line + "\n" + event("b") + "\n");

    assertThat(read.events()).extracting(UsageEvent::getId).containsExactly("a", "b");
    assertThat(read.rejections()).hasSize(1);
    assertThat(read.rejections().get(0).index()).isEqualTo(1);
    assertThat(read.rejections().get(0).error()).startsWith(error);
  }

  @Test
  void givenBadUtf8_thenOnlyItsLineIsRejected() throws Exception {
    Collected read = new Collected();
    byte[] body =
        (event("a") + "\n" + event("\u00e9") + "\n" + event("b"))
            .getBytes(StandardCharsets.ISO_8859_1);

    read.read(format, body, Collected.reception());

    assertThat(read.events()).extracting(UsageEvent::getId).containsExactly("a", "b");
    assertThat(read.rejections().get(0).error()).contains("UTF-8");
  }

  @Test
  void givenLineAtAndBeyondItsLimit_thenOnlyTheLongerIsRejected() throws Exception {
    String exact = event("a") + " ".repeat(MAX_LINE - event("a").length());

    Collected read = Collected.of(format, exact + "\n" + exact + " \n" + event("b"));

    assertThat(read.events()).extracting(UsageEvent::getId).containsExactly("a", "b");
    assertThat(read.rejections())
        .containsExactly(
            new Rejection(
                1, null, "$", "the line must have at most 400 bytes (collectors.maxLineBytes)"));
  }

  @Test
  void givenLinesAcrossReadsOfAnySize_thenTheyAreWhole() throws Exception {
    String body =
        IntStream.range(0, 50).mapToObj(i -> event("e" + i)).collect(Collectors.joining("\n"));
    for (int step : new int[] {1, 7, 199, 4096}) {
      Collected read = new Collected();

      format.read(dripping(body, step), Collected.reception(), read);

      assertThat(read.events()).hasSize(50);
      assertThat(read.rejections()).isEmpty();
    }
  }

  @Test
  void givenEndlessLine_thenMemoryHoldsItsLimitAtMost() throws Exception {
    long size = 3_000_000_000L;
    int[] rejected = {0};
    EventSink sink =
        new EventSink() {
          @Override
          public void accept(UsageEvent event) {
            throw new AssertionError("nothing here is an event");
          }

          @Override
          public void reject(Rejection rejection) {
            rejected[0]++;
          }

          @Override
          public void ignore() {}
        };

    format.read(
        new InputStream() {
          private long left = size;

          @Override
          public int read() {
            return left-- > 0 ? ' ' : -1;
          }

          @Override
          public int read(byte[] buffer, int offset, int length) {
            int read = (int) Math.min(length, left);
            left -= read;
            return read == 0 ? -1 : read;
          }
        },
        Collected.reception(),
        sink);

    assertThat(rejected[0]).isEqualTo(1);
  }

  private static InputStream dripping(String body, int step) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new InputStream() {
      private int at;

      @Override
      public int read() {
        return at < bytes.length ? bytes[at++] : -1;
      }

      @Override
      public int read(byte[] buffer, int offset, int length) {
        int read = Math.min(Math.min(step, length), bytes.length - at);
        System.arraycopy(bytes, at, buffer, offset, read);
        at += read;
        return read == 0 ? -1 : read;
      }
    };
  }

  private static String event(String id) {
    return """
        {"specversion":"1.0","id":"%s","source":"test","type":"io.outlay.llm.usage",\
        "data":{"team":"search","provider":"openai","model":"gpt-4o","tokens":{"output":1}}}"""
        .formatted(id);
  }
}
