package io.outlay.sink.row;

import io.outlay.schema.Replay;
import io.outlay.serde.AvroCodec;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Replays: one row per dead letter that was sent through again. */
public final class ReplayRows extends AvroRows<Replay> {
  private static final List<String> COLUMNS =
      List.of(
          "topic",
          "partition",
          "offset",
          "reason",
          "dead_letter_partition",
          "dead_letter_offset",
          "key_corrected",
          "replayed_at",
          "replayed_by",
          "why",
          "kafka_offset");

  public ReplayRows(AvroCodec<Replay> codec) {
    super("replays_store", COLUMNS, codec);
  }

  @Override
  void write(ConsumerRecord<byte[], byte[]> record, Replay replay, Rows rows) {
    long replayedAt = time("replayedAt", replay.getReplayedAtMicros());
    RowWriter row = rows.begin(UNPARTITIONED);
    row.string(replay.getTopic());
    row.int32(replay.getPartition());
    row.int64(replay.getOffset());
    row.string(name(replay.getReason()));
    row.int32(replay.getDeadLetterPartition());
    row.int64(replay.getDeadLetterOffset());
    row.bool(replay.getKeyCorrected());
    row.int64(replayedAt);
    row.string(replay.getReplayedBy());
    row.string(replay.getWhy());
    row.int64(record.offset());
    rows.end();
  }
}
