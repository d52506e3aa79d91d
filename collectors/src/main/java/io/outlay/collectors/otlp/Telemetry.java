package io.outlay.collectors.otlp;

import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.Rejection;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.usage.Violation;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Walks a request down to its items, which are spans, log records or data points. All three have a
 * resource with scopes of items.
 */
abstract class Telemetry {
  private static final int RESOURCE_ITEMS = 1;
  private static final int RESOURCE = 1;
  private static final int SCOPE_ITEMS = 2;

  final Reception reception;
  final EventSink sink;
  final MetricServices metricServices;

  /** Place of the current item in its request. */
  private int index;

  Telemetry(Reception reception, EventSink sink, MetricServices metricServices) {
    this.reception = reception;
    this.sink = sink;
    this.metricServices = metricServices;
  }

  final void read(Fields.Slice request) throws UnreadableBodyException {
    begin(request);
    each(request, RESOURCE_ITEMS, this::resource);
  }

  /** Takes a part of a message. */
  @FunctionalInterface
  interface Part {
    void take(Fields.Slice part) throws UnreadableBodyException;
  }

  /** Walks the parts of a message that are in one of its fields. */
  static void each(Fields.Slice message, int number, Part part) throws UnreadableBodyException {
    Fields fields = message.fields();
    while (fields.next()) {
      if (fields.number() == number) {
        part.take(fields.message());
      } else {
        fields.skip();
      }
    }
  }

  /** Walks the scopes of a request, whatever resource they are of. */
  static void eachScope(Fields.Slice request, Part scope) throws UnreadableBodyException {
    each(request, RESOURCE_ITEMS, items -> each(items, SCOPE_ITEMS, scope));
  }

  /** The resource is read first, wherever it stands. */
  private void resource(Fields.Slice items) throws UnreadableBodyException {
    Fields.Slice resource = Fields.Slice.EMPTY;
    Fields fields = items.fields();
    while (fields.next()) {
      if (fields.number() == RESOURCE) {
        resource = fields.message();
      } else {
        fields.skip();
      }
    }
    Origin origin = new Origin(resource, reception);
    begin(origin);
    each(items, SCOPE_ITEMS, scope -> scope(origin, scope));
    end(origin);
  }

  /** Before all items. */
  void begin(Fields.Slice request) throws UnreadableBodyException {}

  /** Before the items of a resource. */
  void begin(Origin origin) {}

  /** The items of a scope. */
  abstract void scope(Origin origin, Fields.Slice items) throws UnreadableBodyException;

  /** After the items of a resource. */
  void end(Origin origin) {}

  /** Counts an item; returns its place. */
  final int nextIndex() {
    return index++;
  }

  final void reject(int place, @Nullable String id, Violation violation) {
    sink.reject(new Rejection(place, id, violation.field(), violation.error()));
  }

  /** Hexadecimal digits of an id. */
  static String hex(Fields.Slice id) {
    return HexFormat.of().formatHex(id.body(), id.from(), id.from() + id.length());
  }

  /** Whether an id has a length and is not all zero, which stands for none. */
  static boolean isId(Fields.Slice id, int length) {
    if (id.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (id.body()[id.from() + i] != 0) {
        return true;
      }
    }
    return false;
  }

  static boolean hasUsage(Attributes attributes) {
    return Keys.USAGE.stream().anyMatch(attributes::hasAny);
  }
}
