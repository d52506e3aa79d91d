package io.outlay.sink.row;

import io.outlay.schema.Repricing;
import io.outlay.schema.RepricingFilter;
import io.outlay.schema.RepricingShare;
import io.outlay.schema.RepricingState;
import io.outlay.serde.AvroCodec;
import java.math.BigDecimal;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Repricings: one row per change. A tombstone is a row that says deleted. */
public final class RepricingRows extends AvroRows<Repricing> {
  private static final List<String> COLUMNS =
      List.of(
          "id",
          "state",
          "dry_run",
          "type",
          "provider",
          "model",
          "team",
          "customer",
          "unpriced_only",
          "from_time",
          "to_time",
          "requested_by",
          "reason",
          "requested_at",
          "started_at",
          "finished_at",
          "facts_total",
          "facts_read",
          "facts_changed",
          "facts_failed",
          "unpriced_before",
          "unpriced_after",
          "old_cost",
          "new_cost",
          "old_list_cost",
          "new_list_cost",
          "old_avoided_cost",
          "new_avoided_cost",
          "shares",
          "error",
          "deleted",
          "kafka_offset");

  private static final BigDecimal ZERO = BigDecimal.valueOf(0, 12);
  private static final Repricing NOTHING =
      Repricing.newBuilder()
          .setId("")
          .setState(RepricingState.DONE)
          .setDryRun(false)
          .setFilter(RepricingFilter.newBuilder().build())
          .setRequestedBy("")
          .setReason("")
          .setRequestedAtMicros(0)
          .setOldCost(ZERO)
          .setNewCost(ZERO)
          .setOldListCost(ZERO)
          .setNewListCost(ZERO)
          .setOldAvoidedCost(ZERO)
          .setNewAvoidedCost(ZERO)
          .setShares(List.of())
          .build();

  public RepricingRows(AvroCodec<Repricing> codec) {
    super("repricings_store", COLUMNS, codec);
  }

  @Override
  void write(ConsumerRecord<byte[], byte[]> record, Repricing repricing, Rows rows) {
    write(record, repricing, false, rows);
  }

  @Override
  boolean tombstone(ConsumerRecord<byte[], byte[]> record, Rows rows) {
    write(record, NOTHING, true, rows);
    return true;
  }

  private static void write(
      ConsumerRecord<byte[], byte[]> record, Repricing repricing, boolean deleted, Rows rows) {
    byte[] id = key(record);
    RepricingFilter filter = repricing.getFilter();
    RowWriter row = rows.begin(UNPARTITIONED);
    row.string(id);
    row.string(name(repricing.getState()));
    row.bool(repricing.getDryRun());
    row.string(filter.getType());
    row.string(filter.getProvider());
    row.string(filter.getModel());
    row.string(filter.getTeam());
    row.string(filter.getCustomer());
    row.bool(filter.getUnpricedOnly());
    nullableTime(row, filter.getFromMicros());
    nullableTime(row, filter.getToMicros());
    row.string(repricing.getRequestedBy());
    row.string(repricing.getReason());
    row.int64(repricing.getRequestedAtMicros());
    nullableTime(row, repricing.getStartedAtMicros());
    nullableTime(row, repricing.getFinishedAtMicros());
    row.int64(repricing.getFactsTotal());
    row.int64(repricing.getFactsRead());
    row.int64(repricing.getFactsChanged());
    row.int64(repricing.getFactsFailed());
    row.int64(repricing.getUnpricedBefore());
    row.int64(repricing.getUnpricedAfter());
    row.decimal128(repricing.getOldCost());
    row.decimal128(repricing.getNewCost());
    row.decimal128(repricing.getOldListCost());
    row.decimal128(repricing.getNewListCost());
    row.decimal128(repricing.getOldAvoidedCost());
    row.decimal128(repricing.getNewAvoidedCost());
    row.size(repricing.getShares().size());
    for (RepricingShare share : repricing.getShares()) {
      row.string(share.getTeam());
      row.string(share.getModel());
      row.int64(share.getFacts());
      row.decimal128(share.getOldCost());
      row.decimal128(share.getNewCost());
    }
    row.string(repricing.getError());
    row.bool(deleted);
    row.int64(record.offset());
    rows.end();
  }
}
