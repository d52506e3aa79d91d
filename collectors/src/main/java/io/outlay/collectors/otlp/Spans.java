package io.outlay.collectors.otlp;

import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.schema.UsageEvent;

/** Spans: each that is a call of a model is an event. */
final class Spans extends Telemetry {
  static final int TRACE_ID_BYTES = 16;
  static final int SPAN_ID_BYTES = 8;

  Spans(Reception reception, EventSink sink, MetricServices metricServices) {
    super(reception, sink, metricServices);
  }

  @Override
  void scope(Origin origin, Fields.Slice items) throws UnreadableBodyException {
    Fields fields = items.fields();
    while (fields.next()) {
      if (fields.number() == ScopeSpans.SPANS_FIELD_NUMBER) {
        span(origin, fields.message());
      } else {
        fields.skip();
      }
    }
  }

  private void span(Origin origin, Fields.Slice span) throws UnreadableBodyException {
    int place = nextIndex();
    Attributes attributes = new Attributes();
    Fields.Slice traceId = Fields.Slice.EMPTY;
    Fields.Slice spanId = Fields.Slice.EMPTY;
    long start = 0;
    long end = 0;
    boolean failed = false;
    Fields fields = span.fields();
    while (fields.next()) {
      switch (fields.number()) {
        case Span.TRACE_ID_FIELD_NUMBER -> traceId = fields.message();
        case Span.SPAN_ID_FIELD_NUMBER -> spanId = fields.message();
        case Span.START_TIME_UNIX_NANO_FIELD_NUMBER -> start = fields.fixed64();
        case Span.END_TIME_UNIX_NANO_FIELD_NUMBER -> end = fields.fixed64();
        case Span.ATTRIBUTES_FIELD_NUMBER -> attributes.add(fields.message());
        case Span.STATUS_FIELD_NUMBER -> failed = isError(fields.message());
        default -> fields.skip();
      }
    }
    if (metricServices.contains(origin.service())) {
      sink.ignore();
      return;
    }
    String id = hex(traceId) + "-" + hex(spanId);
    UsageEvent event;
    try {
      Origin.Said said = Origin.call(attributes, hasUsage(attributes));
      if (said == null) {
        sink.ignore();
        return;
      }
      require("traceId", traceId, TRACE_ID_BYTES);
      require("spanId", spanId, SPAN_ID_BYTES);
      event =
          origin.event(
              new Origin.Call(id, hex(traceId), start, end, failed, 1),
              said,
              attributes,
              Tokens.of(attributes).buckets(said.provider(), said.model(), said.warnings()));
    } catch (Refused e) {
      reject(place, id, e.violation());
      return;
    }
    sink.accept(event);
  }

  private static void require(String field, Fields.Slice id, int bytes) throws Refused {
    if (!isId(id, bytes)) {
      throw new Refused(
          field,
          "must have "
              + bytes
              + " bytes that are not all zero, had "
              + id.length()
              + (id.length() <= bytes ? ": \"" + hex(id) + "\"" : ""));
    }
  }

  private static boolean isError(Fields.Slice status) throws UnreadableBodyException {
    boolean error = false;
    Fields fields = status.fields();
    while (fields.next()) {
      if (fields.number() == Status.CODE_FIELD_NUMBER) {
        error = fields.varint() == Status.StatusCode.STATUS_CODE_ERROR_VALUE;
      } else {
        fields.skip();
      }
    }
    return error;
  }
}
