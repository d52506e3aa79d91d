package io.outlay.sink.row;

import io.outlay.schema.LedgerEntry;
import io.outlay.serde.AvroCodec;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The ledger: one row per entry; the highest revision of a partition holds. */
public final class LedgerRows extends AvroRows<LedgerEntry> {
  private static final List<String> COLUMNS =
      List.of(
          "partition",
          "next_offset",
          "records",
          "skipped_offsets",
          "first_skipped_offset",
          "priced",
          "unpriced",
          "free",
          "duplicates",
          "replays",
          "dead_letters",
          "cost",
          "list_cost",
          "avoided_cost",
          "revision",
          "time",
          "kafka_offset");

  public LedgerRows(AvroCodec<LedgerEntry> codec) {
    super("ledger_store", COLUMNS, codec);
  }

  @Override
  void write(ConsumerRecord<byte[], byte[]> record, LedgerEntry entry, Rows rows) {
    RowWriter row = rows.begin(UNPARTITIONED);
    row.int32(entry.getPartition());
    row.int64(entry.getNextOffset());
    row.int64(entry.getRecords());
    row.int64(entry.getSkippedOffsets());
    row.nullable(entry.getFirstSkippedOffset() < 0);
    if (entry.getFirstSkippedOffset() >= 0) {
      row.int64(entry.getFirstSkippedOffset());
    }
    row.int64(entry.getPriced());
    row.int64(entry.getUnpriced());
    row.int64(entry.getFree());
    row.int64(entry.getDuplicates());
    row.int64(entry.getReplays());
    row.size(entry.getDeadLetters().size());
    for (Map.Entry<String, Long> letters : entry.getDeadLetters().entrySet()) {
      row.string(letters.getKey());
      row.int64(letters.getValue());
    }
    row.decimal128(entry.getCost());
    row.decimal128(entry.getListCost());
    row.decimal128(entry.getAvoidedCost());
    row.int64(entry.getRevision());
    row.int64(entry.getTimeMicros());
    row.int64(record.offset());
    rows.end();
  }
}
