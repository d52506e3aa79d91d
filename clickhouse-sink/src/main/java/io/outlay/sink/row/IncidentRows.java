package io.outlay.sink.row;

import io.outlay.schema.Incident;
import io.outlay.schema.IncidentSeverity;
import io.outlay.schema.IncidentStatus;
import io.outlay.schema.Notification;
import io.outlay.serde.AvroCodec;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Incidents: one row per change. A tombstone is a row that says deleted. */
public final class IncidentRows extends AvroRows<Incident> {
  private static final List<String> COLUMNS =
      List.of(
          "incident_id",
          "dedup_key",
          "status",
          "severity",
          "rule",
          "rule_type",
          "threshold",
          "scope",
          "window_start",
          "window_end",
          "timezone",
          "actual_usd",
          "expected_usd",
          "started_at",
          "detected_at",
          "updated_at",
          "resolved_at",
          "states",
          "notifications",
          "deleted",
          "kafka_offset");

  private static final BigDecimal ZERO = BigDecimal.valueOf(0, 12);
  private static final Incident NOTHING =
      Incident.newBuilder()
          .setIncidentId("")
          .setDedupKey("")
          .setStatus(IncidentStatus.RESOLVED)
          .setSeverity(IncidentSeverity.WARNING)
          .setRule("")
          .setRuleType("")
          .setThreshold("")
          .setScope(Map.of())
          .setWindowStartMicros(0)
          .setWindowEndMicros(0)
          .setTimezone("")
          .setActualUsd(ZERO)
          .setExpectedUsd(ZERO)
          .setStartedAtMicros(0)
          .setDetectedAtMicros(0)
          .setUpdatedAtMicros(0)
          .setStates(0)
          .build();

  public IncidentRows(AvroCodec<Incident> codec) {
    super("incidents_store", COLUMNS, codec);
  }

  @Override
  void write(ConsumerRecord<byte[], byte[]> record, Incident incident, Rows rows) {
    write(record, incident, false, rows);
  }

  @Override
  boolean tombstone(ConsumerRecord<byte[], byte[]> record, Rows rows) {
    write(record, NOTHING, true, rows);
    return true;
  }

  private static void write(
      ConsumerRecord<byte[], byte[]> record, Incident incident, boolean deleted, Rows rows) {
    byte[] id = key(record);
    RowWriter row = rows.begin(UNPARTITIONED);
    row.string(id);
    row.string(incident.getDedupKey());
    row.string(name(incident.getStatus()));
    row.string(name(incident.getSeverity()));
    row.string(incident.getRule());
    row.string(incident.getRuleType());
    row.string(incident.getThreshold());
    row.map(incident.getScope());
    row.int64(incident.getWindowStartMicros());
    row.int64(incident.getWindowEndMicros());
    row.string(incident.getTimezone());
    row.decimal128(incident.getActualUsd());
    row.decimal128(incident.getExpectedUsd());
    row.int64(incident.getStartedAtMicros());
    row.int64(incident.getDetectedAtMicros());
    row.int64(incident.getUpdatedAtMicros());
    nullableTime(row, incident.getResolvedAtMicros());
    row.int32(incident.getStates());
    row.size(incident.getNotifications().size());
    for (Notification notification : incident.getNotifications()) {
      row.string(notification.getReceiver());
      row.string(notification.getMessageId());
      row.int32(notification.getState());
      row.int32(notification.getAttempts());
      nullableTime(row, notification.getDeliveredAtMicros());
      row.string(notification.getLastError());
    }
    row.bool(deleted);
    row.int64(record.offset());
    rows.end();
  }
}
