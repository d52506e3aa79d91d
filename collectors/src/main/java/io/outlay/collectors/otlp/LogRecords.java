package io.outlay.collectors.otlp;

import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.schema.UsageEvent;

/**
 * Log records: each that carries the usage of a call is an event. It has the id of the span that it
 * was written in, so that a call whose span comes too is one event; without a span, a digest of
 * what it says is its id.
 */
final class LogRecords extends Telemetry {
  LogRecords(Reception reception, EventSink sink, MetricServices metricServices) {
    super(reception, sink, metricServices);
  }

  @Override
  void scope(Origin origin, Fields.Slice items) throws UnreadableBodyException {
    Fields fields = items.fields();
    while (fields.next()) {
      if (fields.number() == ScopeLogs.LOG_RECORDS_FIELD_NUMBER) {
        logRecord(origin, fields.message());
      } else {
        fields.skip();
      }
    }
  }

  private void logRecord(Origin origin, Fields.Slice item) throws UnreadableBodyException {
    int place = nextIndex();
    Attributes attributes = new Attributes();
    Fields.Slice traceId = Fields.Slice.EMPTY;
    Fields.Slice spanId = Fields.Slice.EMPTY;
    long time = 0;
    long observed = 0;
    Fields fields = item.fields();
    while (fields.next()) {
      switch (fields.number()) {
        case LogRecord.TIME_UNIX_NANO_FIELD_NUMBER -> time = fields.fixed64();
        case LogRecord.OBSERVED_TIME_UNIX_NANO_FIELD_NUMBER -> observed = fields.fixed64();
        case LogRecord.TRACE_ID_FIELD_NUMBER -> traceId = fields.message();
        case LogRecord.SPAN_ID_FIELD_NUMBER -> spanId = fields.message();
        case LogRecord.ATTRIBUTES_FIELD_NUMBER -> attributes.add(fields.message());
        default -> fields.skip();
      }
    }
    // A record of a rerank without tokens is no usage by itself: its span is.
    if (!hasUsage(attributes) || metricServices.contains(origin.service())) {
      sink.ignore();
      return;
    }
    long when = time == 0 ? observed : time;
    boolean hasTrace = isId(traceId, Spans.TRACE_ID_BYTES);
    String id =
        hasTrace && isId(spanId, Spans.SPAN_ID_BYTES)
            ? hex(traceId) + "-" + hex(spanId)
            : "log-" + digest(origin, item, when);
    UsageEvent event;
    try {
      Origin.Said said = Origin.call(attributes, true);
      if (said == null) {
        sink.ignore();
        return;
      }
      event =
          origin.event(
              new Origin.Call(id, hasTrace ? hex(traceId) : "", 0, when, false, 1),
              said,
              attributes,
              Tokens.of(attributes).buckets(said.provider(), said.model(), said.warnings()));
    } catch (Refused e) {
      reject(place, id, e.violation());
      return;
    }
    sink.accept(event);
  }

  private static String digest(Origin origin, Fields.Slice item, long when)
      throws UnreadableBodyException {
    Digest digest = origin.digest();
    digest.add(when);
    Fields fields = item.fields();
    while (fields.next()) {
      if (fields.number() == LogRecord.ATTRIBUTES_FIELD_NUMBER) {
        digest.addUnordered(fields.message());
      } else {
        fields.skip();
      }
    }
    digest.endUnordered();
    return digest.id();
  }
}
