package io.outlay.collectors.otlp;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * As much of OTLP's messages as is looked at, by the names that their fields have in JSON. What has
 * no place here is skipped, as OTLP demands of fields that a receiver does not know.
 */
final class Shape {
  static final Shape TRACES;
  static final Shape METRICS;
  static final Shape LOGS;

  private final Map<String, Member> members = new HashMap<>();

  /** How a value stands in JSON. */
  enum Kind {
    MESSAGE,
    TEXT,
    /** Bytes as hexadecimal digits: trace and span ids. */
    HEX,
    /** A signed number of 64 bits, or an enumeration; as a number or as a string. */
    INTEGER,
    /** 64 bits of fixed length, unsigned; as a number or as a string. */
    FIXED64,
    /** The same, signed. */
    SIGNED_FIXED64,
    /** A floating-point number; not finite ones as a string. */
    REAL,
    TRUTH
  }

  /**
   * A field.
   *
   * @param shape of a message, else null
   */
  record Member(int number, Kind kind, boolean repeated, @Nullable Shape shape) {}

  static {
    Shape text = new Shape().with("stringValue", AnyValue.STRING_VALUE_FIELD_NUMBER, Kind.TEXT);
    Shape array = new Shape().many("values", ArrayValue.VALUES_FIELD_NUMBER, text);
    Shape value =
        new Shape()
            .with("stringValue", AnyValue.STRING_VALUE_FIELD_NUMBER, Kind.TEXT)
            .with("boolValue", AnyValue.BOOL_VALUE_FIELD_NUMBER, Kind.TRUTH)
            .with("intValue", AnyValue.INT_VALUE_FIELD_NUMBER, Kind.INTEGER)
            .with("doubleValue", AnyValue.DOUBLE_VALUE_FIELD_NUMBER, Kind.REAL)
            .one("arrayValue", AnyValue.ARRAY_VALUE_FIELD_NUMBER, array);
    Shape attribute =
        new Shape()
            .with("key", KeyValue.KEY_FIELD_NUMBER, Kind.TEXT)
            .one("value", KeyValue.VALUE_FIELD_NUMBER, value);
    Shape resource = new Shape().many("attributes", Resource.ATTRIBUTES_FIELD_NUMBER, attribute);
    Shape scope = new Shape().with("name", InstrumentationScope.NAME_FIELD_NUMBER, Kind.TEXT);

    Shape status = new Shape().with("code", Status.CODE_FIELD_NUMBER, Kind.INTEGER);
    Shape span =
        new Shape()
            .with("traceId", Span.TRACE_ID_FIELD_NUMBER, Kind.HEX)
            .with("spanId", Span.SPAN_ID_FIELD_NUMBER, Kind.HEX)
            .with("parentSpanId", Span.PARENT_SPAN_ID_FIELD_NUMBER, Kind.HEX)
            .with("startTimeUnixNano", Span.START_TIME_UNIX_NANO_FIELD_NUMBER, Kind.FIXED64)
            .with("endTimeUnixNano", Span.END_TIME_UNIX_NANO_FIELD_NUMBER, Kind.FIXED64)
            .many("attributes", Span.ATTRIBUTES_FIELD_NUMBER, attribute)
            .one("status", Span.STATUS_FIELD_NUMBER, status);
    TRACES =
        new Shape()
            .many(
                "resourceSpans",
                ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER,
                new Shape()
                    .one("resource", ResourceSpans.RESOURCE_FIELD_NUMBER, resource)
                    .many(
                        "scopeSpans",
                        ResourceSpans.SCOPE_SPANS_FIELD_NUMBER,
                        new Shape().many("spans", ScopeSpans.SPANS_FIELD_NUMBER, span)));

    Shape record =
        new Shape()
            .with("timeUnixNano", LogRecord.TIME_UNIX_NANO_FIELD_NUMBER, Kind.FIXED64)
            .with(
                "observedTimeUnixNano",
                LogRecord.OBSERVED_TIME_UNIX_NANO_FIELD_NUMBER,
                Kind.FIXED64)
            .many("attributes", LogRecord.ATTRIBUTES_FIELD_NUMBER, attribute)
            .with("traceId", LogRecord.TRACE_ID_FIELD_NUMBER, Kind.HEX)
            .with("spanId", LogRecord.SPAN_ID_FIELD_NUMBER, Kind.HEX)
            .with("eventName", LogRecord.EVENT_NAME_FIELD_NUMBER, Kind.TEXT);
    LOGS =
        new Shape()
            .many(
                "resourceLogs",
                1,
                new Shape()
                    .one("resource", ResourceLogs.RESOURCE_FIELD_NUMBER, resource)
                    .many(
                        "scopeLogs",
                        ResourceLogs.SCOPE_LOGS_FIELD_NUMBER,
                        new Shape()
                            .many("logRecords", ScopeLogs.LOG_RECORDS_FIELD_NUMBER, record)));

    Shape number =
        new Shape()
            .many("attributes", NumberDataPoint.ATTRIBUTES_FIELD_NUMBER, attribute)
            .with(
                "startTimeUnixNano",
                NumberDataPoint.START_TIME_UNIX_NANO_FIELD_NUMBER,
                Kind.FIXED64)
            .with("timeUnixNano", NumberDataPoint.TIME_UNIX_NANO_FIELD_NUMBER, Kind.FIXED64)
            .with("asDouble", NumberDataPoint.AS_DOUBLE_FIELD_NUMBER, Kind.REAL)
            .with("asInt", NumberDataPoint.AS_INT_FIELD_NUMBER, Kind.SIGNED_FIXED64);
    Shape histogram =
        new Shape()
            .many("attributes", HistogramDataPoint.ATTRIBUTES_FIELD_NUMBER, attribute)
            .with(
                "startTimeUnixNano",
                HistogramDataPoint.START_TIME_UNIX_NANO_FIELD_NUMBER,
                Kind.FIXED64)
            .with("timeUnixNano", HistogramDataPoint.TIME_UNIX_NANO_FIELD_NUMBER, Kind.FIXED64)
            .with("count", HistogramDataPoint.COUNT_FIELD_NUMBER, Kind.FIXED64)
            .with("sum", HistogramDataPoint.SUM_FIELD_NUMBER, Kind.REAL);
    Shape exponential =
        new Shape()
            .many("attributes", ExponentialHistogramDataPoint.ATTRIBUTES_FIELD_NUMBER, attribute)
            .with(
                "startTimeUnixNano",
                ExponentialHistogramDataPoint.START_TIME_UNIX_NANO_FIELD_NUMBER,
                Kind.FIXED64)
            .with(
                "timeUnixNano",
                ExponentialHistogramDataPoint.TIME_UNIX_NANO_FIELD_NUMBER,
                Kind.FIXED64)
            .with("count", ExponentialHistogramDataPoint.COUNT_FIELD_NUMBER, Kind.FIXED64)
            .with("sum", ExponentialHistogramDataPoint.SUM_FIELD_NUMBER, Kind.REAL);
    // Gauges and summaries say nothing of usage, but their points are counted as ignored.
    Shape other = new Shape().many("dataPoints", 1, new Shape());
    Shape metric =
        new Shape()
            .with("name", Metric.NAME_FIELD_NUMBER, Kind.TEXT)
            .one("gauge", Metric.GAUGE_FIELD_NUMBER, other)
            .one(
                "sum",
                Metric.SUM_FIELD_NUMBER,
                new Shape()
                    .many("dataPoints", Sum.DATA_POINTS_FIELD_NUMBER, number)
                    .with(
                        "aggregationTemporality",
                        Sum.AGGREGATION_TEMPORALITY_FIELD_NUMBER,
                        Kind.INTEGER)
                    .with("isMonotonic", Sum.IS_MONOTONIC_FIELD_NUMBER, Kind.TRUTH))
            .one(
                "histogram",
                Metric.HISTOGRAM_FIELD_NUMBER,
                new Shape()
                    .many("dataPoints", Histogram.DATA_POINTS_FIELD_NUMBER, histogram)
                    .with(
                        "aggregationTemporality",
                        Histogram.AGGREGATION_TEMPORALITY_FIELD_NUMBER,
                        Kind.INTEGER))
            .one(
                "exponentialHistogram",
                Metric.EXPONENTIAL_HISTOGRAM_FIELD_NUMBER,
                new Shape()
                    .many("dataPoints", ExponentialHistogram.DATA_POINTS_FIELD_NUMBER, exponential)
                    .with(
                        "aggregationTemporality",
                        ExponentialHistogram.AGGREGATION_TEMPORALITY_FIELD_NUMBER,
                        Kind.INTEGER))
            .one("summary", Metric.SUMMARY_FIELD_NUMBER, other);
    METRICS =
        new Shape()
            .many(
                "resourceMetrics",
                1,
                new Shape()
                    .one("resource", ResourceMetrics.RESOURCE_FIELD_NUMBER, resource)
                    .many(
                        "scopeMetrics",
                        ResourceMetrics.SCOPE_METRICS_FIELD_NUMBER,
                        new Shape()
                            .one("scope", ScopeMetrics.SCOPE_FIELD_NUMBER, scope)
                            .many("metrics", ScopeMetrics.METRICS_FIELD_NUMBER, metric)));
  }

  private Shape() {}

  /** The field of a name, null if it is not looked at. */
  @Nullable Member member(String name) {
    return members.get(name);
  }

  private Shape with(String name, int number, Kind kind) {
    members.put(name, new Member(number, kind, false, null));
    return this;
  }

  private Shape one(String name, int number, Shape shape) {
    members.put(name, new Member(number, Kind.MESSAGE, false, shape));
    return this;
  }

  private Shape many(String name, int number, Shape shape) {
    members.put(name, new Member(number, Kind.MESSAGE, true, shape));
    return this;
  }
}
