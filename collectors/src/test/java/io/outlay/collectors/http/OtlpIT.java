package io.outlay.collectors.http;

import com.google.protobuf.ByteString;
import com.google.rpc.RetryInfo;
import com.sun.net.httpserver.HttpServer;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.logs.OtlpGrpcLogRecordExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.AggregationTemporalitySelector;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.outlay.collectors.testing.ProgramUnderTest;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.UsageEvent;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

/** The program as it is shipped, and OpenTelemetry's own exporters. */
class OtlpIT {
  private static final String KEY = "0123456789-of-search";
  private static final String SLOW = "0123456789-of-slow";
  private static final int MAX_BODY = 1_000_000;
  private static final String JSON = "application/json";

  @TempDir private static Path folder;

  private static ProgramUnderTest program;

  @BeforeAll
  static void start() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("outlay.yaml"),
            """
            apiKeys:
              - {name: search-svc, key: "%s", team: search}
              - {name: slow, key: "%s", eventsPerSecond: 1}
            attribution:
              - {service: "shop-*", team: search, feature: answers}
            collectors:
              maxBodyBytes: %d
              otlpMetricsOf: ["metered-*"]
            """
                .formatted(KEY, SLOW, MAX_BODY));
    program = ProgramUnderTest.ready("otlp-it", Map.of("CONFIG_FILE", config.toString()));
  }

  @AfterAll
  static void stop() throws Exception {
    if (program != null) {
      program.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http"})
  void givenSpansAndRecordsOfTheRealExporters_thenEachCallIsOneEvent(String transport)
      throws Exception {
    String service = "shop-" + transport;
    SpanExporter spans =
        transport.equals("grpc")
            ? OtlpGrpcSpanExporter.builder()
                .setEndpoint("http://127.0.0.1:" + program.grpcPort())
                .addHeader("authorization", "Bearer " + KEY)
                .setCompression("gzip")
                .build()
            : OtlpHttpSpanExporter.builder()
                .setEndpoint("http://127.0.0.1:" + program.port() + "/v1/traces")
                .addHeader("x-api-key", KEY)
                .setCompression("gzip")
                .build();
    LogRecordExporter records =
        transport.equals("grpc")
            ? OtlpGrpcLogRecordExporter.builder()
                .setEndpoint("http://127.0.0.1:" + program.grpcPort())
                .addHeader("x-api-key", KEY)
                .build()
            : OtlpHttpLogRecordExporter.builder()
                .setEndpoint("http://127.0.0.1:" + program.port() + "/v1/logs")
                .addHeader("authorization", "Bearer " + KEY)
                .build();
    String spanId;
    String traceId;
    try (SdkTracerProvider tracers =
            SdkTracerProvider.builder()
                .setResource(resource(service))
                .addSpanProcessor(SimpleSpanProcessor.create(spans))
                .build();
        SdkLoggerProvider loggers =
            SdkLoggerProvider.builder()
                .setResource(resource(service))
                .addLogRecordProcessor(SimpleLogRecordProcessor.create(records))
                .build()) {
      var tracer = tracers.get("it");
      Span agent =
          tracer
              .spanBuilder("agent")
              .setAllAttributes(call("invoke_agent", 1_200, 300))
              .startSpan();
      Span call =
          tracer
              .spanBuilder("chat gpt-4o")
              .setParent(Context.root().with(agent))
              .setAllAttributes(call("chat", 1_200, 300))
              .startSpan();
      traceId = call.getSpanContext().getTraceId();
      spanId = call.getSpanContext().getSpanId();
      loggers
          .get("it")
          .logRecordBuilder()
          .setContext(Context.root().with(call))
          .setEventName("gen_ai.client.inference.operation.details")
          .setAllAttributes(call("chat", 1_200, 300))
          .emit();
      call.end();
      tracer.spanBuilder("GET /").startSpan().end();
      agent.end();
      assertThat(tracers.forceFlush().join(10, TimeUnit.SECONDS).isSuccess()).isTrue();
      assertThat(loggers.forceFlush().join(10, TimeUnit.SECONDS).isSuccess()).isTrue();
    }

    List<UsageEvent> events = storedOf(service);
    assertThat(events).hasSize(2);
    assertThat(events).extracting(UsageEvent::getId).containsOnly(traceId + "-" + spanId);
    UsageEvent event = events.get(0);
    assertThat(event.getTeam()).isEqualTo("search");
    assertThat(event.getFeature()).isEqualTo("answers");
    assertThat(event.getEnvironment()).isEqualTo("prod");
    assertThat(event.getRequestId()).isEqualTo(traceId);
    assertThat(tokens(events)).isEqualTo("400/800/300");
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http"})
  void givenDeltasOfAMeteredService_thenCountedOnceAndItsSpansAreNot(String transport)
      throws Exception {
    String service = "metered-" + transport;
    export(service, transport, AggregationTemporalitySelector.deltaPreferred(), 3);
    try (SdkTracerProvider tracers =
        SdkTracerProvider.builder()
            .setResource(resource(service))
            .addSpanProcessor(SimpleSpanProcessor.create(httpSpans()))
            .build()) {
      tracers
          .get("it")
          .spanBuilder("chat")
          .setAllAttributes(call("chat", 1_200, 300))
          .startSpan()
          .end();
      assertThat(tracers.forceFlush().join(10, TimeUnit.SECONDS).isSuccess()).isTrue();
    }

    List<UsageEvent> events = storedOf(service);
    assertThat(events).isNotEmpty().allMatch(event -> event.getId().startsWith("metric-"));
    assertThat(tokens(events)).isEqualTo("1200/2400/900");
    assertThat(events.stream().mapToLong(event -> llm(event).getRequests()).sum()).isEqualTo(3);
  }

  @Test
  void givenRunningTotals_thenNothingIsCounted() throws Exception {
    export("metered-total", "http", AggregationTemporalitySelector.alwaysCumulative(), 1);

    assertThat(storedOf("metered-total")).isEmpty();
    assertThat(
            program
                .metrics()
                .get("outlay_ingest_events_total{format=\"otlp-metrics\",outcome=\"rejected\"}"))
        .isGreaterThanOrEqualTo(4);
  }

  @Test
  void givenASpanThatCannotBeTaken_thenTheOtherIsAndTheAnswerNamesIt() throws Exception {
    HttpResponse<byte[]> answer =
        exchange(
            "/v1/traces",
            "application/x-protobuf",
            request("shop-partial", call("chat", -5, 1), call("chat", 1_200, 300)).toByteArray(),
            "x-api-key",
            KEY);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/x-protobuf");
    var partial = ExportTraceServiceResponse.parseFrom(answer.body()).getPartialSuccess();
    assertThat(partial.getRejectedSpans()).isEqualTo(1);
    assertThat(partial.getErrorMessage())
        .startsWith("1 of the spans were rejected: number 0 (")
        .endsWith("): gen_ai.usage.input_tokens must be >= 0, was -5");
    assertThat(storedOf("shop-partial")).hasSize(1);
  }

  @Test
  void givenJson_thenAnsweredInJson() throws Exception {
    String span =
        """
        {"resourceSpans":[{"resource":{"attributes":[
            {"key":"service.name","value":{"stringValue":"shop-json"}}]},
          "scopeSpans":[{"spans":[{
            "traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331",
            "attributes":[
              {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
              {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
              {"key":"gen_ai.response.model","value":{"stringValue":"gpt-4o"}},
              {"key":"gen_ai.usage.input_tokens","value":{"intValue":"%d"}}]}]}]}]}
        """;

    HttpResponse<String> taken =
        program.post("/v1/traces", JSON, span.formatted(7), "x-api-key", KEY);
    assertThat(taken.statusCode()).isEqualTo(200);
    assertThat(taken.headers().firstValue("Content-Type")).get().asString().startsWith(JSON);
    assertThat(taken.body()).isEqualTo("{}");
    HttpResponse<String> rejected =
        program.post("/v1/traces", JSON, span.formatted(-7), "x-api-key", KEY);
    assertThat(rejected.statusCode()).isEqualTo(200);
    assertThat(rejected.body())
        .startsWith("{\"partialSuccess\":{\"rejectedSpans\":\"1\",\"errorMessage\":")
        .contains("must be >= 0, was -7");
    HttpResponse<String> broken =
        program.post("/v1/traces", JSON, "{\"resourceSpans\":5}", "x-api-key", KEY);
    assertThat(broken.statusCode()).isEqualTo(400);
    assertThat(broken.body())
        .contains("\"code\":3")
        .contains("resourceSpans must be an array")
        .contains("at line 1, column 18");
  }

  @Test
  void givenWhatCannotBeTaken_thenAStatus() throws Exception {
    HttpResponse<byte[]> broken =
        exchange("/v1/logs", "application/x-protobuf", new byte[] {0x0a, 0x7f}, "x-api-key", KEY);
    assertThat(broken.statusCode()).isEqualTo(400);
    assertThat(com.google.rpc.Status.parseFrom(broken.body()).getMessage())
        .contains("a field of 127 bytes breaks off, near byte 2");
    HttpResponse<byte[]> large =
        exchange("/v1/traces", "application/x-protobuf", new byte[MAX_BODY + 1], "x-api-key", KEY);
    assertThat(large.statusCode()).isEqualTo(413);
    assertThat(com.google.rpc.Status.parseFrom(large.body()).getMessage())
        .contains("at most 1000000 bytes");
    HttpResponse<String> text = program.post("/v1/traces", "text/plain", "x", "x-api-key", KEY);
    assertThat(text.statusCode()).isEqualTo(415);
    assertThat(text.body()).contains("\"code\":3").contains("application/x-protobuf");
    assertThat(program.post("/v1/metrics", JSON, "{}").statusCode()).isEqualTo(401);
  }

  @Test
  void givenASpanThatCannotBeTakenOverGrpc_thenTheAnswerNamesIt() throws Exception {
    ExportTraceServiceResponse answer =
        grpc(KEY, request("shop-partial-grpc", call("chat", 1, -1), call("chat", 1, 1)));

    assertThat(answer.getPartialSuccess().getRejectedSpans()).isEqualTo(1);
    assertThat(answer.getPartialSuccess().getErrorMessage())
        .contains("gen_ai.usage.output_tokens must be >= 0, was -1");
    assertThat(storedOf("shop-partial-grpc")).hasSize(1);
    assertThat(grpc(KEY, request("shop-partial-grpc", call("chat", 1, 1))))
        .isEqualTo(ExportTraceServiceResponse.getDefaultInstance());
  }

  @Test
  void givenWhatCannotBeTakenOverGrpc_thenItsCodesSayWhetherToTryAgain() throws Exception {
    ExportTraceServiceRequest fine = request("shop-codes", call("chat", 1, 1));

    assertThat(failure(null, fine).getStatus().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(failure("0123456789-of-nobody", fine).getStatus().getCode())
        .isEqualTo(Code.UNAUTHENTICATED);
    Attributes large = call("chat", 1, 1).toBuilder().put("prompt", "x".repeat(MAX_BODY)).build();
    StatusRuntimeException tooLarge = failure(KEY, request("shop-codes", large));
    assertThat(tooLarge.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(retryAfter(tooLarge)).isNull();

    assertThat(
            grpc(
                SLOW,
                request(
                    "shop-slow",
                    call("chat", 1, 1),
                    call("chat", 1, 1),
                    call("chat", 1, 1),
                    call("chat", 1, 1))))
        .isEqualTo(ExportTraceServiceResponse.getDefaultInstance());
    StatusRuntimeException tooFast = failure(SLOW, fine);
    assertThat(tooFast.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(retryAfter(tooFast)).isBetween(1L, 4L);
    assertThat(storedOf("shop-codes")).isEmpty();
  }

  @Test
  void givenNothingToWriteTo_thenBothTransportsSayWhenToTryAgain() throws Exception {
    try (ProgramUnderTest alone = new ProgramUnderTest("otlp-alone-it", Map.of())) {
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> alone.get("/q/health/live").statusCode() == 200);

      HttpResponse<String> answer = alone.post("/v1/traces", JSON, "{}");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).hasValue("2");
      assertThat(answer.body()).contains("\"code\":14");
      StatusRuntimeException failure =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () -> grpc(alone.grpcPort(), null, request("shop", call("chat", 1, 1))));
      assertThat(failure.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
      assertThat(retryAfter(failure)).isEqualTo(2);
      alone.process().destroy();
      assertThat(alone.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(alone.log()).doesNotContain("\tat ");
    }
  }

  @Test
  void givenAPortThatIsTaken_thenTheProgramEndsAndNamesIt() throws Exception {
    HttpServer other = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    try (ProgramUnderTest second =
        new ProgramUnderTest(
            "otlp-taken-it",
            Map.of("OUTLAY_COLLECTORS_GRPCPORT", Integer.toString(other.getAddress().getPort())))) {
      assertThat(second.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(second.process().exitValue()).isNotZero();
      assertThat(second.log())
          .contains("collectors.grpcPort: 127.0.0.1:" + other.getAddress().getPort());
    } finally {
      other.stop(0);
    }
  }

  @Test
  void givenAConnectionFullOfIdleCalls_thenThereIsAPlaceForOthers() throws Exception {
    ManagedChannel idle =
        NettyChannelBuilder.forAddress("127.0.0.1", program.grpcPort()).usePlaintext().build();
    try {
      Metadata headers = new Metadata();
      headers.put(Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER), KEY);
      for (int i = 0; i < 40; i++) {
        // Of a unary call no headers are sent before its message.
        idle.newCall(
                TraceServiceGrpc.getExportMethod().toBuilder()
                    .setType(MethodDescriptor.MethodType.CLIENT_STREAMING)
                    .build(),
                CallOptions.DEFAULT)
            .start(new ClientCall.Listener<>() {}, headers);
      }
      await().until(() -> idle.getState(false) == ConnectivityState.READY);

      assertThat(grpc(KEY, request("shop-beside-idle", call("chat", 1, 1))))
          .isEqualTo(ExportTraceServiceResponse.getDefaultInstance());
    } finally {
      idle.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  /** Exports what calls used, by histogram and by counters, once. */
  private static void export(
      String service, String transport, AggregationTemporalitySelector temporality, int calls) {
    MetricExporter exporter =
        transport.equals("grpc")
            ? OtlpGrpcMetricExporter.builder()
                .setEndpoint("http://127.0.0.1:" + program.grpcPort())
                .addHeader("authorization", "Bearer " + KEY)
                .setAggregationTemporalitySelector(temporality)
                .build()
            : OtlpHttpMetricExporter.builder()
                .setEndpoint("http://127.0.0.1:" + program.port() + "/v1/metrics")
                .addHeader("authorization", "Bearer " + KEY)
                .setAggregationTemporalitySelector(temporality)
                .build();
    try (SdkMeterProvider meters =
        SdkMeterProvider.builder()
            .setResource(resource(service))
            .registerMetricReader(
                PeriodicMetricReader.builder(exporter).setInterval(Duration.ofHours(1)).build())
            .build()) {
      Meter meter = meters.get("it");
      DoubleHistogram operations =
          meter.histogramBuilder("gen_ai.client.inference.operation.input_tokens").build();
      LongCounter input =
          meter.counterBuilder("gen_ai.client.inference.usage.input_tokens").build();
      LongCounter cached =
          meter.counterBuilder("gen_ai.client.inference.usage.cache_read.input_tokens").build();
      LongCounter output =
          meter.counterBuilder("gen_ai.client.inference.usage.output_tokens").build();
      Attributes attributes =
          Attributes.builder()
              .put("gen_ai.operation.name", "chat")
              .put("gen_ai.provider.name", "openai")
              .put("gen_ai.request.model", "gpt-4o")
              .build();
      Attributes unknown = attributes.toBuilder().put("gen_ai.token.modality", "unknown").build();
      for (int i = 0; i < calls; i++) {
        operations.record(1_200, attributes);
        input.add(1_200, unknown);
        cached.add(800, unknown);
        output.add(300, unknown);
      }
      assertThat(meters.forceFlush().join(10, TimeUnit.SECONDS).isSuccess()).isTrue();
    }
  }

  private static SpanExporter httpSpans() {
    return OtlpHttpSpanExporter.builder()
        .setEndpoint("http://127.0.0.1:" + program.port() + "/v1/traces")
        .addHeader("x-api-key", KEY)
        .build();
  }

  private static Resource resource(String service) {
    return Resource.builder()
        .put("service.name", service)
        .put("deployment.environment.name", "prod")
        .build();
  }

  /** A call, two thirds of whose input were read from the provider's cache. */
  private static Attributes call(String operation, long input, long output) {
    return Attributes.builder()
        .put("gen_ai.operation.name", operation)
        .put("gen_ai.provider.name", "openai")
        .put("gen_ai.response.model", "gpt-4o")
        .put("gen_ai.usage.input_tokens", input)
        .put("gen_ai.usage.cache_read.input_tokens", Math.max(0, input * 2 / 3))
        .put("gen_ai.usage.output_tokens", output)
        .build();
  }

  private static ExportTraceServiceRequest request(String service, Attributes... calls) {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    var resourceSpans = request.addResourceSpansBuilder();
    resourceSpans.getResourceBuilder().addAttributes(text("service.name", service));
    var scope = resourceSpans.addScopeSpansBuilder();
    for (int i = 0; i < calls.length; i++) {
      var span =
          scope
              .addSpansBuilder()
              .setTraceId(ByteString.copyFromUtf8("0123456789abcdef"))
              .setSpanId(ByteString.copyFromUtf8("1234567" + i));
      calls[i].forEach(
          (key, value) ->
              span.addAttributes(
                  value instanceof Long number
                      ? KeyValue.newBuilder()
                          .setKey(key.getKey())
                          .setValue(AnyValue.newBuilder().setIntValue(number))
                          .build()
                      : text(key.getKey(), value.toString())));
    }
    return request.build();
  }

  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static ExportTraceServiceResponse grpc(
      @Nullable String key, ExportTraceServiceRequest request) throws InterruptedException {
    return grpc(program.grpcPort(), key, request);
  }

  private static ExportTraceServiceResponse grpc(
      int port, @Nullable String key, ExportTraceServiceRequest request)
      throws InterruptedException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      Metadata headers = new Metadata();
      if (key != null) {
        headers.put(Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER), key);
      }
      return TraceServiceGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .withDeadlineAfter(10, TimeUnit.SECONDS)
          .export(request);
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static StatusRuntimeException failure(
      @Nullable String key, ExportTraceServiceRequest request) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> grpc(key, request));
  }

  private static @Nullable Long retryAfter(StatusRuntimeException failure) throws Exception {
    var status = StatusProto.fromThrowable(failure);
    return status == null || status.getDetailsCount() == 0
        ? null
        : status.getDetails(0).unpack(RetryInfo.class).getRetryDelay().getSeconds();
  }

  private static HttpResponse<byte[]> exchange(
      String path, String contentType, byte[] body, String header, String value) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            program
                .request(path)
                .header("Content-Type", contentType)
                .header(header, value)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
  }

  private static List<UsageEvent> storedOf(String service) {
    return program.stored().stream().filter(event -> event.getSource().equals(service)).toList();
  }

  private static LlmUsage llm(UsageEvent event) {
    return (LlmUsage) event.getDetail();
  }

  /** Input, cache reads and output of events with different ids. */
  private static String tokens(List<UsageEvent> events) {
    long input = 0;
    long cacheRead = 0;
    long output = 0;
    Set<String> ids = new HashSet<>();
    for (UsageEvent event : events) {
      if (ids.add(event.getId())) {
        input += llm(event).getTokens().getInput();
        cacheRead += llm(event).getTokens().getCacheRead();
        output += llm(event).getTokens().getOutput();
      }
    }
    return input + "/" + cacheRead + "/" + output;
  }
}
