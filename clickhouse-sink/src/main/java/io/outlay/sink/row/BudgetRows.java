package io.outlay.sink.row;

import io.outlay.schema.BudgetLevel;
import io.outlay.schema.BudgetState;
import io.outlay.serde.AvroCodec;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Budgets: one row per change. A tombstone is a row that says deleted. */
public final class BudgetRows extends AvroRows<BudgetState> {
  private static final List<String> COLUMNS =
      List.of(
          "name",
          "scope",
          "period",
          "period_start",
          "period_end",
          "limit_usd",
          "actual_usd",
          "level",
          "updated_at",
          "timezone",
          "forecast_usd",
          "forecast_level",
          "hard",
          "as_of",
          "revision",
          "deleted",
          "kafka_offset");

  private static final BigDecimal ZERO = BigDecimal.valueOf(0, 12);
  private static final BudgetState NOTHING =
      BudgetState.newBuilder()
          .setName("")
          .setScope(Map.of())
          .setPeriod("")
          .setPeriodStartMicros(0)
          .setPeriodEndMicros(0)
          .setLimitUsd(ZERO)
          .setActualUsd(ZERO)
          .setLevel(BudgetLevel.NORMAL)
          .setUpdatedAtMicros(0)
          .build();

  public BudgetRows(AvroCodec<BudgetState> codec) {
    super("budget_states_store", COLUMNS, codec);
  }

  @Override
  void write(ConsumerRecord<byte[], byte[]> record, BudgetState budget, Rows rows) {
    write(record, budget, false, rows);
  }

  @Override
  boolean tombstone(ConsumerRecord<byte[], byte[]> record, Rows rows) {
    write(record, NOTHING, true, rows);
    return true;
  }

  private static void write(
      ConsumerRecord<byte[], byte[]> record, BudgetState budget, boolean deleted, Rows rows) {
    byte[] name = key(record);
    RowWriter row = rows.begin(UNPARTITIONED);
    row.string(name);
    row.map(budget.getScope());
    row.string(budget.getPeriod());
    row.int64(budget.getPeriodStartMicros());
    row.int64(budget.getPeriodEndMicros());
    row.decimal128(budget.getLimitUsd());
    row.decimal128(budget.getActualUsd());
    row.string(name(budget.getLevel()));
    row.int64(budget.getUpdatedAtMicros());
    row.string(budget.getTimezone());
    BigDecimal forecast = budget.getForecastUsd();
    row.nullable(forecast == null);
    if (forecast != null) {
      row.decimal128(forecast);
    }
    row.string(name(budget.getForecastLevel()));
    row.bool(budget.getHard());
    nullableTime(row, budget.getAsOfMicros());
    row.int64(budget.getRevision());
    row.bool(deleted);
    row.int64(record.offset());
    rows.end();
  }
}
