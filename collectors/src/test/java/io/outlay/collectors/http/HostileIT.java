package io.outlay.collectors.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import io.outlay.collectors.testing.ProgramUnderTest;
import io.outlay.schema.UsageEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/**
 * Hostile input against the program as it is shipped, with a small heap: each gets a 4xx that says
 * what is wrong, none a 5xx, and the valid events beside it are stored.
 */
@TestMethodOrder(MethodOrderer.MethodName.class)
class HostileIT {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String JSON = "application/json";
  private static final String NDJSON = "application/x-ndjson";
  private static final String MEGABYTE = "x".repeat(1_000_000);

  private static ProgramUnderTest program;
  private static int valid;

  /**
   * A wrong event.
   *
   * @param field that the answer must name
   * @param error that the answer must begin with
   */
  private record WrongEvent(String event, String field, String error) {}

  /**
   * A wrong request.
   *
   * @param detail that the answer must contain
   */
  private record WrongRequest(
      String path, String type, byte[] body, int status, String detail, String... headers) {
    static WrongRequest events(String type, String body, int status, String detail) {
      return events(type, utf8(body), status, detail);
    }

    static WrongRequest events(
        String type, byte[] body, int status, String detail, String... headers) {
      return new WrongRequest("/v1/events", type, body, status, detail, headers);
    }
  }

  @BeforeAll
  static void start() throws Exception {
    program = ProgramUnderTest.ready("hostile-it", Map.of());
  }

  @AfterAll
  static void stop() throws Exception {
    if (program != null) {
      program.close();
    }
  }

  @Test
  void thereAreAtLeastTwoHundred() throws Exception {
    assertThat(wrongEvents().size() + wrongRequests().size()).isGreaterThanOrEqualTo(300);
  }

  @TestFactory
  Stream<DynamicTest> wrongEventsHarmNoOther() {
    List<WrongEvent> all = wrongEvents();
    return IntStream.range(0, all.size())
        .mapToObj(
            i -> {
              WrongEvent wrong = all.get(i);
              return dynamicTest(
                  i + " " + wrong.field() + ": " + shortened(wrong.error()), () -> refused(wrong));
            });
  }

  private static void refused(WrongEvent wrong) throws Exception {
    String before = validEvent();
    String after = validEvent();

    HttpResponse<String> answer =
        program.post("/v1/events", JSON, "[" + before + "," + wrong.event() + "," + after + "]");
    HttpResponse<String> line =
        program.post("/v1/events", NDJSON, wrong.event().replace("\n", "") + "\n" + validEvent());

    assertThat(answer.statusCode()).as(shortened(answer.body())).isEqualTo(207);
    JsonNode body = MAPPER.readTree(answer.body());
    assertThat(body.get("accepted").asInt()).isEqualTo(2);
    JsonNode rejection = body.get("rejected").get(0);
    assertThat(rejection.get("index").asInt()).isEqualTo(1);
    assertThat(rejection.get("field").asText()).isEqualTo(wrong.field());
    assertThat(rejection.get("error").asText()).startsWith(wrong.error()).hasSizeLessThan(700);
    assertThat(line.statusCode()).as(shortened(line.body())).isEqualTo(207);
    assertThat(MAPPER.readTree(line.body()).get("accepted").asInt()).isEqualTo(1);
  }

  @TestFactory
  Stream<DynamicTest> wrongRequestsAreRefusedWithWhatIsWrong() throws Exception {
    List<WrongRequest> all = wrongRequests();
    return IntStream.range(0, all.size())
        .mapToObj(
            i -> {
              WrongRequest wrong = all.get(i);
              return dynamicTest(
                  i + " " + wrong.status() + " " + wrong.detail(), () -> refused(wrong));
            });
  }

  private static void refused(WrongRequest wrong) throws Exception {
    HttpResponse<String> answer =
        program.post(
            wrong.path(), wrong.type(), BodyPublishers.ofByteArray(wrong.body()), wrong.headers());

    assertThat(answer.statusCode()).as(shortened(answer.body())).isEqualTo(wrong.status());
    assertThat(answer.body()).contains(wrong.detail()).hasSizeBetween(20, 20_000);
    assertThat(program.post("/v1/events", JSON, validEvent()).statusCode()).isEqualTo(200);
  }

