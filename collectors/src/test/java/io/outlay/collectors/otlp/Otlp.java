package io.outlay.collectors.otlp;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.testing.Collected;
import io.outlay.schema.LlmUsage;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Builds what services send, with OpenTelemetry's own messages, and reads it. */
final class Otlp {
  static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  static final String SPAN = "b7ad6b7169203331";
  static final Instant END = Collected.NOW.minusSeconds(60);
  static final MetricServices NONE = new MetricServices(List.of());

  private Otlp() {}

  static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000 + time.getNano();
  }

  static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  /** Attributes from keys and values: String, Long, Integer, Double, Boolean, List. */
  static List<KeyValue> attributes(Object... keysAndValues) {
    List<KeyValue> attributes = new ArrayList<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      attributes.add(
          KeyValue.newBuilder()
              .setKey((String) keysAndValues[i])
              .setValue(value(keysAndValues[i + 1]))
              .build());
    }
    return attributes;
  }

  /** Attributes from a text such as {@code a=1 b=x c="1"}; what looks like a number is one. */
  static List<KeyValue> attributes(String text) {
    List<Object> parts = new ArrayList<>();
    for (String part : text.strip().split("\\s+")) {
      int equals = part.indexOf('=');
      parts.add(part.substring(0, equals));
      String value = part.substring(equals + 1);
      if (value.matches("-?\\d+")) {
        parts.add(Long.parseLong(value));
      } else if (value.matches("-?\\d+\\.\\d+|NaN")) {
        parts.add(Double.parseDouble(value));
      } else {
        parts.add(value.replace("\"", ""));
      }
    }
    return attributes(parts.toArray());
  }

  private static AnyValue value(Object value) {
    AnyValue.Builder any = AnyValue.newBuilder();
    if (value instanceof String text) {
      any.setStringValue(text);
    } else if (value instanceof Double real) {
      any.setDoubleValue(real);
    } else if (value instanceof Boolean truth) {
      any.setBoolValue(truth);
    } else if (value instanceof List<?> list) {
      ArrayValue.Builder array = any.getArrayValueBuilder();
      list.forEach(each -> array.addValues(value(each)));
    } else {
      any.setIntValue(((Number) value).longValue());
    }
    return any.build();
  }

  static Resource resource(String service) {
    return Resource.newBuilder().addAllAttributes(attributes("service.name", service)).build();
  }

  /** A span of two seconds that ended a minute ago. */
  static Span.Builder span(List<KeyValue> attributes) {
    return Span.newBuilder()
        .setTraceId(bytes(TRACE))
        .setSpanId(bytes(SPAN))
        .setName("chat gpt-4o")
        .setStartTimeUnixNano(nanos(END.minusSeconds(2)))
        .setEndTimeUnixNano(nanos(END))
        .addAllAttributes(attributes);
  }

  static ExportTraceServiceRequest traces(Resource resource, Span.Builder... spans) {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    var scope = request.addResourceSpansBuilder().setResource(resource).addScopeSpansBuilder();
    for (Span.Builder span : spans) {
      scope.addSpans(span);
    }
    return request.build();
  }

  static ExportLogsServiceRequest logs(Resource resource, LogRecord.Builder... records) {
    ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
    var scope = request.addResourceLogsBuilder().setResource(resource).addScopeLogsBuilder();
    for (LogRecord.Builder record : records) {
      scope.addLogRecords(record);
    }
    return request.build();
  }

  static Collected read(ExportTraceServiceRequest request) throws Exception {
    return read(Signal.TRACES, request.toByteArray(), NONE, Collected.reception());
  }

  static Collected read(ExportLogsServiceRequest request) throws Exception {
    return read(Signal.LOGS, request.toByteArray(), NONE, Collected.reception());
  }

  static Collected read(
      Signal signal, byte[] body, MetricServices metricServices, Reception reception)
      throws Exception {
    Collected collected = new Collected();
    collected.read(OtlpFormat.protobuf(signal, metricServices), body, reception);
    return collected;
  }

  /** What a single span of a service becomes. */
  static Collected span(String attributes) throws Exception {
    return read(traces(resource("shop"), span(attributes(attributes))));
  }

  static LlmUsage llm(UsageEvent event) {
    return (LlmUsage) event.getDetail();
  }

  /** Buckets that are not zero, such as {@code cacheRead=80 input=20}; sorted by name. */
  static String buckets(UsageEvent event) {
    TokenCounts tokens = llm(event).getTokens();
    Map<String, Long> buckets = new TreeMap<>();
    buckets.put("input", tokens.getInput());
    buckets.put("cacheRead", tokens.getCacheRead());
    buckets.put("cacheWrite5m", tokens.getCacheWrite5m());
    buckets.put("cacheWrite1h", tokens.getCacheWrite1h());
    buckets.put("output", tokens.getOutput());
    buckets.put("reasoning", tokens.getReasoning());
    buckets.put("inputAudio", tokens.getInputAudio());
    buckets.put("outputAudio", tokens.getOutputAudio());
    buckets.put("inputImage", tokens.getInputImage());
    buckets.put("outputImage", tokens.getOutputImage());
    StringBuilder text = new StringBuilder();
    buckets.forEach(
        (name, count) -> {
          if (count != 0) {
            text.append(text.isEmpty() ? "" : " ").append(name).append('=').append(count);
          }
        });
    return text.toString();
  }
}
