package io.outlay.collectors.otlp;

import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.outlay.collectors.format.EventSink;
import io.outlay.collectors.format.Reception;
import io.outlay.collectors.format.UnreadableBodyException;
import io.outlay.schema.TokenCounts;
import io.outlay.schema.UsageEvent;
import io.outlay.usage.UsageRules;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Metrics of the services that are counted by them. The points of one request that differ in
 * nothing but the kind of their tokens are one event, for input contains cache reads and writes,
 * which are points of their own. Its id is a digest of the resource, the scope, the attributes, the
 * interval and which points there are; a request that is sent again gives the same ids.
 *
 * <p>Only what was added since the last export can be counted. Points that hold a running total are
 * rejected.
 */
final class Metrics extends Telemetry {
  private static final String TOKEN_USAGE = "gen_ai.client.token.usage";
  private static final String USAGE = "gen_ai.client.inference.usage.";
  private static final String OPERATION_INPUT = "gen_ai.client.inference.operation.input_tokens";
  private static final int DATA_POINTS = 1;
  private static final int TEMPORALITY = 2;

  /** Held until the end of their resource; more than any request may have by default. */
  private static final int MAX_GROUPS = 20_000;

  private final Map<String, Group> groups = new LinkedHashMap<>();

  Metrics(Reception reception, EventSink sink, MetricServices metricServices) {
    super(reception, sink, metricServices);
  }

  /** Kinds of tokens that a point can count. */
  private enum Kind {
    INPUT,
    OUTPUT,
    CACHE_READ,
    CACHE_WRITE,
    REASONING;

    /** By the value of {@code gen_ai.token.type}. */
    static Kind ofType(String type) throws Refused {
      return switch (type) {
        case "input", "prompt" -> INPUT;
        case "output", "completion" -> OUTPUT;
        case "cache_read", "input_cache_read", "input_cached", "cached" -> CACHE_READ;
        case "cache_write", "input_cache_write", "cache_creation", "input_cache_creation" ->
            CACHE_WRITE;
        case "reasoning", "output_reasoning" -> REASONING;
        default ->
            throw new Refused(
                Keys.TOKEN_TYPE,
                "must be one of input, output, cache_read, cache_write, reasoning, was "
                    + UsageRules.shown(type));
      };
    }

    /** By the end of a counter's name, null if it is none of them. */
    static @Nullable Kind ofCounter(String end) {
      return switch (end) {
        case "input_tokens" -> INPUT;
        case "output_tokens" -> OUTPUT;
        case "cache_read.input_tokens" -> CACHE_READ;
        case "cache_write.input_tokens", "cache_creation.input_tokens" -> CACHE_WRITE;
        case "reasoning.output_tokens" -> REASONING;
        default -> null;
      };
    }
  }

  /** A data point. */
  private static final class Point {
    private final Attributes attributes = new Attributes();
    private final Digest digest;
    private @Nullable Object value;
    private long count;
    private long start;
    private long time;

    Point(Digest digest) {
      this.digest = digest;
    }
  }

  /** Points that are one event. */
  private static final class Group {
    private final String key;
    private final Attributes attributes;
    private final long time;
    private final Map<String, Integer> places = new TreeMap<>();
    private final long[] counted = new long[Kind.values().length];
    private final long[] recorded = new long[Kind.values().length];
    private int haveCounted;
    private int haveRecorded;
    private long countedInputAudio;
    private long countedOutputAudio;
    private long countedInputImage;
    private long countedOutputImage;
    private @Nullable Long operations;
    private long inputs;

    Group(String key, Point first) {
      this.key = key;
      this.attributes = first.attributes;
      this.time = first.time;
    }

    /** Counters are the newer way: where both are there, they hold. */
    @Nullable Long tokens(Kind kind) {
      int have = haveCounted == 0 ? haveRecorded : haveCounted;
      long[] values = haveCounted == 0 ? recorded : counted;
      return (have & 1 << kind.ordinal()) == 0 ? null : (Long) values[kind.ordinal()];
    }

    long orZero(Kind kind) {
      Long tokens = tokens(kind);
      return tokens == null ? 0 : tokens;
    }

    long requests() {
      Long known = operations;
      return known == null ? inputs : known;
    }
  }

  @Override
  void scope(Origin origin, Fields.Slice items) throws UnreadableBodyException {
    String scope = "";
    Fields fields = items.fields();
    while (fields.next()) {
      if (fields.number() == ScopeMetrics.SCOPE_FIELD_NUMBER) {
        Fields named = fields.message().fields();
        while (named.next()) {
          if (named.number() == InstrumentationScope.NAME_FIELD_NUMBER) {
            scope = named.text();
          } else {
            named.skip();
          }
        }
      } else {
        fields.skip();
      }
    }
    fields = items.fields();
    while (fields.next()) {
      if (fields.number() == ScopeMetrics.METRICS_FIELD_NUMBER) {
        metric(origin, scope, fields.message());
      } else {
        fields.skip();
      }
    }
  }