  /** Runs last because it looks at what all the others left. */
  @TestFactory
  List<DynamicTest> zAllValidEventsAreStoredAndTheProgramIsWell() {
    return List.of(
        dynamicTest(
            "every valid event is stored",
            () -> {
              Set<String> expected =
                  IntStream.range(0, valid)
                      .mapToObj(i -> "valid-" + i)
                      .collect(Collectors.toCollection(HashSet::new));
              assertThat(
                      program.stored().stream().map(UsageEvent::getId).collect(Collectors.toSet()))
                  .isEqualTo(expected);
            }),
        dynamicTest(
            "the program lives, holds nothing and has logged no fault",
            () -> {
              assertThat(program.process().isAlive()).isTrue();
              assertThat(program.metrics())
                  .containsEntry("outlay_ingest_in_flight", 0.0)
                  .containsEntry("outlay_ingest_in_flight_bytes", 0.0);
              assertThat(program.metrics().keySet()).noneMatch(name -> name.contains("status=\"5"));
              assertThat(program.log()).doesNotContain("\tat ").doesNotContain("ERROR");
            }));
  }

  // ---- events -------------------------------------------------------------------------------

  private static List<WrongEvent> wrongEvents() {
    List<WrongEvent> all = new ArrayList<>();
    attributes(all);
    times(all);
    dimensions(all);
    numbers(all);
    shapes(all);
    return all;
  }

  private static void attributes(List<WrongEvent> all) {
    for (String name : List.of("id", "source", "type")) {
      all.add(new WrongEvent(event().replace("\"" + name + "\"", "\"x\""), name, "is required"));
      for (String value : List.of("7", "true", "{}", "[]", "[[[[]]]]")) {
        all.add(new WrongEvent(with(name, value), name, "must be a string, was "));
      }
    }
    all.add(new WrongEvent(with("id", "\"\""), "id", "is required and must not be empty"));
    all.add(new WrongEvent(with("source", "\"\""), "source", "is required and must not be empty"));
    for (String name : List.of("id", "source")) {
      all.add(
          new WrongEvent(
              with(name, "\"" + "y".repeat(257) + "\""),
              name,
              "must have at most 256 characters, had 257"));
      all.add(
          new WrongEvent(
              with(name, "\"" + MEGABYTE.substring(500_000) + "\""),
              name,
              "must have at most 256 characters, had 500000"));
      all.add(
          new WrongEvent(
              with(name, "\"a\\u0000b\""), name, "must have no control characters, had U+0000"));
      all.add(
          new WrongEvent(
              with(name, "\"a\\ud800b\""), name, "must be valid Unicode, had a lone surrogate"));
      all.add(
          new WrongEvent(
              event().replaceFirst("\\{", "{\"" + name + "\":\"first\","), name, "is given twice"));
    }
    for (String value : List.of("\"0.3\"", "\"1.1\"", "1.0", "1", "\"\"", "[]")) {
      all.add(new WrongEvent(with("specversion", value), "specversion", "must be \"1.0\", was "));
    }
    all.add(new WrongEvent(with("type", "\"x\""), "type", "must be one of io.outlay.llm.usage"));
    all.add(
        new WrongEvent(
            event().replaceFirst("\\{", "{\"Data\":1,"), "Data", "is not a CloudEvents attribute"));
    all.add(
        new WrongEvent(
            event().replaceFirst("\\{", "{\"data_base64\":\"e30=\","),
            "data_base64",
            "is not supported"));
    all.add(
        new WrongEvent(
            event().replaceFirst("\\{", "{\"datacontenttype\":\"text/xml\","),
            "datacontenttype",
            "must be application/json, was \"text/xml\""));
    for (String value : List.of("7", "\"x\"", "[]", "true")) {
      all.add(
          new WrongEvent(
              "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\","
                  + "\"type\":\"io.outlay.llm.usage\",\"data\":"
                  + value
                  + "}",
              "data",
              "must be an object, was "));
    }
    for (String value : List.of("7", "\"x\"", "null", "[]", "true", "NaN")) {
      all.add(new WrongEvent(value, "$", "must be a CloudEvents object, was "));
    }
  }

