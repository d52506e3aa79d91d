package io.outlay.it;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.MessageWriter;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonFormat;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.AggregationTemporalitySelector;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.outlay.client.DeliveryReport;
import io.outlay.client.LlmUsage;
import io.outlay.client.OutlayClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Every way to publish, from a real client to the fact that an analyst reads. */
class PublishIT {
  /**
   * 3 × $3 + 12,304 × $3.75 + 550 × $15, each a million tokens: Anthropic's own example of a bill
   * with a prompt cache.
   */
  private static final String WORKED_BILL = "0.054399";

  private static final String MODEL = "claude-sonnet-4-5";
  private static final String USAGE =
      """
      {"input_tokens":3,"cache_creation_input_tokens":12304,"cache_read_input_tokens":0,\
      "cache_creation":{"ephemeral_5m_input_tokens":12304,"ephemeral_1h_input_tokens":0},\
      "output_tokens":550,"service_tier":"standard"}""";
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir private static Path folder;

  private static HttpServer exporter;
  private static RunningStack stack;

  @BeforeAll
  static void start() throws Exception {
    exporter = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    exporter.createContext(
        "/metrics",
        exchange -> {
          byte[] body =
              """
              # TYPE DCGM_FI_DEV_GPU_UTIL gauge
              DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-1",device="nvidia0",modelName="NVIDIA H100 80GB HBM3",\
              Hostname="node-1",container="main",namespace="ml",pod="train-0"} 75
              """
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    exporter.start();
    Path listing =
        Files.writeString(
            folder.resolve("listing.csv"), "dataset,tier,bytes\nlogs,hot,1000000000000\n");
    stack =
        RunningStack.start(
            """
            timezone: UTC
            attribution:
              - {service: checkout-*, team: publish, feature: otlp}
              - {service: metered, team: publish}
              - {namespace: ml, team: publish}
            pullers:
              gpus:
                - {name: node-1, url: "http://127.0.0.1:%d/metrics", interval: 2s, timeout: 1s, cloud: aws}
              inventories:
                - {name: lake, url: "%s", interval: 2s, timeout: 1s, store: lake, team: publish}
            """
                .formatted(exporter.getAddress().getPort(), listing.toUri()));
  }

  @AfterAll
  static void stop() throws Exception {
    if (exporter != null) {
      exporter.stop(0);
    }
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  void theSameCallCostsTheSameToTheLastDigitWhicheverWayItComes() throws Exception {
    plain("plain");
    embedded("embedded");
    provider("provider");
    lines("ndjson");
    cloudEvents("cloudevents-binary", false);
    cloudEvents("cloudevents-structured", true);
    liteLlm();
    client("client");
    otlp(
        "otlp-http",
        OtlpHttpSpanExporter.builder().setEndpoint(at("/v1/traces").toString()).build());
    otlp("otlp-grpc", OtlpGrpcSpanExporter.builder().setEndpoint(stack.otlp().toString()).build());
    List<String> ways =
        List.of(
            "plain",
            "embedded",
            "provider",
            "ndjson",
            "cloudevents-binary",
            "cloudevents-structured",
            "litellm",
            "client",
            "otlp-http",
            "otlp-grpc");

    Map<String, String> expected = new TreeMap<>();
    ways.forEach(
        way ->
            expected.put(
                way, WORKED_BILL + "\tPRICED\tpublish\tclaude-sonnet-4-5\t3\t12304\t0\t550\t1"));
    await()
        .atMost(Duration.ofSeconds(15))
        .pollInterval(Duration.ofMillis(300))
        .untilAsserted(() -> assertThat(facts()).isEqualTo(expected));
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(
            () ->
                assertThat(
                        stack.scalar(
                            "SELECT sum(cost) FROM cost_rollups WHERE window = 'day' AND feature"
                                + " LIKE 'w-%'"))
                    .isEqualTo("0.489591"));
    assertThat(
            stack.scalar(
                "SELECT provider_api, JSONExtractUInt(provider_usage, 'cache_creation_input_tokens')"
                    + " FROM usage_costs WHERE feature = 'w-provider'"))
        .isEqualTo("anthropic.messages\t12304");
  }

  /** Amounts reckoned by hand from the shipped list prices. */
  @ParameterizedTest
  @CsvSource({
    // 86 × 2.5 + 1,920 × 1.25 + 300 × 10
    "openai.chat, openai-chat, '', 2306, 0.005615",
    // 2,064 × 1.25 + 1,024 × 0.125 + 512 × 1.25 + 870 × 10
    "openai.responses, openai-responses, '', 4470, 0.012048",
    // 8 × 0.02
    "openai.embeddings, openai-embeddings, '', 8, 0.00000016",
    // 3 × 3 + 12,304 × 3.75 + 550 × 15
    "anthropic.messages, anthropic, '', 12857, 0.054399",
    // 862 × 0.3 + 158 × 0.3 + 200 × 1 + 1,500 × 0.03 + (40 + 50 + 380) × 2.5
    "gemini.generate-content, gemini, '', 3190, 0.001726",
    // 30 × 0.06 + 1,100 × 0.015 + 2,000 × 0.06 + 628 × 0.24
    "bedrock.converse, bedrock, amazon.nova-lite-v1:0, 3758, 0.00028902"
  })
  void theResponseOfEachProviderCostsWhatItsListPriceSays(
      String api, String file, String model, long total, String cost) throws Exception {
    Path recorded = Path.of("..", "collectors/src/test/resources/provider", file + ".json");
    // No list price is known for Gemini's priority, Bedrock's flex and searches of that model of
    // OpenAI.
    String response =
        Files.readString(recorded)
            .replace("ON_DEMAND_PRIORITY", "ON_DEMAND")
            .replace("web_search_call", "file_search_call")
            .replace("\"flex\"", "\"default\"");

    accepted(
        post(
            "/v1/usage/" + api,
            "application/json",
            response,
            "x-outlay-id",
            "recorded-" + api,
            "x-outlay-team",
            "publish",
            model.isEmpty() ? "x-outlay-operation" : "x-outlay-model",
            model.isEmpty() ? "chat" : model));

    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(
            () ->
                assertThat(
                        stack.scalar(
                            "SELECT cost, pricing_status, warning, input_tokens + cache_read_tokens"
                                + " + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens"
                                + " + reasoning_tokens + input_audio_tokens + output_audio_tokens"
                                + " + input_image_tokens + output_image_tokens FROM usage_costs"
                                + " WHERE event_id = 'recorded-"
                                + api
                                + "'"))
                    .isEqualTo(cost + "\tPRICED\t\t" + total));
  }

  @Test
  void recordsAndMetricsOfOpenTelemetryBecomeFacts() throws Exception {
    Attributes call =
        Attributes.builder()
            .put("gen_ai.operation.name", "chat")
            .put("gen_ai.provider.name", "openai")
            .put("gen_ai.response.model", "gpt-4o")
            .put("gen_ai.usage.input_tokens", 1_200)
            .put("gen_ai.usage.output_tokens", 300)
            .build();
    try (SdkLoggerProvider loggers =
        SdkLoggerProvider.builder()
            .setResource(service("checkout-logs"))
            .addLogRecordProcessor(
                SimpleLogRecordProcessor.create(
                    OtlpHttpLogRecordExporter.builder()
                        .setEndpoint(at("/v1/logs").toString())
                        .build()))
            .build()) {
      loggers
          .get("publish-it")
          .logRecordBuilder()
          .setEventName("gen_ai.client.inference.operation.details")
          .setAllAttributes(call)
          .emit();
      assertThat(loggers.forceFlush().join(10, TimeUnit.SECONDS).isSuccess()).isTrue();
    }
    try (SdkMeterProvider meters =
        SdkMeterProvider.builder()
            .setResource(service("metered"))
            .registerMetricReader(
                PeriodicMetricReader.builder(
                        OtlpGrpcMetricExporter.builder()
                            .setEndpoint(stack.otlp().toString())
                            .setAggregationTemporalitySelector(
                                AggregationTemporalitySelector.deltaPreferred())
                            .build())
                    .setInterval(Duration.ofHours(1))
                    .build())
            .build()) {
      var tokens = meters.get("publish-it").histogramBuilder("gen_ai.client.token.usage").build();
      Attributes model =
          Attributes.builder()
              .put("gen_ai.operation.name", "chat")
              .put("gen_ai.provider.name", "openai")
              .put("gen_ai.response.model", "gpt-4o")
              .build();
      tokens.record(1_200, model.toBuilder().put("gen_ai.token.type", "input").build());
      tokens.record(300, model.toBuilder().put("gen_ai.token.type", "output").build());
      assertThat(meters.forceFlush().join(10, TimeUnit.SECONDS).isSuccess()).isTrue();
    }

    // 1,200 × 2.5 + 300 × 10, each
    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(
            () ->
                assertThat(
                        stack.scalar(
                            "SELECT source, team, cost, requests FROM usage_costs WHERE source IN"
                                + " ('checkout-logs', 'metered') ORDER BY source"))
                    .isEqualTo("checkout-logs\tpublish\t0.006\t1\nmetered\tpublish\t0.006\t1"));
  }

  private static Resource service(String name) {
    return Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), name));
  }

