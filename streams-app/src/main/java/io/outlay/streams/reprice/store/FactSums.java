package io.outlay.streams.reprice.store;

import com.clickhouse.client.api.data_formats.ClickHouseBinaryFormatReader;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * The sums of rollups as ClickHouse makes them of facts: those that the topology makes event by
 * event, to the last digit. A column of stored rollups is named as the field of the schema.
 */
final class FactSums {
  /** Tokens of either kind, all buckets. */
  private static final String INPUT =
      "f.input_tokens + f.cache_read_tokens + f.cache_write_5m_tokens + f.cache_write_1h_tokens"
          + " + f.input_audio_tokens + f.input_image_tokens";

  private static final String OUTPUT =
      "f.output_tokens + f.reasoning_tokens + f.output_audio_tokens + f.output_image_tokens";

  /** A fact's accelerator time in milliseconds, a half up. */
  private static final String GPU_MILLIS =
      "intDiv(toInt64(toDecimal128(f.gpu_seconds, 6) * 1000000) + 500, 1000)";

  /** How much of it was used. */
  private static final String GPU_BUSY_MILLIS =
      "intDiv("
          + GPU_MILLIS
          + " * toInt64(toDecimal64(assumeNotNull(f.utilization), 6) * 1000000) + 500000, 1000000)";

  /** What the rest of it cost, a half to the even neighbour. */
  private static final String GPU_IDLE_COST =
      "toDecimal128(roundBankers(toDecimal128(f.cost, 12)"
          + " * toDecimal128(1 - assumeNotNull(f.utilization), 6), 12), 12)";

  private static final Map<String, String> BY_FIELD = new LinkedHashMap<>();

  static {
    BY_FIELD.put("events", "count()");
    BY_FIELD.put("unpricedEvents", "countIf(f.pricing_status = 'UNPRICED')");
    BY_FIELD.put("cost", "sum(toDecimal128(f.cost, 12))");
    BY_FIELD.put("listCost", "sum(toDecimal128(f.list_cost, 12))");
    BY_FIELD.put("avoidedCost", "ifNull(sum(toDecimal128(f.avoided_cost, 12)), 0)");
    BY_FIELD.put("requests", "sum(f.requests)");
    BY_FIELD.put("inputTokens", "sum(" + INPUT + ")");
    BY_FIELD.put("outputTokens", "sum(" + OUTPUT + ")");
    BY_FIELD.put("statusEvents", "countIf(f.status != '')");
    BY_FIELD.put("errors", "countIf(f.status NOT IN ('', 'ok'))");
    BY_FIELD.put("latencyEvents", "count(f.latency_ms)");
    BY_FIELD.put("latencyMillis", "ifNull(sum(f.latency_ms), 0)");
    BY_FIELD.put("gpuMillis", "sum(" + GPU_MILLIS + ")");
    BY_FIELD.put("gpuMeasuredMillis", "sumIf(" + GPU_MILLIS + ", isNotNull(f.utilization))");
    BY_FIELD.put("gpuBusyMillis", "sumIf(" + GPU_BUSY_MILLIS + ", isNotNull(f.utilization))");
    BY_FIELD.put("gpuIdleCost", "sumIf(" + GPU_IDLE_COST + ", isNotNull(f.utilization))");
    BY_FIELD.put("cacheLookups", "countIf(f.type = 'io.outlay.cache.lookup')");
    BY_FIELD.put("cacheHits", "countIf(f.type = 'io.outlay.cache.lookup' AND f.cache_hit)");
    BY_FIELD.put("scoreEvents", "countIf(f.type = 'io.outlay.quality.score')");
    BY_FIELD.put(
        "scoreMillionths",
        "toInt64(ifNull(sumIf(f.score, f.type = 'io.outlay.quality.score'), 0) * 1000000)");
  }

  private FactSums() {}

  /** Names of the schema's fields that are sums over facts. */
  static Iterable<String> fields() {
    return BY_FIELD.keySet();
  }

  /** Of facts that are called {@code f}: {@code <sum> AS <column>, …}. */
  static String ofFacts() {
    return listed(field -> typed(field, BY_FIELD.get(field)) + " AS " + column(field));
  }

  /** Of stored rollups that are called {@code r}, likewise. */
  static String stored() {
    return listed(field -> typed(field, "r." + column(field)) + " AS " + column(field));
  }

  /** The columns of a table or subquery of that name: {@code f.events, …}. */
  static String columns(String table) {
    return listed(field -> table + "." + column(field));
  }

  /** The same, each under its own name. */
  static String named(String table) {
    return listed(field -> table + "." + column(field) + " AS " + column(field));
  }

  /** Puts the sums of a row into a rollup. */
  static void read(ClickHouseBinaryFormatReader row, SpecificRecordBase rollup) {
    for (String name : BY_FIELD.keySet()) {
      Schema.Field field = rollup.getSchema().getField(name);
      Object value =
          isMoney(name) ? row.getBigDecimal(column(name)) : (Object) row.getLong(column(name));
      rollup.put(field.pos(), value);
    }
  }

  private static String listed(UnaryOperator<String> each) {
    return BY_FIELD.keySet().stream().map(each).collect(Collectors.joining(", "));
  }

  private static String typed(String field, String expression) {
    return isMoney(field) ? "toDecimal128(" + expression + ", 12)" : "toInt64(" + expression + ")";
  }

  private static boolean isMoney(String field) {
    return field.endsWith("ost");
  }

  private static String column(String field) {
    return field.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