  private static void times(List<WrongEvent> all) {
    for (String time :
        List.of(
            "\"yesterday\"",
            "\"\"",
            "1795226400",
            "\"2026-11-21\"",
            "\"2026-11-21T02:00:00\"",
            "\"2026-13-01T00:00:00Z\"",
            "\"2026-02-30T00:00:00Z\"",
            "\"2026-11-21T25:00:00Z\"",
            "\"2026-11-21T02:00:61Z\"",
            "\"2026-11-21T02:00:00+25:00\"",
            "\"+12026-11-21T02:00:00Z\"",
            "\"" + MEGABYTE.substring(900_000) + "\"",
            "[]",
            "{}",
            "true")) {
      all.add(new WrongEvent(withTime(time), "time", "must be an RFC 3339 time such as "));
    }
    for (String time :
        List.of("0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z")) {
      all.add(new WrongEvent(withTime("\"" + time + "\""), "time", "must be between 2000-01-01"));
    }
    for (String time : List.of("9999-12-31T23:59:59Z", "2099-12-31T23:59:59Z")) {
      all.add(new WrongEvent(withTime("\"" + time + "\""), "time", "must not be more than 300 s"));
    }
  }

  private static void dimensions(List<WrongEvent> all) {
    for (String name :
        List.of("team", "project", "feature", "customer", "user", "environment", "region")) {
      String field = "data." + name;
      all.add(new WrongEvent(withData(name, "5"), field, "must be a string, was 5"));
      all.add(
          new WrongEvent(withData(name, "{\"a\":1}"), field, "must be a string, was an object"));
      all.add(
          new WrongEvent(
              withData(name, "\"" + "z".repeat(129) + "\""),
              field,
              "must have at most 128 characters, had 129"));
      all.add(
          new WrongEvent(
              withData(name, "\"a\\nb\""), field, "must have no control characters, had U+000A"));
    }
    all.add(
        new WrongEvent(
            withData("team", "\"" + MEGABYTE.substring(10_000) + "\"").replace("\n", ""),
            "data.team",
            "must have at most 128 characters, had 990000"));
    all.add(new WrongEvent(withData("team", "\"\""), "data.team", "is required"));
    all.add(new WrongEvent(withData("team", "null"), "data.team", "is required"));
    all.add(
        new WrongEvent(
            event().replace("\"team\":\"t\"", "\"team\":\"a\",\"team\":\"b\""),
            "data.team",
            "is given twice"));
    all.add(new WrongEvent(withData("tags", "[]"), "data.tags", "must be an object of strings"));
    all.add(
        new WrongEvent(withData("tags", "{\"a\":1}"), "data.tags.a", "must be a string, was 1"));
    all.add(
        new WrongEvent(
            withData("tags", "{\"a\":\"1\",\"a\":\"2\"}"), "data.tags.a", "is given twice"));
    all.add(
        new WrongEvent(
            withData(
                "tags",
                IntStream.range(0, 33)
                    .mapToObj(i -> "\"t" + i + "\":\"v\"")
                    .collect(Collectors.joining(",", "{", "}"))),
            "data.tags",
            "must have at most 32 entries, had 33"));
    all.add(new WrongEvent(withData("__proto__", "{}"), "data.__proto__", "is not a field of"));
    all.add(new WrongEvent(withData("gpuSeconds", "1"), "data.gpuSeconds", "is not a field of"));
    all.add(
        new WrongEvent(
            withData("k".repeat(1000), "1"), "data." + "k".repeat(61) + "…", "is not a field of"));
  }

