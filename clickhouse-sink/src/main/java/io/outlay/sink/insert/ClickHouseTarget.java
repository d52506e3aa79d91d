package io.outlay.sink.insert;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.data.ClickHouseFormat;
import io.outlay.sink.row.RowWriter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * ClickHouse through its official client. Every insert is one block, synchronous and deduplicated
 * by token: more than one block would not be one atom, and an asynchronous insert is not applied
 * when it is acknowledged.
 */
public final class ClickHouseTarget implements Target {
  /** Far above any batch, so that a batch is one block. */
  private static final String ONE_BLOCK = "100000000";

  private final Client client;
  private final String database;
  private final long timeoutMillis;

  /**
   * @param timeoutMillis how long ClickHouse may be silent before an insert has failed
   */
  public ClickHouseTarget(Client client, String database, long timeoutMillis) {
    this.client = client;
    this.database = database;
    this.timeoutMillis = timeoutMillis;
  }

  @Override
  public void insert(String table, List<String> columns, RowWriter rows, String token)
      throws Exception {
    InsertSettings settings =
        new InsertSettings()
            .setDatabase(database)
            .setDeduplicationToken(token)
            .serverSetting("async_insert", "0")
            .serverSetting("insert_deduplicate", "1")
            .serverSetting("input_format_parallel_parsing", "0")
            .serverSetting("max_insert_block_size", ONE_BLOCK)
            .serverSetting("min_insert_block_size_rows", ONE_BLOCK)
            .serverSetting("min_insert_block_size_bytes", "0");
    settings.setNetworkTimeout(timeoutMillis, ChronoUnit.MILLIS);
    client
        .insert(table, columns, rows::writeTo, ClickHouseFormat.RowBinary, settings)
        .get(timeoutMillis * 2, TimeUnit.MILLISECONDS)
        .close();
  }
}
