package io.outlay.sink.row;

import io.outlay.schema.DeadLetterReason;
import io.outlay.schema.RollupWindow;
import io.outlay.schema.ScopeRollup;
import io.outlay.serde.AvroCodec;
import io.outlay.topic.ScopeKey;
import java.time.ZoneId;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Rollups by the scopes of cuts: one row per change, as {@link RollupRows}. */
public final class ScopeRollupRows extends AvroRows<ScopeRollup> {
  private static final List<String> COLUMNS =
      List.of(
          "window_start",
          "window",
          "day",
          "cut",
          "scope",
          "scope_text",
          "events",
          "unpriced_events",
          "cost",
          "list_cost",
          "avoided_cost",
          "requests",
          "input_tokens",
          "output_tokens",
          "revision",
          "last_event_time",
          "status_events",
          "errors",
          "latency_events",
          "latency_millis",
          "gpu_millis",
          "gpu_measured_millis",
          "gpu_busy_millis",
          "gpu_idle_cost",
          "cache_lookups",
          "cache_hits",
          "score_events",
          "score_millionths",
          "kafka_partition",
          "kafka_offset");

  private final Calendar calendar;

  /**
   * @param zone time zone of days
   */
  public ScopeRollupRows(AvroCodec<ScopeRollup> codec, ZoneId zone) {
    super("scope_rollups_store", COLUMNS, codec);
    this.calendar = new Calendar(zone);
  }

  @Override
  void write(ConsumerRecord<byte[], byte[]> record, ScopeRollup rollup, Rows rows) {
    if (rollup.getWindow() == RollupWindow.DAY) {
      throw new InvalidRowException(
          DeadLetterReason.INVALID, "window must be MINUTE or HOUR, was " + rollup.getWindow());
    }
    long start = time("window start", rollup.getWindowStartMicros());
    SortedMap<String, String> scope = new TreeMap<>(rollup.getScope());
    RowWriter row = rows.begin(calendar.month(start));
    row.int64(start);
    row.int8(rollup.getWindow().ordinal());
    row.int16(calendar.day(start));
    row.string(String.join("+", scope.keySet()));
    row.map(scope);
    row.string(ScopeKey.text(scope));
    row.int64(rollup.getEvents());
    row.int64(rollup.getUnpricedEvents());
    row.decimal128(rollup.getCost());
    row.decimal128(rollup.getListCost());
    row.decimal128(rollup.getAvoidedCost());
    row.int64(rollup.getRequests());
    row.int64(rollup.getInputTokens());
    row.int64(rollup.getOutputTokens());
    row.int64(rollup.getRevision());
    row.int64(rollup.getLastEventMicros());
    row.int64(rollup.getStatusEvents());
    row.int64(rollup.getErrors());
    row.int64(rollup.getLatencyEvents());
    row.int64(rollup.getLatencyMillis());
    row.int64(rollup.getGpuMillis());
    row.int64(rollup.getGpuMeasuredMillis());
    row.int64(rollup.getGpuBusyMillis());
    row.decimal128(rollup.getGpuIdleCost());
    row.int64(rollup.getCacheLookups());
    row.int64(rollup.getCacheHits());
    row.int64(rollup.getScoreEvents());
    row.int64(rollup.getScoreMillionths());
    row.int32(record.partition());
    row.int64(record.offset());
    rows.end();
  }

  @Override
  boolean tombstone(ConsumerRecord<byte[], byte[]> record, Rows rows) {
    return false;
  }
}