  private static void numbers(List<WrongEvent> all) {
    for (String bucket : List.of("input", "cacheRead", "output", "reasoning")) {
      String field = "data.tokens." + bucket;
      all.add(new WrongEvent(withTokens(bucket, "-1"), field, "must be >= 0, was -1"));
      all.add(new WrongEvent(withTokens(bucket, "-9e99"), field, "must be >= 0, was -9e99"));
      for (String value :
          List.of("1.5", "\"5\"", "NaN", "Infinity", "-Infinity", "true", "[]", "{}")) {
        all.add(new WrongEvent(withTokens(bucket, value), field, "must be a whole number >= 0"));
      }
      for (String value : List.of("1000000000001", "1e400", "1e999999999", "9".repeat(100_000))) {
        all.add(new WrongEvent(withTokens(bucket, value), field, "must be <= 1000000000000, was "));
      }
    }
    all.add(
        new WrongEvent(withTokens("Output", "1"), "data.tokens.Output", "is not a token bucket"));
    all.add(new WrongEvent(withData("latencyMs", "-1"), "data.latencyMs", "must be >= 0, was -1"));
    all.add(new WrongEvent(withData("requests", "0.5"), "data.requests", "must be a whole number"));
    all.add(new WrongEvent(withData("batch", "\"yes\""), "data.batch", "must be true or false"));
    String gpu = "io.outlay.gpu.usage";
    for (String value : List.of("NaN", "\"3600\"", "[1]")) {
      all.add(
          new WrongEvent(
              other(gpu, "\"gpuModel\":\"H100\",\"gpuSeconds\":" + value),
              "data.gpuSeconds",
              "must be a number of seconds >= 0"));
    }
    all.add(
        new WrongEvent(
            other(gpu, "\"gpuModel\":\"H100\",\"gpuSeconds\":1e10"),
            "data.gpuSeconds",
            "must be <= 1000000000, was 10000000000"));
    for (String value : List.of("1.1", "-0.1", "1e400")) {
      all.add(
          new WrongEvent(
              other(gpu, "\"gpuModel\":\"H100\",\"gpuSeconds\":1,\"utilization\":" + value),
              "data.utilization",
              "must be "));
    }
    for (String value : List.of("\"NaN\"", "\"1,5\"", "\"\"", "1.5", "true", "\"0x10\"")) {
      all.add(
          new WrongEvent(
              other("io.outlay.cost.direct", "\"amount\":" + value),
              "data.amount",
              "must be a decimal string"));
    }
    all.add(
        new WrongEvent(
            other("io.outlay.cost.direct", "\"amount\":\"1e30\""),
            "data.amount",
            "must be below 1000000 either way"));
    all.add(
        new WrongEvent(
            other("io.outlay.cost.direct", "\"amount\":\"0.0000000000001\""),
            "data.amount",
            "must have at most 12 decimals"));
    all.add(
        new WrongEvent(
            other("io.outlay.cost.direct", "\"amount\":\"1\",\"currency\":\"usd\""),
            "data.currency",
            "must be an ISO 4217 code"));
  }

  private static void shapes(List<WrongEvent> all) {
    all.add(
        new WrongEvent(
            other("io.outlay.cache.lookup", "\"layer\":\"exact\",\"hit\":true"),
            "data.provider",
            "is required"));
    all.add(
        new WrongEvent(
            other("io.outlay.cache.lookup", "\"layer\":\"exact\",\"hit\":false,\"tokens\":{}"),
            "data.tokens",
            "must be absent on a miss"));
    all.add(
        new WrongEvent(
            other("io.outlay.cache.lookup", "\"layer\":\"l2\",\"hit\":false"),
            "data.layer",
            "must be one of edge, exact, prefix, semantic"));
    all.add(
        new WrongEvent(
            other(
                "io.outlay.storage.move",
                "\"bytes\":1e19,\"fromTier\":\"hot\",\"toTier\":\"cold\""),
            "data.bytes",
            "must be <= 1000000000000000000"));
    all.add(
        new WrongEvent(
            other(
                "io.outlay.storage.move",
                "\"bytes\":1,\"fromTier\":\"lukewarm\",\"toTier\":\"cold\""),
            "data.fromTier",
            "must be one of archive, cold, hot, warm"));
    all.add(
        new WrongEvent(
            other("io.outlay.quality.score", "\"metric\":\"m\",\"score\":1.01"),
            "data.score",
            "must be between 0 and 1"));
    all.add(
        new WrongEvent(
            other("io.outlay.compute.usage", "\"cpuSeconds\":1"),
            "data.memoryGbSeconds",
            "is required where"));
    all.add(
        new WrongEvent(
            other("io.outlay.network.transfer", "\"bytes\":1,\"path\":\"tunnel\""),
            "data.path",
            "must be one of "));
  }

  // ---- requests -----------------------------------------------------------------------------

