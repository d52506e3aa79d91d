package io.outlay.collectors.otlp;

import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;

/** The kinds of telemetry that usage is read from. */
public enum Signal {
  TRACES("otlp-traces", "spans", "opentelemetry.proto.collector.trace.v1.TraceService"),
  METRICS("otlp-metrics", "data points", "opentelemetry.proto.collector.metrics.v1.MetricsService"),
  LOGS("otlp-logs", "log records", "opentelemetry.proto.collector.logs.v1.LogsService");

  private final String format;
  private final String items;
  private final String service;

  Signal(String format, String items, String service) {
    this.format = format;
    this.items = items;
    this.service = service;
  }

  /** Short name for metrics. */
  public String format() {
    return format;
  }

  /** Full name of its gRPC service. */
  public String service() {
    return service;
  }

  String items() {
    return items;
  }

  Shape shape() {
    return switch (this) {
      case TRACES -> Shape.TRACES;
      case METRICS -> Shape.METRICS;
      case LOGS -> Shape.LOGS;
    };
  }

  Telemetry reader(Reception reception, EventSink sink, MetricServices metricServices) {
    return switch (this) {
      case TRACES -> new Spans(reception, sink, metricServices);
      case METRICS -> new Metrics(reception, sink, metricServices);
      case LOGS -> new LogRecords(reception, sink, metricServices);
    };
  }
}