  @Test
  void whatIsPulledBecomesFacts() {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(300))
        .untilAsserted(
            () -> {
              assertThat(
                      stack.scalar(
                          "SELECT DISTINCT team, workload, node, utilization, gpu_seconds,"
                              + " pricing_status FROM usage_costs"
                              + " WHERE source = 'dcgm:node-1'"))
                  .isEqualTo("publish\tml/train-0\tnode-1\t0.75\t2\tPRICED");
              assertThat(
                      stack.scalar(
                          "SELECT DISTINCT team, store, dataset, tier, bytes, seconds FROM"
                              + " usage_costs WHERE source = 'inventory:lake'"))
                  .isEqualTo("publish\tlake\tlogs\thot\t1000000000000\t2");
            });
    // Slots follow each other and none is there twice.
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(
                        stack.scalar(
                            "SELECT count() >= 3, count() = uniqExact(event_time),"
                                + " dateDiff('second', min(event_time), max(event_time)) ="
                                + " 2 * (count() - 1) FROM usage_costs"
                                + " WHERE source = 'dcgm:node-1'"))
                    .isEqualTo("1\t1\t1"));
  }

  /** What the guide says to paste is run as it stands; only the address is another. */
  @TestFactory
  List<DynamicTest> everythingInTheGuideWorksWhenPasted() throws IOException {
    String guide = Files.readString(Path.of("..", "docs", "publish.md"));
    Matcher block = Pattern.compile("(?ms)^```sh\\n(.*?)^```$").matcher(guide);
    List<DynamicTest> tests = new ArrayList<>();
    while (block.find()) {
      String script = block.group(1);
      if (script.contains("curl")) {
        tests.add(
            DynamicTest.dynamicTest(script.lines().findFirst().orElse(""), () -> paste(script)));
      }
    }
    assertThat(tests).hasSizeGreaterThanOrEqualTo(8);
    return tests;
  }

  private static void paste(String script) throws Exception {
    String here = script.replace("http://127.0.0.1:8080", stack.collectors().toString());
    Process shell =
        new ProcessBuilder("bash", "-euo", "pipefail", "-c", here)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(shell.waitFor()).as(output).isZero();
    assertThat(output)
        .matches(
            "(?s).*(\"accepted\":[1-9]\\d*,\"rejected\":\\[]|\\{\\}|\"partialSuccess\":\\{\\}).*");
  }

  // ---- ways ---------------------------------------------------------------------------------

  private static void plain(String way) throws Exception {
    accepted(post("/v1/events", "application/json", event(way, tokens())));
  }

  private static void embedded(String way) throws Exception {
    String usage = "\"api\":\"anthropic.messages\",\"usage\":" + USAGE;
    accepted(post("/v1/events", "application/json", event(way, usage)));
  }

  private static void lines(String way) throws Exception {
    accepted(post("/v1/events", "application/x-ndjson", event(way, tokens()) + "\n"));
  }

  private static void provider(String way) throws Exception {
    String response =
        """
        {"id":"msg_01PublishIT","type":"message","role":"assistant",\
        "model":"%s","content":[{"type":"text","text":"Hi!"}],"stop_reason":"end_turn",\
        "stop_sequence":null,"usage":%s}"""
            .formatted(MODEL, USAGE);
    accepted(
        post(
            "/v1/usage/anthropic.messages",
            "application/json",
            response,
            "x-outlay-team",
            "publish",
            "x-outlay-feature",
            "w-" + way));
  }

  private static void cloudEvents(String way, boolean structured) throws Exception {
    var event =
        CloudEventBuilder.v1()
            .withId(way)
            .withSource(URI.create("/publish-it"))
            .withType("io.outlay.llm.usage")
            .withData("application/json", data(way, tokens()).getBytes(StandardCharsets.UTF_8))
            .build();
    HttpRequest.Builder request = HttpRequest.newBuilder(at("/v1/events"));
    MessageWriter<?, ?> writer =
        HttpMessageFactory.createWriter(
            request::header, bytes -> request.POST(BodyPublishers.ofByteArray(bytes)));
    if (structured) {
      writer.writeStructured(event, new JsonFormat());
    } else {
      writer.writeBinary(event);
    }
    accepted(HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString()));
  }

  private static void liteLlm() throws Exception {
    ObjectNode payload =
        (ObjectNode)
            MAPPER.readTree(
                """
                {"id":"chatcmpl-litellm","call_type":"acompletion","stream":false,\
                "response_cost":0.054399,"model":"claude-sonnet-4-5","custom_llm_provider":"anthropic",\
                "prompt_tokens":12307,"completion_tokens":550,"total_tokens":12857,\
                "cache_hit":null,"status":"success","request_tags":["a"],"end_user":"acme",\
                "metadata":{"user_api_key_team_alias":"publish","user_api_key_alias":"key-1",\
                "spend_logs_metadata":{},"usage_object":{"prompt_tokens":12307,"completion_tokens":550,\
                "total_tokens":12857,"prompt_tokens_details":{"cached_tokens":0},\
                "cache_creation_input_tokens":12304,"cache_read_input_tokens":0}}}""");
    double now = Instant.now().toEpochMilli() / 1000.0;
    payload.put("startTime", now - 2).put("endTime", now);
    accepted(
        post(
            "/v1/callbacks/litellm",
            "application/json",
            "[" + MAPPER.writeValueAsString(payload) + "]"));
  }

  private static void client(String way) throws Exception {
    try (OutlayClient client =
        OutlayClient.builder()
            .endpoint(stack.collectors())
            .source("publish-it")
            .defaults(all -> all.team("publish"))
            .build()) {
      client.publish(
          LlmUsage.of("anthropic", MODEL)
              .feature("w-" + way)
              .inputTokens(3)
              .cacheWrite5mTokens(12_304)
              .outputTokens(550));
      DeliveryReport report = client.flush(Duration.ofSeconds(10));
      assertThat(report.delivered()).isEqualTo(1);
      assertThat(report.queued() + report.spooled() + report.dropped()).isZero();
    }
  }

  /** The span as the current conventions say: input includes what was written to the cache. */
  private static void otlp(String way, SpanExporter to) {
    try (SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setResource(service("checkout-" + way))
            .addSpanProcessor(SimpleSpanProcessor.create(to))
            .build()) {
      provider
          .get("publish-it")
          .spanBuilder("chat " + MODEL)
          .setAttribute("gen_ai.operation.name", "chat")
          .setAttribute("gen_ai.provider.name", "anthropic")
          .setAttribute("gen_ai.response.model", MODEL)
          .setAttribute("gen_ai.usage.input_tokens", 12_307)
          .setAttribute("gen_ai.usage.cache_creation.input_tokens", 12_304)
          .setAttribute("gen_ai.usage.output_tokens", 550)
          .setAttribute("outlay.feature", "w-" + way)
          .startSpan()
          .end();
      assertThat(provider.forceFlush().join(10, TimeUnit.SECONDS).isSuccess()).isTrue();
    }
  }

  // ---- facts --------------------------------------------------------------------------------

  /** What each way came to, by the name of the way. */
  private static Map<String, String> facts() throws Exception {
    Map<String, String> facts = new TreeMap<>();
    stack
        .scalar(
            "SELECT if(source = 'litellm', 'litellm', substring(feature, 3)), cost,"
                + " pricing_status, team, model, input_tokens, cache_write_5m_tokens,"
                + " cache_read_tokens, output_tokens, requests FROM usage_costs"
                + " WHERE feature LIKE 'w-%' OR source = 'litellm' AND event_id = 'chatcmpl-litellm'")
        .lines()
        .filter(line -> !line.isEmpty())
        .forEach(
            line ->
                facts.put(
                    line.substring(0, line.indexOf('\t')), line.substring(line.indexOf('\t') + 1)));
    return facts;
  }

  private static String event(String way, String counts) {
    return """
        {"specversion":"1.0","id":"%s","source":"publish-it","type":"io.outlay.llm.usage","data":%s}"""
        .formatted(way, data(way, counts));
  }

  private static String data(String way, String counts) {
    return """
        {"team":"publish","feature":"w-%s","provider":"anthropic","model":"%s",%s}"""
        .formatted(way, MODEL, counts);
  }

  private static String tokens() {
    return "\"tokens\":{\"input\":3,\"cacheWrite5m\":12304,\"output\":550}";
  }

  private static void accepted(HttpResponse<String> answer) {
    assertThat(answer.body()).isEqualTo("{\"accepted\":1,\"rejected\":[]}");
  }

  private static HttpResponse<String> post(String path, String type, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at(path))
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static URI at(String path) {
    return stack.collectors().resolve(path);
  }
}