  private static List<WrongRequest> wrongRequests() throws IOException {
    List<WrongRequest> all = new ArrayList<>();
    otherEndpoints(all);
    truncated(all);
    encodings(all);
    packed(all);
    all.add(WrongRequest.events(JSON, "", 400, "the body is empty"));
    all.add(WrongRequest.events(JSON, "null", 400, "must be an event or an array"));
    all.add(WrongRequest.events(JSON, "\"x\"", 400, "must be an event or an array"));
    all.add(WrongRequest.events(JSON, event() + event(), 400, "must end after its JSON value"));
    all.add(WrongRequest.events(JSON, "<event/>", 400, "Unexpected character"));
    all.add(WrongRequest.events(JSON, "{'id':'1'}", 400, "Unexpected character"));
    all.add(WrongRequest.events(JSON, "{id:1}", 400, "Unexpected character"));
    all.add(WrongRequest.events(JSON, "[" + event() + ",]", 400, "Unexpected character"));
    all.add(WrongRequest.events(JSON, "[".repeat(100_000), 400, "nesting depth"));
    // Names that a parser would remember for ever: more of them than the heap could hold.
    for (int i = 0; i < 40; i++) {
      all.add(
          WrongRequest.events(
              JSON, "{\"n" + i + "x" + MEGABYTE.repeat(10) + "\":1}", 400, "Name length"));
    }
    all.add(WrongRequest.events(JSON, "{\"a\":".repeat(100_000), 400, "nesting depth"));
    all.add(
        WrongRequest.events(
            JSON,
            event().replace("\"team\":\"t\"", "\"team\":" + "[".repeat(70) + "]".repeat(70)),
            400,
            "nesting depth"));
    all.add(
        WrongRequest.events(
            JSON,
            IntStream.range(0, 10_001)
                .mapToObj(i -> "{}")
                .collect(Collectors.joining(",", "[", "]")),
            413,
            "at most 10000 events"));
    all.add(WrongRequest.events(JSON, " ".repeat(16_777_217), 413, "at most 16777216 bytes"));
    all.add(WrongRequest.events("text/csv", "a,b", 415, "supported are application/json"));
    all.add(WrongRequest.events("application/xml", "<a/>", 415, "supported are application/json"));
    all.add(WrongRequest.events("application/json;charset=utf-16", "{}", 415, "must be UTF-8"));
    all.add(
        WrongRequest.events("multipart/form-data; boundary=x", "--x--", 415, "is not supported"));
    all.add(
        WrongRequest.events("application/cloudevents+json", "[" + event() + "]", 400, "one event"));
    all.add(
        WrongRequest.events(
            "application/cloudevents-batch+json", event(), 400, "an array of events"));
    all.add(
        WrongRequest.events(
            JSON,
            utf8("{}"),
            415,
            "ce-id is given twice",
            "ce-specversion",
            "1.0",
            "ce-id",
            "1",
            "ce-id",
            "2"));
    all.add(
        WrongRequest.events(
            "text/plain",
            utf8("{}"),
            415,
            "data must be application/json",
            "ce-specversion",
            "1.0"));
    all.add(
        WrongRequest.events(
            JSON, utf8("{}"), 400, "specversion", "ce-specversion", "0.3", "ce-id", "1"));
    all.add(WrongRequest.events(NDJSON, "oops\n{]\n\"", 400, "the line is not JSON"));
    all.add(WrongRequest.events(NDJSON, MEGABYTE + MEGABYTE, 400, "at most 1048576 bytes"));
    all.add(new WrongRequest("/v1/nothing", JSON, utf8("{}"), 404, "there is nothing at"));
    return all;
  }

