package io.outlay.collectors.otlp;

import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.TokenTotals;
import java.util.HashSet;
import java.util.Set;

/**
 * Spans: each that is a call of a model is an event, whose id is {@code TRACE-SPAN}.
 *
 * <p>Where two libraries watch the same call, such as a framework and the provider's client that it
 * uses, the span of the one is the parent of the other's and both name the same tokens. Then the
 * parent is ignored: the child is next to the call. They are known by having the same totals of
 * input and output, and only within a request: if child and parent come in different ones, both are
 * events.
 */
final class Spans extends Telemetry {
  static final int TRACE_ID_BYTES = 16;
  static final int SPAN_ID_BYTES = 8;

  /** Calls below other spans that are remembered; parents of further ones are events. */
  private static final int MAX_CHILDREN = 10_000;

  private final Set<Child> children = new HashSet<>();

  /**
   * A call below another span.
   *
   * @param parent id that the event of the other span would have
   * @param input tokens of all kinds
   * @param output tokens of all kinds
   */
  private record Child(String parent, long input, long output) {
    static Child of(String parent, TokenCounts tokens) {
      return new Child(parent, TokenTotals.input(tokens), TokenTotals.output(tokens));
    }
  }

  Spans(Reception reception, EventSink sink, MetricServices metricServices) {
    super(reception, sink, metricServices);
  }

  @Override
  void begin(Fields.Slice request) throws UnreadableBodyException {
    eachScope(request, scope -> each(scope, ScopeSpans.SPANS_FIELD_NUMBER, this::remember));
  }

  @Override
  void scope(Origin origin, Fields.Slice items) throws UnreadableBodyException {
    each(items, ScopeSpans.SPANS_FIELD_NUMBER, span -> span(origin, span));
  }

  /** What is looked at of a span. */
  private static final class Read {
    private final Attributes attributes = new Attributes();
    private Fields.Slice traceId = Fields.Slice.EMPTY;
    private Fields.Slice spanId = Fields.Slice.EMPTY;
    private Fields.Slice parentId = Fields.Slice.EMPTY;
    private long start;
    private long end;
    private boolean failed;

    Read(Fields.Slice span) throws UnreadableBodyException {
      Fields fields = span.fields();
      while (fields.next()) {
        switch (fields.number()) {
          case Span.TRACE_ID_FIELD_NUMBER -> traceId = fields.message();
          case Span.SPAN_ID_FIELD_NUMBER -> spanId = fields.message();
          case Span.PARENT_SPAN_ID_FIELD_NUMBER -> parentId = fields.message();
          case Span.START_TIME_UNIX_NANO_FIELD_NUMBER -> start = fields.fixed64();
          case Span.END_TIME_UNIX_NANO_FIELD_NUMBER -> end = fields.fixed64();
          case Span.ATTRIBUTES_FIELD_NUMBER -> attributes.add(fields.message());
          case Span.STATUS_FIELD_NUMBER -> failed = isError(fields.message());
          default -> fields.skip();
        }
      }
    }

    /** Whether it and another span are named in full; a span is not below itself. */
    boolean isBelowAnother() {
      return isId(traceId, TRACE_ID_BYTES)
          && isId(spanId, SPAN_ID_BYTES)
          && isId(parentId, SPAN_ID_BYTES)
          && !hex(parentId).equals(hex(spanId));
    }
  }

  private void remember(Fields.Slice item) throws UnreadableBodyException {
    if (children.size() >= MAX_CHILDREN) {
      return;
    }
    Read span = new Read(item);
    if (!span.isBelowAnother()) {
      return;
    }
    try {
      Origin.Said said = Origin.call(span.attributes, hasUsage(span.attributes));
      if (said != null) {
        children.add(Child.of(hex(span.traceId) + "-" + hex(span.parentId), tokens(span, said)));
      }
    } catch (Refused e) {
      // It becomes no event, so nothing is in place of its parent; it is rejected in its turn.
      return;
    }
  }

  private static TokenCounts tokens(Read span, Origin.Said said) throws Refused {
    return Tokens.of(span.attributes).buckets(said.provider(), said.model(), said.warnings());
  }

  private void span(Origin origin, Fields.Slice item) throws UnreadableBodyException {
    int place = nextIndex();
    Read span = new Read(item);
    if (metricServices.contains(origin.service())) {
      sink.ignore();
      return;
    }
    String id = hex(span.traceId) + "-" + hex(span.spanId);
    UsageEvent event;
    try {
      Origin.Said said = Origin.call(span.attributes, hasUsage(span.attributes));
      if (said == null) {
        sink.ignore();
        return;
      }
      require("traceId", span.traceId, TRACE_ID_BYTES);
      require("spanId", span.spanId, SPAN_ID_BYTES);
      TokenCounts tokens = tokens(span, said);
      if (children.contains(Child.of(id, tokens))) {
        sink.ignore();
        return;
      }
      event =
          origin.event(
              new Origin.Call(id, hex(span.traceId), span.start, span.end, span.failed, 1),
              said,
              span.attributes,
              tokens);
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
