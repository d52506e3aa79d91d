package io.outlay.sink.row;

import io.outlay.schema.Incident;
import io.outlay.schema.IncidentCause;
import io.outlay.schema.IncidentChild;
import io.outlay.schema.IncidentDrivers;
import io.outlay.schema.IncidentSeverity;
import io.outlay.schema.IncidentStatus;
import io.outlay.schema.Notification;
import io.outlay.serde.AvroCodec;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

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
          "metric",
          "unit",
          "actual",
          "expected",
          "impact_usd",
          "projected_usd",
          "confidence",
          "notes",
          "causes",
          "volume_usd",
          "unit_price_usd",
          "mix_usd",
          "children",
          "acknowledged_by",
          "acknowledged_at",
          "silenced_until",
          "silenced_by",
          "silence_reason",
          "resolution",
          "resolved_by",
          "reopened",
          "notifications",
          "deleted",
          "kafka_offset");

  private static final int SHARE_PLACES = 4;
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
    figures(row, incident);
    life(row, incident);
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

  private static void figures(RowWriter row, Incident incident) {
    row.string(incident.getMetric());
    row.string(incident.getUnit());
    row.string(incident.getActual());
    row.string(incident.getExpected());
    nullableAmount(row, incident.getImpactUsd());
    nullableAmount(row, incident.getProjectedUsd());
    BigDecimal confidence = incident.getConfidence();
    row.nullable(confidence == null);
    if (confidence != null) {
      share(row, confidence);
    }
    row.size(incident.getNotes().size());
    incident.getNotes().forEach(row::string);
    row.size(incident.getCauses().size());
    for (IncidentCause cause : incident.getCauses()) {
      row.string(cause.getDimension());
      row.string(cause.getValue());
      row.decimal128(cause.getDeltaUsd());
      share(row, cause.getShare());
    }
    IncidentDrivers drivers = incident.getDrivers();
    nullableAmount(row, drivers == null ? null : drivers.getVolumeUsd());
    nullableAmount(row, drivers == null ? null : drivers.getUnitPriceUsd());
    nullableAmount(row, drivers == null ? null : drivers.getMixUsd());
    row.size(incident.getChildren().size());
    for (IncidentChild child : incident.getChildren()) {
      row.map(child.getScope());
      row.decimal128(child.getImpactUsd());
    }
  }

  private static void life(RowWriter row, Incident incident) {
    row.string(incident.getAcknowledgedBy());
    nullableTime(row, incident.getAcknowledgedAtMicros());
    nullableTime(row, incident.getSilencedUntilMicros());
    row.string(incident.getSilencedBy());
    row.string(incident.getSilenceReason());
    row.string(incident.getResolution());
    row.string(incident.getResolvedBy());
    row.int32(incident.getReopened());
  }

  private static void nullableAmount(RowWriter row, @Nullable BigDecimal amount) {
    row.nullable(amount == null);
    if (amount != null) {
      row.decimal128(amount);
    }
  }

  /** {@code Decimal(18, 4)}. */
  private static void share(RowWriter row, BigDecimal share) {
    row.int64(share.setScale(SHARE_PLACES).unscaledValue().longValueExact());
  }
}