  /** What providers, gateways and exporters may send, gone wrong. */
  private static void otherEndpoints(List<WrongRequest> all) throws IOException {
    String chat = "/v1/usage/openai.chat";
    String usage = "{\"prompt_tokens\":1,\"completion_tokens\":%s,\"total_tokens\":2}";
    for (String value : List.of("\"1\"", "true", "[]", "{}")) {
      all.add(
          new WrongRequest(
              chat,
              JSON,
              utf8(usage.formatted(value)),
              400,
              "completion_tokens",
              "x-outlay-id",
              "1",
              "x-outlay-model",
              "gpt-4o"));
    }
    for (String body : List.of("", "[", "{\"usage\":", "<x/>", "{\"a\":".repeat(5_000))) {
      all.add(new WrongRequest(chat, JSON, utf8(body), 400, "\"status\":400"));
    }
    all.add(
        new WrongRequest(
            chat,
            JSON,
            utf8("{\"error\":{\"message\":\"x\"}}"),
            400,
            "\"field\"",
            "x-outlay-id",
            "1"));
    for (String value : List.of("null", "7", "true", "\"x\"")) {
      all.add(
          new WrongRequest(
              chat, JSON, utf8(value), 400, "must be an object of the provider, was "));
    }
    all.add(new WrongRequest(chat, JSON, utf8(usage.formatted("1")), 400, "x-outlay-id"));
    all.add(
        new WrongRequest(
            chat,
            JSON,
            utf8(usage.formatted("1")),
            400,
            "x-outlay-teem",
            "x-outlay-id",
            "1",
            "x-outlay-teem",
            "t"));
    all.add(
        new WrongRequest(
            chat,
            JSON,
            utf8(usage.formatted("1")),
            400,
            "x-outlay-time",
            "x-outlay-id",
            "1",
            "x-outlay-model",
            "m",
            "x-outlay-time",
            "9999-12-31T23:59:59Z"));
    all.add(new WrongRequest("/v1/usage/openai.chats", JSON, utf8("{}"), 404, "openai.chat"));
    all.add(new WrongRequest(chat, "text/csv", utf8("a"), 415, "supported are"));
    String callback = "/v1/callbacks/litellm";
    for (String body : List.of("", "7", "[7]", "[{}]", "[", "{\"id\":\"1\"}", "[[[[[]]]]]")) {
      all.add(new WrongRequest(callback, JSON, utf8(body), 400, ""));
    }
    for (String path : List.of("/v1/traces", "/v1/metrics", "/v1/logs")) {
      all.add(
          new WrongRequest(
              path,
              JSON,
              utf8("{\"resourceSpans\":7,\"resourceMetrics\":7,\"resourceLogs\":7}"),
              400,
              "must be"));
      all.add(new WrongRequest(path, JSON, utf8("{"), 400, "message"));
      all.add(new WrongRequest(path, JSON, utf8("[".repeat(100_000)), 400, "message"));
      all.add(
          new WrongRequest(path, "application/x-protobuf", utf8("not protobuf at all"), 400, ""));
      all.add(
          new WrongRequest(
              path, "application/x-protobuf", new byte[] {10, -1, -1, -1, -1, 127}, 400, ""));
      all.add(new WrongRequest(path, "text/plain", utf8("x"), 415, "supported are"));
      byte[] zeros = new byte[100_000_000];
      all.add(
          new WrongRequest(
              path,
              "application/x-protobuf",
              gzip(zeros),
              413,
              "at most 16777216 bytes",
              "Content-Encoding",
              "gzip"));
    }
  }

  private static void truncated(List<WrongRequest> all) {
    String whole = "[" + event() + "]";
    for (int i = 1; i < whole.length(); i += whole.length() / 20) {
      all.add(WrongRequest.events(JSON, whole.substring(0, i), 400, "\"line\":"));
    }
  }

  private static void encodings(List<WrongRequest> all) {
    String accented = "[" + event().replace("\"t\"", "\"t\u00e9am\"") + "]";
    all.add(
        WrongRequest.events(
            JSON, accented.getBytes(StandardCharsets.ISO_8859_1), 400, "Invalid UTF-8"));
    all.add(WrongRequest.events(JSON, inString(0xff, 0xfe), 400, "Invalid UTF-8"));
    all.add(WrongRequest.events(JSON, inString(0xe2, 0x82), 400, "Invalid UTF-8"));
    all.add(WrongRequest.events(JSON, inString(0x01), 400, "Illegal unquoted character"));
    all.add(
        WrongRequest.events(
            JSON,
            Arrays.copyOf(accented.getBytes(Charset.forName("UTF-16BE")), 41),
            400,
            "\"status\":400"));
    all.add(WrongRequest.events(JSON, new byte[1000], 400, "\"line\":"));
    byte[] noise = new byte[5000];
    new Random(7).nextBytes(noise);
    all.add(WrongRequest.events(JSON, noise, 400, "\"line\":"));
  }

