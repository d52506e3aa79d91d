package io.outlay.collectors.otlp;

import com.fasterxml.jackson.core.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import io.outlay.collectors.format.EventFormat;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.TooManyEventsException;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.UsageEvent;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class OtlpFormatTest {
  private static final EventFormat TRACES_JSON = OtlpFormat.json(Signal.TRACES, Otlp.NONE);
  private static final EventFormat TRACES = OtlpFormat.protobuf(Signal.TRACES, Otlp.NONE);
  private static final MetricServices COUNTED = new MetricServices(List.of("shop"));

  /** As the specification of OTLP/JSON writes requests: ids in hex, 64 bits as strings. */
  private static final String SPAN =
      """
      {"resourceSpans":[{"resource":{"attributes":[
          {"key":"service.name","value":{"stringValue":"shop"}}]},
        "scopeSpans":[{"scope":{"name":"lib","version":"1.0"},"spans":[{
          "traceId":"0AF7651916CD43DD8448EB211C80319C","spanId":"b7ad6b7169203331","parentSpanId":"",
          "flags":1,"name":"chat gpt-4o","kind":3,
          "startTimeUnixNano":"1795226338000000000","endTimeUnixNano":"1795226340000000000",
          "attributes":[
            {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
            {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
            {"key":"gen_ai.response.model","value":{"stringValue":"gpt-4o"}},
            {"key":"gen_ai.usage.input_tokens","value":{"intValue":"1200"}},
            {"key":"gen_ai.usage.output_tokens","value":{"intValue":300}},
            {"key":"gen_ai.usage.cache_read.input_tokens","value":{"doubleValue":800}},
            {"key":"gen_ai.input.messages","value":{"kvlistValue":{"values":[]}}},
            {"key":"tag.tags","value":{"arrayValue":{"values":[{"stringValue":"beta"}]}}}],
          "events":[{"name":"x","attributes":[]}],"links":null,
          "status":{"code":2,"message":"gone"},"someFutureField":{"a":[1,2,{}]}}]}],
        "schemaUrl":"https://opentelemetry.io/schemas/1.40.0"}]}
      """;

  @Test
  void jsonIsReadAsTheSpecificationWritesIt() throws Exception {
    UsageEvent event = Collected.of(TRACES_JSON, SPAN).event();

    assertThat(event.getId()).isEqualTo(Otlp.TRACE + "-" + Otlp.SPAN);
    assertThat(event.getSource()).isEqualTo("shop");
    assertThat(event.getEventTimeMicros()).isEqualTo(1_795_226_340_000_000L);
    assertThat(Otlp.buckets(event)).isEqualTo("cacheRead=800 input=400 output=300");
    assertThat(Otlp.llm(event).getStatus()).isEqualTo("error");
    assertThat(Otlp.llm(event).getLatencyMs()).isEqualTo(2_000);
    assertThat(event.getTags()).containsOnlyKeys("beta");
  }

  @Test
  void parentsAreReadFromJson() throws Exception {
    String twice =
        SPAN.replace("\"scopeSpans\":[", "\"scopeSpans\":[" + scopeOf(SPAN) + ",")
            .replaceFirst("b7ad6b7169203331", "00000000000000c1")
            .replaceFirst("\"parentSpanId\":\"\"", "\"parentSpanId\":\"B7AD6B7169203331\"");

    Collected collected = Collected.of(TRACES_JSON, twice);

    assertThat(collected.event().getId()).isEqualTo(Otlp.TRACE + "-00000000000000c1");
    assertThat(collected.ignored()).isEqualTo(1);
  }

  private static String scopeOf(String request) {
    int from = request.indexOf("{\"scope\":");
    return request.substring(from, request.lastIndexOf("],\n  \"schemaUrl"));
  }

  @Test
  void namesOfOneBodyAreNotKeptForTheNext() throws Exception {
    String name = "n".repeat(100);

    assertThat(firstName(name)).isEqualTo(name).isNotSameAs(firstName(name));
  }

  private static String firstName(String name) throws Exception {
    byte[] body = ("{\"" + name + "\":1}").getBytes(StandardCharsets.UTF_8);
    try (JsonParser json = JsonBody.parser(new ByteArrayInputStream(body))) {
      json.nextToken();
      return json.nextFieldName();
    }
  }

  @Test
  void givenALongName_thenUnreadable() throws Exception {
    assertThat(Collected.of(TRACES_JSON, "{\"" + "n".repeat(256) + "\":1}").events()).isEmpty();
    assertThatThrownBy(() -> Collected.of(TRACES_JSON, "{\"" + "n".repeat(257) + "\":1}"))
        .isInstanceOf(UnreadableBodyException.class)
        .hasMessageContaining("Name length (257)");
  }

  @Test
  void logsAreReadFromJson() throws Exception {
    UsageEvent event =
        Collected.of(
                OtlpFormat.json(Signal.LOGS, Otlp.NONE),
                """
                {"resourceLogs":[{"scopeLogs":[{"logRecords":[{
                  "timeUnixNano":"1795226340000000000","observedTimeUnixNano":0,"severityNumber":9,
                  "eventName":"gen_ai.client.inference.operation.details","body":{"stringValue":"x"},
                  "traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331",
                  "attributes":[
                    {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
                    {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
                    {"key":"gen_ai.response.model","value":{"stringValue":"gpt-4o"}},
                    {"key":"gen_ai.usage.input_tokens","value":{"intValue":"7"}}]}]}]}]}
                """)
            .event();

    assertThat(event.getId()).isEqualTo(Otlp.TRACE + "-" + Otlp.SPAN);
    assertThat(event.getSource()).isEqualTo("otlp");
    assertThat(Otlp.buckets(event)).isEqualTo("input=7");
  }

  @Test
  void metricsAreReadFromJson() throws Exception {
    UsageEvent event =
        Collected.of(
                OtlpFormat.json(Signal.METRICS, COUNTED),
                """
                {"resourceMetrics":[{"resource":{"attributes":[
                    {"key":"service.name","value":{"stringValue":"shop"}}]},
                  "scopeMetrics":[{"scope":{"name":"lib"},"metrics":[
                    {"name":"gen_ai.client.inference.usage.input_tokens","unit":"{token}",
                     "sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[
                       {"startTimeUnixNano":"1795226280000000000","timeUnixNano":"1795226340000000000",
                        "asInt":"70","attributes":[
                          {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
                          {"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}}]}]}},
                    {"name":"gen_ai.client.inference.operation.input_tokens","unit":"{token}",
                     "histogram":{"aggregationTemporality":1,"dataPoints":[
                       {"startTimeUnixNano":"1795226280000000000","timeUnixNano":"1795226340000000000",
                        "count":"7","sum":70,"bucketCounts":["7"],"attributes":[
                          {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
                          {"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}}]}]}}]}]}]}
                """)
            .event();

    assertThat(Otlp.buckets(event)).isEqualTo("input=70");
    assertThat(Otlp.llm(event).getRequests()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [] | the body must be an object, was an array | 1 | 1
          "x" | the body must be an object, was "x" | 1 | 1
          {"resourceSpans":{}} | resourceSpans must be an array, was an object | 1 | 18
          {"resourceSpans":[5]} | resourceSpans must be an object, was "5" | 1 | 19
          {"resourceSpans":[],"resourceSpans":[]} | Duplicate field 'resourceSpans' | 1 | 36
          {"resourceSpans":[]} {} | the body must end after its object | 1 | 22
          {"resourceSpans":[ | Unexpected end-of-input | 1 | 19
          {oops} | Unexpected character ('o' | 1 | 2
          {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]} | traceId must be an even number of hexadecimal digits, was "xyz" | 1 | 55
          {"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":7}]}]}]} | spanId must be an even number of hexadecimal digits, was "7" | 1 | 54
          {"resourceSpans":[{"scopeSpans":[{"spans":[{"endTimeUnixNano":-1}]}]}]} | endTimeUnixNano must be a whole number >= 0 of 64 bits, was "-1" | 1 | 63
          {"resourceSpans":[{"scopeSpans":[{"spans":[{"endTimeUnixNano":1e3}]}]}]} | endTimeUnixNano must be a whole number >= 0 of 64 bits, was "1e3" | 1 | 63
          {"resourceSpans":[{"scopeSpans":[{"spans":[{"endTimeUnixNano":"99999999999999999999"}]}]}]} | endTimeUnixNano must be a whole number >= 0 of 64 bits | 1 | 63
          {"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"key":5}]}]}]}]} | key must be a string, was "5" | 1 | 66
          {"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"value":{"intValue":1.5}}]}]}]}]} | intValue must be a whole number of 64 bits, was "1.5" | 1 | 80
          {"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"value":{"boolValue":"yes"}}]}]}]}]} | boolValue must be true or false, was "yes" | 1 | 81
          {"resourceSpans":[{"scopeSpans":[{"spans":[{"status":{"code":"STATUS_CODE_OK"}}]}]}]} | code must be a whole number of 64 bits, was "STATUS_CODE_OK" | 1 | 62
          """)
  void whatIsNoOtlpInJsonIsUnreadable_atItsPlace(
      String body, String message, int line, int column) {
    UnreadableBodyException e =
        catchThrowableOfType(
            UnreadableBodyException.class, () -> Collected.of(TRACES_JSON, body.strip()));

    assertThat(e).hasMessageContaining(message);
    assertThat(e.line()).isEqualTo(line);
    assertThat(e.column()).isEqualTo(column);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n"})
  void givenNothing_thenUnreadableInJson(String body) {
    assertThatThrownBy(() -> Collected.of(TRACES_JSON, body))
        .isInstanceOf(UnreadableBodyException.class)
        .hasMessageContaining("the body is empty");
  }

  @Test
  void givenDeepNesting_thenUnreadable() {
    assertThatThrownBy(() -> Collected.of(TRACES_JSON, "{\"x\":" + "[".repeat(100_000)))
        .isInstanceOf(UnreadableBodyException.class)
        .hasMessageContaining("nesting depth");
  }

  @Test
  void givenBadUtf8_thenUnreadable() {
    byte[] body = SPAN.replace("shop", "sh\u00f6p").getBytes(StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> new Collected().read(TRACES_JSON, body, Collected.reception()))
        .isInstanceOf(UnreadableBodyException.class)
        .hasMessageContaining("UTF-8");
  }

  @ParameterizedTest
  @EnumSource(Signal.class)
  void emptyRequestsAreFine(Signal signal) throws Exception {
    assertThat(Collected.of(OtlpFormat.protobuf(signal, Otlp.NONE), "").events()).isEmpty();
    assertThat(Collected.of(OtlpFormat.json(signal, Otlp.NONE), "{}").events()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0a, 'breaks off'", // a field without its length
    "0a7f, 'a field of 127 bytes breaks off'",
    "0affffffff0f, 'a field of 4294967295 bytes breaks off'",
    "0affffffffffffffffffff, 'malformed varint'",
    "08ff, 'must have wire type 2, had 0'", // a number where a message must be
    "0f, 'must have wire type 2, had 7'", // a wire type that there is not
    "00, 'zero'", // field number 0
    "0c, 'wire type'", // the end of a group that never began
    "7b7b8b, ''", // groups in groups that break off
    "0a0412020a05, 'a field of 5 bytes breaks off'" // inside a span
  })
  void whatIsNoOtlpInProtobufIsUnreadable_atItsPlace(String hex, String message) {
    UnreadableBodyException e =
        catchThrowableOfType(
            UnreadableBodyException.class,
            () ->
                new Collected().read(TRACES, HexFormat.of().parseHex(hex), Collected.reception()));

    assertThat(e).as(hex).isNotNull();
    assertThat(e.getMessage())
        .startsWith("the body is not OTLP in protobuf: ")
        .containsPattern("near byte \\d+$");
    if (!message.isEmpty()) {
      assertThat(e.getMessage()).as(hex).matches("(?is).*(" + message + "|truncated|ended|tag).*");
    }
  }

  @Test
  void givenGroupsWithinGroupsWithoutEnd_thenUnreadableAndTheStackHolds() {
    byte[] body = new byte[1_000_000];
    Arrays.fill(body, (byte) 0x7b);

    assertThatThrownBy(() -> new Collected().read(TRACES, body, Collected.reception()))
        .isInstanceOf(UnreadableBodyException.class);
  }

  /** Whatever is broken or changed, the answer is events, rejections or "unreadable". */
  @Test
  void brokenBodiesNeverFailOtherwise() throws Exception {
    byte[] whole =
        Otlp.traces(
                Otlp.resource("shop"),
                Otlp.span(
                    Otlp.attributes(
                        "gen_ai.operation.name=chat gen_ai.provider.name=openai"
                            + " gen_ai.response.model=gpt-4o gen_ai.usage.input_tokens=5")))
            .toByteArray();
    Random random = new Random(20261121);
    int unreadable = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] body = Arrays.copyOf(whole, i < whole.length ? i : whole.length);
      for (int changes = i < whole.length ? 0 : 1 + random.nextInt(3); changes > 0; changes--) {
        body[random.nextInt(body.length)] = (byte) random.nextInt();
      }
      try {
        new Collected().read(TRACES, body, Collected.reception());
      } catch (UnreadableBodyException e) {
        unreadable++;
      }
    }
    assertThat(unreadable).isGreaterThan(1_000);
  }

  @Test
  void brokenJsonNeverFailsOtherwise() throws Exception {
    byte[] whole = SPAN.getBytes(StandardCharsets.UTF_8);
    Random random = new Random(20261121);
    int unreadable = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] body = Arrays.copyOf(whole, i < whole.length ? i : whole.length);
      if (i >= whole.length) {
        body[random.nextInt(body.length)] = (byte) random.nextInt();
      }
      try {
        new Collected().read(TRACES_JSON, body, Collected.reception());
      } catch (UnreadableBodyException e) {
        unreadable++;
      }
    }
    assertThat(unreadable).isGreaterThan(whole.length - 2);
  }

  /** Millions of empty spans fit into a body; as objects they would not fit into memory. */
  @Test
  void spansAreReadOneByOne_soThatALimitEndsTheReading() {
    ByteString spans = ByteString.copyFrom(new byte[] {0x12, 0});
    for (int doublings = 0; doublings < 22; doublings++) {
      spans = spans.concat(spans);
    }
    byte[] body =
        UnknownFieldSet.newBuilder()
            .addField(1, bytes(UnknownFieldSet.newBuilder().addField(2, bytes(spans)).build()))
            .build()
            .toByteArray();
    AtomicInteger ignored = new AtomicInteger();
    EventSink full =
        new EventSink() {
          @Override
          public void accept(UsageEvent event) {
            throw new AssertionError("an empty span is no usage");
          }

          @Override
          public void reject(Rejection rejection) {
            throw new AssertionError(rejection);
          }

          @Override
          public void ignore() {
            if (ignored.incrementAndGet() > 10_000) {
              throw new TooManyEventsException(10_000);
            }
          }
        };

    assertThatThrownBy(
            () -> TRACES.read(new ByteArrayInputStream(body), Collected.reception(), full))
        .isInstanceOf(TooManyEventsException.class);
    assertThat(body.length).isGreaterThan(8_000_000);
    assertThat(ignored).hasValue(10_001);
  }

  private static UnknownFieldSet.Field bytes(UnknownFieldSet message) {
    return bytes(message.toByteString());
  }

  private static UnknownFieldSet.Field bytes(ByteString bytes) {
    return UnknownFieldSet.Field.newBuilder().addLengthDelimited(bytes).build();
  }

  @Test
  void partsThatAreNotLookedAtAreNotRead() throws Exception {
    Span.Builder span =
        Otlp.span(
            Otlp.attributes(
                "gen_ai.input.messages", "m".repeat(1_000_000),
                "gen_ai.operation.name", "chat",
                "gen_ai.provider.name", "openai",
                "gen_ai.response.model", "gpt-4o",
                "gen_ai.usage.input_tokens", 5));
    ExportTraceServiceRequest request = Otlp.traces(Otlp.resource("shop"), span);

    assertThat(Otlp.buckets(Otlp.read(request).event())).isEqualTo("input=5");
  }
}