  private void metric(Origin origin, String scope, Fields.Slice metric)
      throws UnreadableBodyException {
    String name = "";
    Fields.Slice data = Fields.Slice.EMPTY;
    int form = 0;
    Fields fields = metric.fields();
    while (fields.next()) {
      switch (fields.number()) {
        case Metric.NAME_FIELD_NUMBER -> name = fields.text();
        case Metric.GAUGE_FIELD_NUMBER,
            Metric.SUM_FIELD_NUMBER,
            Metric.HISTOGRAM_FIELD_NUMBER,
            Metric.EXPONENTIAL_HISTOGRAM_FIELD_NUMBER,
            Metric.SUMMARY_FIELD_NUMBER -> {
          form = fields.number();
          data = fields.message();
        }
        default -> fields.skip();
      }
    }
    boolean counts =
        (form == Metric.SUM_FIELD_NUMBER
                || form == Metric.HISTOGRAM_FIELD_NUMBER
                || form == Metric.EXPONENTIAL_HISTOGRAM_FIELD_NUMBER)
            && isUsage(name)
            && metricServices.contains(origin.service());
    long temporality = counts ? temporality(data) : 0;
    fields = data.fields();
    while (fields.next()) {
      if (fields.number() != DATA_POINTS) {
        fields.skip();
        continue;
      }
      Fields.Slice point = fields.message();
      int place = nextIndex();
      if (!counts) {
        sink.ignore();
      } else if (temporality != AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA_VALUE) {
        reject(place, null, notDelta(name, origin, temporality).violation());
      } else {
        take(origin, scope, name, form, point, place);
      }
    }
  }

  private static boolean isUsage(String name) {
    return name.equals(TOKEN_USAGE)
        || name.equals(OPERATION_INPUT)
        || (name.startsWith(USAGE) && Kind.ofCounter(name.substring(USAGE.length())) != null);
  }

  private static Refused notDelta(String name, Origin origin, long temporality) {
    boolean cumulative =
        temporality == AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE_VALUE;
    return new Refused(
        name,
        "must have delta temporality, was "
            + (cumulative ? "cumulative" : "unspecified")
            + "; set OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta for the service "
            + UsageRules.shown(origin.service()));
  }

  private static long temporality(Fields.Slice data) throws UnreadableBodyException {
    long temporality = 0;
    Fields fields = data.fields();
    while (fields.next()) {
      if (fields.number() == TEMPORALITY) {
        temporality = fields.varint();
      } else {
        fields.skip();
      }
    }
    return temporality;
  }

  private void take(
      Origin origin, String scope, String name, int form, Fields.Slice item, int place)
      throws UnreadableBodyException {
    Digest digest = origin.digest();
    digest.add(scope);
    Point point = new Point(digest);
    if (form == Metric.SUM_FIELD_NUMBER) {
      number(item, point);
    } else if (form == Metric.HISTOGRAM_FIELD_NUMBER) {
      histogram(item, point);
    } else {
      exponential(item, point);
    }
    digest.endUnordered();
    digest.add(point.start);
    digest.add(point.time);
    Group group = groups.computeIfAbsent(digest.id(), key -> new Group(key, point));
    try {
      add(group, name, form, point, place);
    } catch (Refused e) {
      reject(place, null, e.violation());
    }
    if (groups.size() >= MAX_GROUPS) {
      end(origin);
    }
  }

  private static void add(Group group, String name, int form, Point point, int place)
      throws Refused {
    boolean histogram = form != Metric.SUM_FIELD_NUMBER;
    String type = point.attributes.text(Keys.TOKEN_TYPE);
    String modality = point.attributes.text(Keys.MODALITY);
    if (name.equals(OPERATION_INPUT)) {
      if (histogram) {
        group.operations = requests(name, group.operations, point.count);
      }
    } else if (name.equals(TOKEN_USAGE)) {
      Kind kind = Kind.ofType(type);
      long tokens = tokens(name, point);
      group.recorded[kind.ordinal()] = sum(name, group.recorded[kind.ordinal()], tokens);
      group.haveRecorded |= 1 << kind.ordinal();
      if (kind == Kind.INPUT && histogram) {
        group.inputs = requests(name, group.inputs, point.count);
      }
    } else {
      Kind kind = Kind.ofCounter(name.substring(USAGE.length()));
      if (kind == null) {
        throw new IllegalStateException(name + " counts no tokens");
      }
      long tokens = tokens(name, point);
      group.counted[kind.ordinal()] = sum(name, group.counted[kind.ordinal()], tokens);
      group.haveCounted |= 1 << kind.ordinal();
      switch (kind.name() + " " + modality) {
        case "INPUT audio" -> group.countedInputAudio += tokens;
        case "OUTPUT audio" -> group.countedOutputAudio += tokens;
        case "INPUT image" -> group.countedInputImage += tokens;
        case "OUTPUT image" -> group.countedOutputImage += tokens;
        default -> {}
      }
    }
    group.places.putIfAbsent(name + '\n' + type + '\n' + modality, place);
  }

  private static long tokens(String name, Point point) throws Refused {
    Object value = point.value;
    return value == null ? 0 : Attributes.tokens(name, value);
  }