  private static void packed(List<WrongRequest> all) throws IOException {
    byte[] body = utf8("[" + event() + "]");
    byte[] gzip = gzip(body);
    byte[] zstd = Zstd.compress(body);
    String gzipDetail = "the body is not gzip";
    String zstdDetail = "the body is not zstd";
    all.add(
        WrongRequest.events(
            JSON, body, 415, "supported are gzip and zstd", "Content-Encoding", "br"));
    all.add(WrongRequest.events(JSON, body, 400, gzipDetail, "Content-Encoding", "gzip"));
    all.add(WrongRequest.events(JSON, body, 400, zstdDetail, "Content-Encoding", "zstd"));
    all.add(WrongRequest.events(JSON, zstd, 400, gzipDetail, "Content-Encoding", "gzip"));
    all.add(WrongRequest.events(JSON, gzip, 400, zstdDetail, "Content-Encoding", "zstd"));
    all.add(WrongRequest.events(JSON, gzip, 400, "\"line\":", "X-Not-Content-Encoding", "gzip"));
    all.add(
        WrongRequest.events(
            JSON,
            Arrays.copyOf(gzip, gzip.length - 9),
            400,
            gzipDetail,
            "Content-Encoding",
            "gzip"));
    all.add(
        WrongRequest.events(
            JSON,
            Arrays.copyOf(zstd, zstd.length - 9),
            400,
            zstdDetail,
            "Content-Encoding",
            "zstd"));
    byte[] bent = gzip.clone();
    bent[bent.length - 5] ^= 1;
    all.add(WrongRequest.events(JSON, bent, 400, gzipDetail, "Content-Encoding", "gzip"));
    byte[] spaces = new byte[100_000_000];
    Arrays.fill(spaces, (byte) ' ');
    all.add(WrongRequest.events(JSON, gzip(spaces), 413, "at most", "Content-Encoding", "gzip"));
    all.add(
        WrongRequest.events(
            JSON, Zstd.compress(spaces), 413, "at most", "Content-Encoding", "zstd"));
    all.add(
        WrongRequest.events(NDJSON, gzip(spaces), 413, "200 times", "Content-Encoding", "gzip"));
    all.add(
        WrongRequest.events(
            NDJSON, Zstd.compress(spaces), 413, "200 times", "Content-Encoding", "zstd"));
    ByteArrayOutputStream window = new ByteArrayOutputStream();
    try (ZstdOutputStream out = new ZstdOutputStream(window)) {
      out.setLong(27);
      out.write(body);
    }
    all.add(
        WrongRequest.events(
            JSON, window.toByteArray(), 400, zstdDetail, "Content-Encoding", "zstd"));
  }

  // ---- texts --------------------------------------------------------------------------------

  private static String validEvent() {
    return event().replace("\"id\":\"1\"", "\"id\":\"valid-" + valid++ + "\"");
  }

  private static String event() {
    return """
        {"specversion":"1.0","id":"1","source":"it","type":"io.outlay.llm.usage","data":{\
        "team":"t","provider":"openai","model":"gpt-4o","tokens":{"output":7}}}""";
  }

  private static String with(String attribute, String value) {
    return event()
        .replaceFirst("\"" + attribute + "\":\"[^\"]*\"", "\"" + attribute + "\":" + quoted(value));
  }

  private static String withTime(String value) {
    return event().replaceFirst("\\{", "{\"time\":" + quoted(value) + ",");
  }

  private static String withData(String field, String value) {
    String plain = event().replaceFirst("\"" + field + "\":\"[^\"]*\",", "");
    return plain.replaceFirst(
        "\"provider\"", "\"" + field + "\":" + quoted(value) + ",\"provider\"");
  }

  private static String withTokens(String bucket, String value) {
    return event().replace("\"output\":7", "\"" + bucket + "\":" + value);
  }

  private static String other(String type, String data) {
    return """
        {"specversion":"1.0","id":"1","source":"it","type":"%s","data":{"team":"t",%s}}"""
        .formatted(type, data);
  }

  /** For the right side of a replacement. */
  private static String quoted(String value) {
    return Matcher.quoteReplacement(value);
  }

  private static byte[] inString(int... bytes) {
    byte[] body =
        utf8("[" + event().replace("\"t\"", "\"t" + "#".repeat(bytes.length) + "\"") + "]");
    int at = new String(body, StandardCharsets.ISO_8859_1).indexOf('#');
    for (int i = 0; i < bytes.length; i++) {
      body[at + i] = (byte) bytes[i];
    }
    return body;
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String shortened(String text) {
    return text.length() <= 300 ? text : text.substring(0, 300) + "…";
  }
}
