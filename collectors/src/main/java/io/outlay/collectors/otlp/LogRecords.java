package io.outlay.collectors.otlp;

import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.schema.UsageEvent;
import java.util.HashMap;
import java.util.Map;

/**
 * Log records: each that carries the usage of a call is an event. Its id is
 *
 * <ul>
 *   <li>that of its span, {@code TRACE-SPAN}, if it is the event that the conventions have a call's
 *       span write once, {@value #OF_THE_SPAN}: a call whose span comes too is one event. Of
 *       several in one request the first has this id, and those equal to it;
 *   <li>{@code TRACE-SPAN-DIGEST} for every other record in a span, which may be one around many
 *       calls;
 *   <li>{@code log-DIGEST} without a span.
 * </ul>
 *
 * <p>The digest is of the resource, the time and the attributes. What other requests held is not
 * known: should a span's calls each write that one event, and they come in requests of their own,
 * they are taken for one.
 */
final class LogRecords extends Telemetry {
  static final String OF_THE_SPAN = "gen_ai.client.inference.operation.details";

  /** Digest of the record that has the id of its span, by that id. */
  private final Map<String, String> firsts = new HashMap<>();

  LogRecords(Reception reception, EventSink sink, MetricServices metricServices) {
    super(reception, sink, metricServices);
  }

  @Override
  void scope(Origin origin, Fields.Slice items) throws UnreadableBodyException {
    each(items, ScopeLogs.LOG_RECORDS_FIELD_NUMBER, record -> logRecord(origin, record));
  }

  private void logRecord(Origin origin, Fields.Slice item) throws UnreadableBodyException {
    int place = nextIndex();
    Attributes attributes = new Attributes();
    Fields.Slice traceId = Fields.Slice.EMPTY;
    Fields.Slice spanId = Fields.Slice.EMPTY;
    long time = 0;
    long observed = 0;
    String eventName = "";
    Fields fields = item.fields();
    while (fields.next()) {
      switch (fields.number()) {
        case LogRecord.TIME_UNIX_NANO_FIELD_NUMBER -> time = fields.fixed64();
        case LogRecord.OBSERVED_TIME_UNIX_NANO_FIELD_NUMBER -> observed = fields.fixed64();
        case LogRecord.TRACE_ID_FIELD_NUMBER -> traceId = fields.message();
        case LogRecord.SPAN_ID_FIELD_NUMBER -> spanId = fields.message();
        case LogRecord.EVENT_NAME_FIELD_NUMBER -> eventName = fields.text();
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
    String digest = digest(origin, item, when);
    String id = "log-" + digest;
    boolean ofSpan = false;
    String span = hex(traceId) + "-" + hex(spanId);
    if (hasTrace && isId(spanId, Spans.SPAN_ID_BYTES)) {
      ofSpan =
          OF_THE_SPAN.equals(eventName.isEmpty() ? attributes.text(Keys.EVENT_NAME) : eventName)
              && firsts.getOrDefault(span, digest).equals(digest);
      id = ofSpan ? span : span + "-" + digest;
    }
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
    if (ofSpan) {
      firsts.put(span, digest);
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