  private static long sum(String name, long a, long b) throws Refused {
    return Attributes.tokens(name, (Object) (a + b));
  }

  private static long requests(String name, @Nullable Long before, long count) throws Refused {
    if (count < 0 || count > UsageRules.MAX_REQUESTS) {
      throw new Refused(
          name,
          "must have a count of at most "
              + UsageRules.MAX_REQUESTS
              + ", was "
              + Long.toUnsignedString(count));
    }
    return (before == null ? 0 : before) + count;
  }

  @Override
  void end(Origin origin) {
    for (Group group : groups.values()) {
      emit(origin, group);
    }
    groups.clear();
  }

  private void emit(Origin origin, Group group) {
    if (group.places.isEmpty()) {
      return;
    }
    boolean used = group.requests() > 0;
    for (Kind kind : Kind.values()) {
      used |= group.orZero(kind) > 0;
    }
    Digest digest = new Digest();
    digest.add(group.key);
    group.places.keySet().forEach(digest::add);
    String id = "metric-" + digest.id();
    UsageEvent event;
    try {
      Origin.Said said = used ? Origin.call(group.attributes, true) : null;
      if (said == null) {
        group.places.values().forEach(place -> sink.ignore());
        return;
      }
      TokenCounts tokens =
          Tokens.of(
                  group.tokens(Kind.INPUT),
                  group.tokens(Kind.OUTPUT),
                  group.orZero(Kind.CACHE_READ),
                  group.orZero(Kind.CACHE_WRITE),
                  group.orZero(Kind.REASONING))
              .with(
                  group.countedInputAudio,
                  group.countedOutputAudio,
                  group.countedInputImage,
                  group.countedOutputImage)
              .buckets(said.provider(), said.model(), said.warnings());
      event =
          origin.event(
              new Origin.Call(id, "", 0, group.time, false, group.requests()),
              said,
              group.attributes,
              tokens);
    } catch (Refused e) {
      group.places.values().forEach(place -> reject(place, id, e.violation()));
      return;
    }
    sink.accept(event);
  }

  /** What tells apart nothing but kinds of tokens is no part of what identifies a group. */
  private static void attribute(Fields.Slice attribute, Point point)
      throws UnreadableBodyException {
    point.attributes.add(attribute);
    Fields fields = attribute.fields();
    while (fields.next()) {
      if (fields.number() == KeyValue.KEY_FIELD_NUMBER) {
        String key = fields.text();
        if (!key.equals(Keys.TOKEN_TYPE) && !key.equals(Keys.MODALITY)) {
          point.digest.addUnordered(attribute);
        }
      } else {
        fields.skip();
      }
    }
  }

  private static void number(Fields.Slice item, Point point) throws UnreadableBodyException {
    Fields fields = item.fields();
    while (fields.next()) {
      switch (fields.number()) {
        case NumberDataPoint.ATTRIBUTES_FIELD_NUMBER -> attribute(fields.message(), point);
        case NumberDataPoint.START_TIME_UNIX_NANO_FIELD_NUMBER -> point.start = fields.fixed64();
        case NumberDataPoint.TIME_UNIX_NANO_FIELD_NUMBER -> point.time = fields.fixed64();
        case NumberDataPoint.AS_INT_FIELD_NUMBER -> point.value = fields.fixed64();
        case NumberDataPoint.AS_DOUBLE_FIELD_NUMBER -> point.value = fields.real();
        default -> fields.skip();
      }
    }
  }

  private static void histogram(Fields.Slice item, Point point) throws UnreadableBodyException {
    Fields fields = item.fields();
    while (fields.next()) {
      switch (fields.number()) {
        case HistogramDataPoint.ATTRIBUTES_FIELD_NUMBER -> attribute(fields.message(), point);
        case HistogramDataPoint.START_TIME_UNIX_NANO_FIELD_NUMBER -> point.start = fields.fixed64();
        case HistogramDataPoint.TIME_UNIX_NANO_FIELD_NUMBER -> point.time = fields.fixed64();
        case HistogramDataPoint.COUNT_FIELD_NUMBER -> point.count = fields.fixed64();
        case HistogramDataPoint.SUM_FIELD_NUMBER -> point.value = fields.real();
        default -> fields.skip();
      }
    }
  }

  private static void exponential(Fields.Slice item, Point point) throws UnreadableBodyException {
    Fields fields = item.fields();
    while (fields.next()) {
      switch (fields.number()) {
        case ExponentialHistogramDataPoint.ATTRIBUTES_FIELD_NUMBER ->
            attribute(fields.message(), point);
        case ExponentialHistogramDataPoint.START_TIME_UNIX_NANO_FIELD_NUMBER ->
            point.start = fields.fixed64();
        case ExponentialHistogramDataPoint.TIME_UNIX_NANO_FIELD_NUMBER ->
            point.time = fields.fixed64();
        case ExponentialHistogramDataPoint.COUNT_FIELD_NUMBER -> point.count = fields.fixed64();
        case ExponentialHistogramDataPoint.SUM_FIELD_NUMBER -> point.value = fields.real();
        default -> fields.skip();
      }
    }
  }
}
