package io.outlay.sink.row;

import io.outlay.serde.RegistryException;
import io.outlay.serde.UnreadableRecordException;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * How the records of a topic become rows of a table. It sees bytes, so that an implementation may
 * turn them into RowBinary without objects between. The same record gives the same bytes. For one
 * thread.
 */
public interface RowEncoder {
  /** Partition of tables that have none. */
  String UNPARTITIONED = "all";

  /** The table, without the database. */
  String table();

  /** The columns in the order in which rows have them. */
  List<String> columns();

  /**
   * Appends the row of a record.
   *
   * @return false if the record has no row by its nature; it is then counted as skipped
   * @throws UnreadableRecordException if the bytes are no value of the topic
   * @throws InvalidRowException if the value does not fit the table
   * @throws RegistryException if the registry is needed and away; worth trying again
   */
  boolean encode(ConsumerRecord<byte[], byte[]> record, Rows rows);
}
